"""The geometry of the small charts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prober.model.errors import ErrorClass, Fault
from prober.model.run import Outcome
from prober.sinks.history import Past
from prober.web.drawing import TICKS, chart, spans, strip
from tests.sinks.makers import NOON, SECOND


def past(
    outcome: Outcome = Outcome.OK, *, fault: Fault | None = None, duration_ns: int = SECOND, first: int | None = None
) -> Past:
    """One run as the history keeps it."""
    return Past(
        started_at_ns=NOON,
        duration_ns=duration_ns,
        outcome=outcome,
        error_class=None if fault is None else ErrorClass.SERVER_ERROR,
        fault=fault,
        first_token_ns=first,
    )


def test_a_strip_says_in_words_what_it_shows() -> None:
    """Whoever cannot see the colours is told the counts."""
    runs = [past(), past(Outcome.SLOW), past(Outcome.FAIL, fault=Fault.TARGET), past(Outcome.ERROR, fault=Fault.US)]
    assert strip(runs).label == "last 4 runs: 1 ok, 1 slow, 1 failed, 1 not measured"
    assert strip([past()]).label == "last run: 1 ok"
    assert strip([]).label == "no runs yet"


def test_a_failure_of_ours_is_grey() -> None:
    """A blind run has the height of a failure and not its colour."""
    drawn = dict(strip([past(Outcome.FAIL, fault=Fault.US), past(Outcome.FAIL, fault=Fault.TARGET)]).paths)
    assert set(drawn) == {"blind", "fail", "empty"}


@given(st.lists(st.sampled_from(Outcome), max_size=TICKS + 20))
def test_a_strip_has_always_as_many_ticks(outcomes: list[Outcome]) -> None:
    """Missing runs are drawn as missing, runs beyond the width are left out."""
    drawn = strip([past(outcome) for outcome in outcomes])
    assert sum(path.count("M") for _, path in drawn.paths) == TICKS


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.none() | st.integers(0, 10**12)),
        max_size=60,
    )
)
def test_bars_stay_inside_the_chart(lengths: list[tuple[int, int | None]]) -> None:
    """Whatever the durations are, also none at all."""
    runs = [past(duration_ns=length, first=first) for length, first in lengths]
    drawn = chart(runs, [str(place) for place, _ in enumerate(runs)])
    assert [bar.title for bar in drawn.bars] == [str(place) for place, _ in enumerate(runs)]
    for bar in drawn.bars:
        assert 0 <= bar.x <= drawn.width - 11
        assert 0 < bar.height <= drawn.height
        assert bar.mark is None or 0 <= bar.mark <= drawn.height


def test_bars_of_few_runs_are_as_narrow_as_those_of_many() -> None:
    """Two runs do not fill the page: they stand at the right, where the newest are."""
    drawn = chart([past(), past()], ["newest", "before"])
    assert drawn.width == chart([past()] * TICKS, ["run"] * TICKS).width
    assert [bar.x for bar in drawn.bars] == [drawn.width - 11, drawn.width - 23]


@given(st.lists(st.tuples(st.integers(-5, 10**11), st.integers(0, 10**11)), max_size=20), st.integers(0, 10**11))
def test_spans_stay_on_their_axis(parts: list[tuple[int, int]], total: int) -> None:
    """A part may begin early or end late; its bar begins on the axis, and is long enough to be seen."""
    for span, (_, length) in zip(
        spans([("phase", offset, length, "done") for offset, length in parts], total), parts, strict=True
    ):
        assert 0 <= span.x <= 1000
        assert span.width >= (3 if length else 0)
        assert span.x + span.width <= 1003.1
