"""What one run changes in the metrics."""

from __future__ import annotations

import pytest

from prober.model.errors import ErrorClass
from prober.model.run import Measure, Outcome, Phase, Result
from tests.sinks.metrics_cases import NOON, SECOND, metrics_of, phases, probe, result, samples, step, value

FAILED = result(Outcome.FAIL, seconds=2.0, error=ErrorClass.TLS_ERROR)
ERROR = result(Outcome.ERROR, seconds=2.0, error=ErrorClass.PROBER_ERROR)
TAINTED = result(Outcome.OK, seconds=2.0, tainted=True, phases=phases(connect=1.0))


@pytest.mark.parametrize(
    ("run", "counted_as", "success", "histogram"),
    [
        pytest.param(result(), "ok", 1.0, "success", id="ok"),
        pytest.param(result(Outcome.SLOW), "slow", 1.0, "success", id="slow"),
        pytest.param(FAILED, "fail", 0.0, "failure", id="fail"),
        pytest.param(ERROR, "error", 0.0, None, id="error"),
        pytest.param(TAINTED, "ok", 1.0, None, id="tainted"),
    ],
)
def test_where_a_run_is_counted(run: Result, counted_as: str, success: float, histogram: str | None) -> None:
    """An error is neither success nor failure of the target, and times that are void are in no histogram."""
    metrics = metrics_of(probe())
    metrics.record(probe(), run)
    runs = {name: value(metrics, "prober_probe_runs_total", result=name) for name in ("ok", "slow", "fail", "error")}
    assert runs == {"ok": 0.0, "slow": 0.0, "fail": 0.0, "error": 0.0} | {counted_as: 1.0}
    assert value(metrics, "prober_probe_success") == success
    counts = {
        name: value(metrics, "prober_probe_duration_seconds_count", outcome=name) for name in ("success", "failure")
    }
    assert counts == {"success": 0.0, "failure": 0.0} | ({histogram: 1.0} if histogram else {})
    assert value(metrics, "prober_probe_last_duration_seconds") == (run.duration_ns / 1e9 if histogram else None)
    assert value(metrics, "prober_probe_last_run_timestamp_seconds") == NOON / 1e9 + run.duration_ns / 1e9


def test_failures_are_counted_by_class_and_errors_too() -> None:
    """Each failed run adds one to one series."""
    metrics = metrics_of(probe())
    for run in (FAILED, FAILED, ERROR, result()):
        metrics.record(probe(), run)
    found = {labels: each for (name, labels), each in samples(metrics).items() if name == "prober_probe_failures_total"}
    assert sorted(found.values())[-2:] == [1.0, 2.0]
    assert sum(found.values()) == 3.0
    assert value(metrics, "prober_probe_failures_total", error_class="tls_error", fault="target") == 2.0
    assert value(metrics, "prober_probe_failures_total", error_class="prober_error", fault="us") == 1.0


def test_an_error_is_no_success() -> None:
    """The last success keeps its time."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result())
    metrics.record(probe(), result(Outcome.ERROR, error=ErrorClass.PROBER_ERROR, at_ns=NOON + 60 * SECOND))
    assert value(metrics, "prober_probe_success") == 0.0
    assert value(metrics, "prober_probe_last_success_timestamp_seconds") == NOON / 1e9 + 0.25
    assert value(metrics, "prober_probe_last_run_timestamp_seconds") == NOON / 1e9 + 60.25
    metrics.record(probe(), result())
    assert value(metrics, "prober_probe_success") == 1.0


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(0.0, "0.001"), (0.001, "0.001"), (0.0011, "0.0025"), (60.0, "60.0"), (60.1, "+Inf")],
)
def test_a_bound_is_inside_its_bucket(seconds: float, first: str) -> None:
    """Buckets are cumulative, from the first that holds the value."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result(seconds=seconds))
    found = {
        dict(labels)["le"]: each
        for (name, labels), each in samples(metrics).items()
        if name == "prober_probe_duration_seconds_bucket" and ("outcome", "success") in labels
    }
    assert {le for le, each in found.items() if each == 1.0} == {le for le in found if float(le) >= float(first)}
    assert value(metrics, "prober_probe_duration_seconds_sum", outcome="success") == seconds


def test_configured_buckets_are_those_of_the_duration_only() -> None:
    """First token and step keep the buckets of the kind."""
    metrics = metrics_of(probe(kind="chat", buckets=(1.0, 2.0)))
    found = [
        dict(labels) for name, labels in samples(metrics) if name.endswith("_bucket") and ("probe", "one") in labels
    ]
    assert {each["le"] for each in found if each.get("outcome") == "success"} == {"1.0", "2.0", "+Inf"}
    assert "163.84" in {each["le"] for each in found}


def test_phases_are_summed_over_the_exchanges_of_a_run() -> None:
    """Two redirects are one run with a longer connect; what was not finished, or failed, has no time."""
    metrics = metrics_of(probe())
    twice = (*phases(connect=0.1, tls=0.2), *phases(connect=0.3))
    broken = Phase(name="request", offset_ns=0, duration_ns=SECOND, finished=False)
    metrics.record(probe(), result(phases=(*twice, broken)))
    metrics.record(probe(), result(phases=phases(connect=0.1)))
    metrics.record(probe(), result(Outcome.FAIL, error=ErrorClass.TLS_ERROR, phases=phases(connect=5.0)))
    for phase, (count, total) in {"connect": (2.0, 0.5), "tls": (1.0, 0.2), "request": (0.0, 0.0)}.items():
        assert value(metrics, "prober_probe_phase_seconds_count", phase=phase) == count
        assert value(metrics, "prober_probe_phase_seconds_sum", phase=phase) == total


def test_a_phase_that_the_kind_does_not_name_makes_no_series() -> None:
    """The set of phases is closed."""
    metrics = metrics_of(probe())
    before = set(samples(metrics))
    metrics.record(probe(), result(phases=phases(surprise=1.0)))
    assert not {each for each in set(samples(metrics)) - before if each[0].startswith("prober_probe_phase")}


def test_http_status_is_that_of_the_last_run() -> None:
    """A run that got no answer has none, rather than that of an earlier one."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result(measures={"http_status": 503}))
    assert value(metrics, "prober_probe_http_status") == 503.0
    metrics.record(probe(), FAILED)
    assert value(metrics, "prober_probe_http_status") is None


def test_certificate_expiry_is_known_from_failed_runs_and_stays_known() -> None:
    """That a certificate has expired can be alerted on, while handshakes fail."""
    metrics = metrics_of(probe())
    expired = result(Outcome.FAIL, error=ErrorClass.TLS_ERROR, measures={"certificate_expiry": 1_700_000_000.0})
    metrics.record(probe(), expired)
    metrics.record(probe(), FAILED)
    assert value(metrics, "prober_probe_certificate_expiry_timestamp_seconds") == 1_700_000_000.0


def test_rate_limits_are_the_last_known_and_zero_is_a_value() -> None:
    """What a header said once holds until a header says otherwise."""
    metrics = metrics_of(probe(kind="chat"))
    metrics.record(probe(kind="chat"), result(measures={"requests_remaining": 0, "tokens_limit": 1000}))
    metrics.record(probe(kind="chat"), result(measures={"tokens_remaining": 7}))
    assert value(metrics, "prober_rate_limit_remaining", resource="requests") == 0.0
    assert value(metrics, "prober_rate_limit_remaining", resource="tokens") == 7.0
    assert value(metrics, "prober_rate_limit_limit", resource="tokens") == 1000.0
    assert value(metrics, "prober_rate_limit_limit", resource="requests") is None


def test_chat_times_come_from_successful_runs() -> None:
    """First token, first visible token, largest gap, and tokens per second."""
    metrics = metrics_of(probe(kind="chat"))
    measures: dict[str, Measure] = {
        "first_token_seconds": 0.5,
        "first_visible_token_seconds": 1.5,
        "max_gap_seconds": 0.125,
        "output_tokens_per_second": 80.0,
    }
    metrics.record(probe(kind="chat"), result(measures=measures))
    metrics.record(probe(kind="chat"), result(Outcome.FAIL, error=ErrorClass.STREAM_STALLED, measures=measures))
    metrics.record(probe(kind="chat"), result(measures=measures, tainted=True))
    for name in ("first_token", "first_visible_token", "max_gap"):
        assert value(metrics, f"prober_chat_{name}_seconds_count") == 1.0
        assert value(metrics, f"prober_chat_{name}_seconds_sum") == measures[f"{name}_seconds"]
    assert value(metrics, "prober_chat_output_tokens_per_second") == 80.0


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param({"input_tokens": 20, "output_tokens": 16}, (20, 0, 16, 0), id="plain"),
        pytest.param(
            {"input_tokens": 20, "cached_tokens": 5, "output_tokens": 16, "reasoning_tokens": 10},
            (15, 5, 6, 10),
            id="all",
        ),
        pytest.param({"input_tokens": 3, "cached_tokens": 5}, (0, 5, 0, 0), id="more-cached-than-there-are"),
        pytest.param({"output_tokens": None, "reasoning_tokens": None}, (0, 0, 0, 0), id="unknown"),
        pytest.param({"input_tokens": -3, "output_tokens": float("nan")}, (0, 0, 0, 0), id="nonsense"),
        pytest.param({"input_tokens": 10**400, "output_tokens": True}, (0, 0, 0, 0), id="beyond-any-use"),
    ],
)
def test_token_types_are_disjoint(measures: dict[str, Measure], expected: tuple[float, ...]) -> None:
    """The measures are totals; the four series add up to them. A failed run costs tokens as well."""
    metrics = metrics_of(probe(kind="chat"))
    metrics.record(probe(kind="chat"), result(Outcome.FAIL, error=ErrorClass.CONTENT_MISMATCH, measures=measures))
    types = ("input", "cached", "output", "reasoning")
    assert tuple(value(metrics, "prober_chat_tokens_total", type=each) for each in types) == expected


def test_cost_adds_up() -> None:
    """In the currency of the label."""
    metrics = metrics_of(probe(kind="chat"))
    for cost in (0.25, 0.5, None):
        metrics.record(probe(kind="chat"), result(measures={"cost": cost}))
    assert value(metrics, "prober_chat_cost_total", currency="USD") == 0.75


def test_the_end_of_a_model_is_known_until_it_is_taken_back() -> None:
    """Runs that did not ask change nothing; where no date is announced any more there is no sample."""
    metrics, name = metrics_of(probe(kind="chat")), "prober_model_shutdown_timestamp_seconds"
    seen = []
    for measures in ({}, {"model_shutdown_timestamp": 1796947200.0}, {}, {"model_shutdown_timestamp": None}):
        metrics.record(probe(kind="chat"), result(measures=measures))
        seen.append(value(metrics, name, model="some-model"))
    assert seen == [None, 1796947200.0, 1796947200.0, None]


def test_steps_are_timed_in_successful_runs_and_counted_when_they_fail() -> None:
    """A failed step is counted by class also where the run goes on; a skipped one is neither."""
    metrics = metrics_of(probe(kind="login"))
    skipped = step("whoami")
    login = probe(kind="login")
    metrics.record(login, result(steps=(step("page", 0.1), step("submit", 0.2))))
    allowed = step("submit", error=ErrorClass.SERVER_ERROR)
    metrics.record(login, result(steps=(step("page", 0.1), allowed)))
    failed = (step("page", 9.0), step("submit", error=ErrorClass.AUTH_REJECTED))
    metrics.record(login, result(Outcome.FAIL, error=ErrorClass.AUTH_REJECTED, steps=failed))
    assert value(metrics, "prober_login_step_seconds_count", step="page") == 2.0
    assert value(metrics, "prober_login_step_seconds_sum", step="page") == 0.2
    assert value(metrics, "prober_login_step_seconds_count", step=skipped.name) == 0.0
    for error in (ErrorClass.SERVER_ERROR, ErrorClass.AUTH_REJECTED):
        assert value(metrics, "prober_login_step_failures_total", step="submit", error_class=error) == 1.0


def test_the_breaker_is_open_from_the_refusal_until_a_run_is_not_refused() -> None:
    """A refused password opens it, a skip keeps it open, and the next run that is not refused closes it."""
    login = probe(kind="login")
    metrics = metrics_of(login)
    assert value(metrics, "prober_credentials_breaker_open") == 0.0
    metrics.record(login, result(Outcome.FAIL, error=ErrorClass.AUTH_REJECTED, detail="bad_credentials"))
    assert value(metrics, "prober_credentials_breaker_open") == 1.0
    metrics.record(login, result())
    assert value(metrics, "prober_credentials_breaker_open") == 0.0
    metrics.skip(login, "breaker")
    assert value(metrics, "prober_credentials_breaker_open") == 1.0


def test_skipped_runs_are_counted_by_reason() -> None:
    """Nothing else changes."""
    metrics = metrics_of(probe())
    for reason in ("overrun", "overrun", "budget"):
        metrics.skip(probe(), reason)
    reasons = ("overrun", "overload", "budget", "breaker", "disabled")
    found = [value(metrics, "prober_probe_skipped_total", reason=reason) for reason in reasons]
    assert found == [2.0, 0.0, 1.0, 0.0, 0.0]
    assert value(metrics, "prober_probe_runs_total", result="ok") == 0.0
