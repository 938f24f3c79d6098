"""The sink that keeps the last runs."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, Fault
from prober.model.run import Outcome, Result
from prober.sinks.history import FAILURES_IN_ALL, History, Past, availability
from tests.sinks.makers import NOON, SECOND, failed, ok, probe


def results(number: int, *, bad: bool) -> Result:
    """The run with that number."""
    at_ns = NOON + number * SECOND
    return failed(at_ns=at_ns, detail="reset") if bad else ok(at_ns=at_ns)


@given(runs=st.lists(st.booleans(), max_size=40), size=st.integers(1, 8), failures=st.integers(2, 5))
def test_the_last_runs_are_kept_newest_first(runs: list[bool], size: int, failures: int) -> None:
    """Whatever comes, the ring holds the last runs, and beside it the last failures whole."""
    history = History(runs=size, failures=failures)
    history.configure((probe(),), None)
    made = [results(number, bad=bad) for number, bad in enumerate(runs)]
    for result in made:
        history.record(probe(), result)
    kept = history.runs("chat-probe")
    assert [past.started_at_ns for past in kept] == [result.started_at_ns for result in made[::-1][:size]]
    assert [past.outcome for past in kept] == [result.outcome for result in made[::-1][:size]]
    bad = [result for result in made[::-1] if result.outcome is Outcome.FAIL]
    assert list(history.failures("chat-probe")) == bad[:failures]
    assert history.last("chat-probe") is (made[-1] if made else None)


@pytest.mark.parametrize("error_class", ErrorClass)
def test_a_run_comes_back_as_it_was(error_class: ErrorClass) -> None:
    """Class, fault and detail survive the packing."""
    history = History()
    history.configure((probe(),), None)
    for detail in (None, *DETAILS):
        history.record(probe(), failed(error_class=error_class, detail=detail))
        newest = history.runs("chat-probe")[0]
        assert (newest.error_class, newest.detail) == (error_class, detail)


def test_measures_that_charts_need_survive() -> None:
    """First token and HTTP status are kept of every run."""
    history = History()
    history.configure((probe(),), None)
    history.record(probe(), ok(measures={"first_token_seconds": 0.25, "http_status": 200}))
    assert history.runs("chat-probe") == (
        Past(
            started_at_ns=NOON,
            duration_ns=SECOND // 4,
            outcome=Outcome.OK,
            first_token_ns=SECOND // 4,
            http_status=200,
        ),
    )


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1.0, 1e30, "soon", None])
def test_an_odd_measure_is_none(odd: float | str | None) -> None:
    """A measure that is no sensible time does not stop the recording."""
    history = History()
    history.configure((probe(),), None)
    history.record(probe(), ok(measures={"first_token_seconds": odd, "http_status": 70_000}))
    assert history.runs("chat-probe")[0].first_token_ns is None
    assert history.runs("chat-probe")[0].http_status is None


def test_the_last_success_is_remembered() -> None:
    """Failures after it do not move it."""
    history = History(runs=1)
    history.configure((probe(),), None)
    assert history.last_success_ns("chat-probe") is None
    history.record(probe(), ok(at_ns=NOON, duration_ns=SECOND))
    history.record(probe(), failed(at_ns=NOON + 60 * SECOND))
    assert history.last_success_ns("chat-probe") == NOON + SECOND


def test_a_reload_forgets_what_is_gone() -> None:
    """Probes that stay keep their past; a removed one that ends late leaves no trace."""
    history = History()
    history.configure((probe("a"), probe("b")), None)
    history.record(probe("a"), ok("a"))
    history.record(probe("b"), ok("b"))
    history.configure((probe("a"),), None)
    history.record(probe("b"), ok("b"))
    history.skip(probe("b"), "overrun")
    assert len(history.runs("a")) == 1
    assert history.runs("b") == ()
    assert history.failures("b") == ()
    assert (history.last("b"), history.last_success_ns("b"), history.skipped("b")) == (None, None, None)


def test_a_skipped_run_is_told_until_the_next_one() -> None:
    """The reason stands until a run takes place."""
    history = History()
    history.configure((probe(),), None)
    history.skip(probe(), "budget")
    history.skip(probe(), "budget")
    assert history.skipped("chat-probe") == "budget"
    history.record(probe(), ok())
    assert history.skipped("chat-probe") is None


def test_with_many_probes_fewer_failures_are_kept() -> None:
    """An outage of everything must not fill the memory."""
    count = FAILURES_IN_ALL // 4
    history = History()
    probes = tuple(probe(f"p{number}") for number in range(count))
    history.configure(probes[:1], None)
    for number in range(10):
        history.record(probes[0], failed("p0", at_ns=NOON + number))
    history.configure(probes, None)
    assert [result.started_at_ns - NOON for result in history.failures("p0")] == [9, 8, 7, 6]


def test_a_run_takes_thirty_bytes() -> None:
    """Sixty runs of a probe fit in two kilobytes."""
    history = History()
    history.configure((probe(),), None)
    for number in range(200):
        history.record(probe(), ok(at_ns=NOON + number))
    packed = history._tracks["chat-probe"].packed
    assert len(packed) == 60 * 30
    assert sys.getsizeof(packed) < 2600


@pytest.mark.parametrize(
    ("runs", "share"),
    [
        pytest.param([], None, id="no runs"),
        pytest.param([ok(), ok(slow=True)], 1.0, id="slow is available"),
        pytest.param([ok(), failed()], 0.5, id="half"),
        pytest.param([failed(error_class=ErrorClass.AUTH_REJECTED)], None, id="our fault counts on neither side"),
        pytest.param([ok(), failed(error_class=ErrorClass.PROBER_ERROR)], 1.0, id="nor does our error"),
        pytest.param([ok(), failed(error_class=ErrorClass.DNS_ERROR, fault=Fault.LOCAL)], 1.0, id="nor our network"),
    ],
)
def test_availability_is_the_one_definition(runs: list[Result], share: float | None) -> None:
    """Only failures of the target, the network or an unknown party are bad (design, section 8)."""
    history = History()
    history.configure((probe(),), None)
    for result in runs:
        history.record(probe(), result)
    assert availability(history.runs("chat-probe")) == share
