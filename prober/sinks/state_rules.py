"""The rules of health as pure functions: what a run makes of a probe, and what its probes make of a service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from prober.model.errors import Fault
from prober.model.run import Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BLIND_FAULTS",
    "FLAP_CHANGES",
    "FLAP_WINDOW_NS",
    "PROBE_STATES",
    "SERVICE_STATES",
    "SEVERITY",
    "Sight",
    "Standing",
    "State",
    "Thresholds",
    "advance",
    "blinded",
    "service_state",
    "sight_of",
]

FLAP_CHANGES = 4
FLAP_WINDOW_NS = 30 * 60 * 10**9
BLIND_FAULTS = frozenset({Fault.US, Fault.LOCAL})
"""Failures with these faults say nothing about the target (design, section 8)."""


class State(StrEnum):
    """How a probe or a service is. Only a service can be ``partial``."""

    UP = "up"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    DOWN = "down"
    UNKNOWN = "unknown"


PROBE_STATES = (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN)
SERVICE_STATES = (State.UP, State.DEGRADED, State.PARTIAL, State.DOWN, State.UNKNOWN)
SEVERITY = (State.DOWN, State.PARTIAL, State.DEGRADED, State.UNKNOWN, State.UP)
"""All states, the one that most needs a person first."""


class Sight(Enum):
    """What one run saw of its target."""

    GOOD = "good"
    SLOW = "slow"
    BAD = "bad"
    BLIND = "blind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How many failures in a row make a probe down, and how many successes in a row make it up again."""

    down_after: int = 2
    up_after: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a probe after its runs so far.

    ``settled`` is up, down or unknown by the thresholds alone; ``state`` is what is shown: the same, with ``degraded``
    for an ``up`` that is slow or flapping. ``succeeded`` is the last run that saw anything; ``changes_ns`` the last
    times at which success and failure took turns.
    """

    state: State = State.UNKNOWN
    since_ns: int = 0
    settled: State = State.UNKNOWN
    failures: int = 0
    successes: int = 0
    failing_since_ns: int | None = None
    slow: bool = False
    succeeded: bool | None = None
    changes_ns: tuple[int, ...] = ()


def sight_of(result: Result) -> Sight:
    """What the run saw. A failure that is ours, or a measurement that cannot be trusted, saw nothing."""
    match result.outcome:
        case Outcome.OK:
            return Sight.GOOD
        case Outcome.SLOW:
            return Sight.SLOW
        case Outcome.ERROR:
            return Sight.BLIND
        case Outcome.FAIL:
            failure = result.failure
            return Sight.BLIND if failure is None or failure.fault in BLIND_FAULTS else Sight.BAD


def advance(standing: Standing, sight: Sight, *, began_ns: int, ended_ns: int, thresholds: Thresholds) -> Standing:
    """The standing after one more run. A blind run ends all that was known: what follows starts from ``unknown``."""
    if sight is Sight.BLIND:
        return blinded(standing, ended_ns)
    succeeded = sight is not Sight.BAD
    if succeeded and _is_calm(standing) and standing.slow == (sight is Sight.SLOW):
        return standing  # the usual case: nothing is new, at the cost of nothing
    after = replace(
        standing,
        failures=0 if succeeded else standing.failures + 1,
        successes=standing.successes + 1 if succeeded else 0,
        failing_since_ns=_failing_since(standing, succeeded, began_ns),
        slow=sight is Sight.SLOW if succeeded else standing.slow,
        succeeded=succeeded,
        changes_ns=_changes(standing, succeeded, ended_ns),
    )
    return _shown(replace(after, settled=_settle(after, thresholds)), ended_ns)


def blinded(standing: Standing, at_ns: int) -> Standing:
    """The standing of a probe that sees nothing: its own key, quota, network or host is in the way."""
    if standing.state is State.UNKNOWN and not standing.failures:
        return standing
    return Standing(
        since_ns=standing.since_ns if standing.state is State.UNKNOWN else at_ns,
        succeeded=standing.succeeded,
        changes_ns=standing.changes_ns,
    )


def _is_calm(standing: Standing) -> bool:
    return bool(standing.settled is State.UP and standing.succeeded and not standing.changes_ns)


def _failing_since(standing: Standing, succeeded: bool, began_ns: int) -> int | None:
    if succeeded:
        return None
    return began_ns if standing.failing_since_ns is None else standing.failing_since_ns


def _changes(standing: Standing, succeeded: bool, at_ns: int) -> tuple[int, ...]:
    """The changes inside the window, with this run's own if it is one."""
    recent = tuple(change for change in standing.changes_ns if at_ns - change <= FLAP_WINDOW_NS)
    if standing.succeeded is None or standing.succeeded == succeeded:
        return recent
    return (*recent, at_ns)[-FLAP_CHANGES:]


def _settle(after: Standing, thresholds: Thresholds) -> State:
    """Up, down or unknown. From ``unknown`` one success is enough; ``up_after`` is for the way back from ``down``."""
    if after.failures >= thresholds.down_after:
        return State.DOWN
    if after.successes == 0:
        return after.settled
    if after.settled is State.DOWN and after.successes < thresholds.up_after:
        return State.DOWN
    return State.UP


def _shown(standing: Standing, at_ns: int) -> Standing:
    state = standing.settled
    if state is State.UP and (standing.slow or len(standing.changes_ns) >= FLAP_CHANGES):
        state = State.DEGRADED
    return replace(standing, state=state, since_ns=standing.since_ns if state is standing.state else at_ns)


def service_state(counts: Mapping[State, int]) -> State:
    """The state of a service that has so many probes in each state. Probes that are unknown have no say."""
    down, degraded, up = (counts.get(state, 0) for state in (State.DOWN, State.DEGRADED, State.UP))
    if down:
        return State.PARTIAL if degraded or up else State.DOWN
    if degraded:
        return State.DEGRADED
    return State.UP if up else State.UNKNOWN
