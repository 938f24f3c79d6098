"""The rules of health, as tables and as properties."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.sinks.state_rules import (
    FLAP_CHANGES,
    FLAP_WINDOW_NS,
    PROBE_STATES,
    SERVICE_STATES,
    SEVERITY,
    Sight,
    Standing,
    State,
    Thresholds,
    advance,
    blinded,
    service_state,
    sight_of,
)
from tests.sinks.makers import MINUTE, SECOND, failed, ok

SIGHTS = {"G": Sight.GOOD, "S": Sight.SLOW, "B": Sight.BAD, "?": Sight.BLIND}
LETTERS = {State.UP: "u", State.DEGRADED: "g", State.DOWN: "d", State.UNKNOWN: "?"}


def play(sights: str, *, every_ns: int = MINUTE, thresholds: Thresholds | None = None) -> list[Standing]:
    """The standings after each of these sights."""
    standing, standings = Standing(), []
    for number, letter in enumerate(sights):
        began_ns = number * every_ns
        standing = advance(
            standing,
            SIGHTS[letter],
            began_ns=began_ns,
            ended_ns=began_ns + SECOND,
            thresholds=thresholds or Thresholds(),
        )
        standings.append(standing)
    return standings


@pytest.mark.parametrize(
    ("sights", "states"),
    [
        pytest.param("G", "u", id="the first success makes it up at once"),
        pytest.param("S", "g", id="a slow first success makes it degraded"),
        pytest.param("BB", "?d", id="the first failures need down_after"),
        pytest.param("GBG", "uuu", id="one failure is not down"),
        pytest.param("GBB", "uud", id="down after two"),
        pytest.param("GBBG", "uudd", id="one success is not up again"),
        pytest.param("GBBGG", "uuddu", id="up after two"),
        pytest.param("GBBGBG", "uudddd", id="a failure between starts the count again"),
        pytest.param("GSG", "ugu", id="slow is degraded, and over with the next fast run"),
        pytest.param("SBG", "ggu", id="a failure does not hide that the last success was slow"),
        pytest.param("GBBSS", "uuddg", id="slow successes end an outage too"),
        pytest.param("G?", "u?", id="one blind run is enough"),
        pytest.param("GBB?", "uud?", id="a probe that is down and loses its key is blind, not down"),
        pytest.param("GBB?G", "uud?u", id="after blindness a success is up"),
        pytest.param("G?BB", "u??d", id="after blindness failures need down_after"),
        pytest.param("GB?B", "uu??", id="failures with a blind run between are not in a row"),
        pytest.param("GBGBG", "uuuug", id="the fourth change is flapping"),
        pytest.param("GBGBBB", "uuuudd", id="flapping does not hide down"),
    ],
)
def test_states_follow_the_runs(sights: str, states: str) -> None:
    """Each row plays a row of runs and names the state after each."""
    assert "".join(LETTERS[standing.state] for standing in play(sights)) == states


def test_flapping_ends_with_its_window() -> None:
    """Thirty minutes after the first of four changes the probe is up again."""
    steady = "GBGBG" + "G" * 40
    states = [standing.state for standing in play(steady)]
    first_change_ns = MINUTE + SECOND
    for number, state in enumerate(states[4:], start=4):
        inside = number * MINUTE + SECOND - first_change_ns <= FLAP_WINDOW_NS
        assert state is (State.DEGRADED if inside else State.UP), number


def test_slow_changes_are_far_apart_enough_not_to_flap() -> None:
    """Four changes in more than half an hour are not flapping."""
    assert play("GBGBG", every_ns=11 * MINUTE)[-1].state is State.UP


def test_thresholds_are_those_of_the_probe() -> None:
    """With down_after 3 and up_after 1 the same runs come to other states."""
    standings = play("GBBBG", thresholds=Thresholds(down_after=3, up_after=1))
    assert "".join(LETTERS[standing.state] for standing in standings) == "uuudu"


def test_failing_since_is_the_begin_of_the_first_failure() -> None:
    """An outage begins with its first failure, not when the threshold is reached, and a success ends it."""
    standings = play("GBBBG")
    assert [standing.failing_since_ns for standing in standings] == [None, MINUTE, MINUTE, MINUTE, None]
    assert standings[2].since_ns == 2 * MINUTE + SECOND


def test_a_calm_probe_costs_nothing() -> None:
    """A success after successes gives back the very same standing."""
    first, second, third = play("GGG")
    assert first is second is third


@given(
    sights=st.text(alphabet="GSB?", max_size=60),
    down_after=st.integers(1, 5),
    up_after=st.integers(1, 5),
)
def test_states_agree_with_the_definition(sights: str, down_after: int, up_after: int) -> None:
    """Down, unknown and up follow from the runs since the last blind one, read as a whole."""
    thresholds = Thresholds(down_after=down_after, up_after=up_after)
    for end, standing in enumerate(play(sights, thresholds=thresholds), start=1):
        expected = _settled(sights[:end], down_after, up_after)
        if expected is State.UP:
            assert standing.state in {State.UP, State.DEGRADED}
        else:
            assert standing.state is expected
        assert standing.since_ns <= (end - 1) * MINUTE + SECOND


def _settled(sights: str, down_after: int, up_after: int) -> State:
    """The slow and obvious way: look for the last row of failures or successes that decides."""
    seen = sights.rpartition("?")[2].replace("S", "G")
    down_at = seen.rfind("B" * down_after)
    if down_at < 0:
        return State.UP if "G" in seen else State.UNKNOWN
    return State.UP if "G" * up_after in seen[down_at:] else State.DOWN


@given(sights=st.text(alphabet="GSB?", max_size=80), every=st.integers(1, 40 * 60))
def test_changes_are_few_and_recent(sights: str, every: int) -> None:
    """What is remembered of changes is bounded in number and in age, and since never goes back."""
    standings = play(sights, every_ns=every * SECOND)
    for before, after in itertools.pairwise(standings):
        assert len(after.changes_ns) <= FLAP_CHANGES
        assert after.since_ns >= before.since_ns
        assert (after.since_ns == before.since_ns) or after.state is not before.state


def test_blindness_keeps_the_time_at_which_it_began() -> None:
    """A second blind run does not move since."""
    once = blinded(Standing(state=State.UP, settled=State.UP, since_ns=1), 5)
    assert (once.state, once.since_ns) == (State.UNKNOWN, 5)
    assert blinded(once, 9) is once


@pytest.mark.parametrize("error_class", ErrorClass)
@pytest.mark.parametrize("fault", [None, Fault.LOCAL])
def test_only_failures_of_others_are_seen(error_class: ErrorClass, fault: Fault | None) -> None:
    """A failure counts when its fault is target, network or unknown; ours and local ones are blindness."""
    result = failed(error_class=error_class, fault=fault)
    counts = (fault or FAULTS[error_class]) in {Fault.TARGET, Fault.NETWORK, Fault.UNKNOWN}
    assert sight_of(result) is (Sight.BAD if counts else Sight.BLIND)


def test_successes_are_seen() -> None:
    """A slow success is told from a fast one."""
    assert sight_of(ok()) is Sight.GOOD
    assert sight_of(ok(slow=True)) is Sight.SLOW


@pytest.mark.parametrize(
    ("probes", "service"),
    [
        pytest.param("", "unknown", id="no probe"),
        pytest.param("?", "unknown", id="one blind"),
        pytest.param("u", "up", id="one up"),
        pytest.param("u?", "up", id="blind ones have no say"),
        pytest.param("d?", "down", id="all known ones down"),
        pytest.param("dd", "down", id="all down"),
        pytest.param("du", "partial", id="some down"),
        pytest.param("dg", "partial", id="down beside degraded"),
        pytest.param("ug", "degraded", id="one degraded"),
        pytest.param("g?", "degraded", id="degraded beside blind"),
    ],
)
def test_a_service_is_what_its_known_probes_are(probes: str, service: str) -> None:
    """The table of design section 8."""
    by_letter = {letter: state for state, letter in LETTERS.items()}
    assert service_state(Counter(by_letter[letter] for letter in probes)) == service


@given(counts=st.dictionaries(st.sampled_from(PROBE_STATES), st.integers(0, 3)))
def test_only_which_states_there_are_matters(counts: dict[State, int]) -> None:
    """One of a kind or three of it, and none of it or its absence, come to the same state of the closed set."""
    state = service_state(counts)
    assert state in SERVICE_STATES
    assert state is service_state({kind: 1 for kind, count in counts.items() if count})


def test_every_state_has_a_severity() -> None:
    """The order by severity leaves none out."""
    assert set(SEVERITY) == set(State)
