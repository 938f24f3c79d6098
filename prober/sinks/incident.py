"""What an incident is: a time of trouble of one service, and what happened in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from prober.sinks.state_rules import SEVERITY, State

__all__ = ["RESTARTED", "TIMELINE_LIMIT", "Entry", "Incident", "noted", "worse"]

RESTARTED = "restarted"
"""The detail of a line that tells of prober itself: what went on before it was not seen."""

TIMELINE_LIMIT = 60
_KEPT_FROM_THE_BEGIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline: from then on the probe was in that state, and with it the service.

    A line without a probe, with the detail :data:`RESTARTED`, says that prober began again.
    """

    at_ns: int
    probe: str | None = None
    probe_state: State = State.UNKNOWN
    service_state: State = State.UNKNOWN
    error_class: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Trouble of one service.

    It began with the first failure (``began_at_ns``) and opened when the thresholds were reached. ``worst`` is the
    worst state the service was in; ``flaps`` how often the trouble came back after a short recovery; ``dropped`` how
    many lines were cut from the middle of the timeline; ``removed`` says that it closed because nobody looks any more.
    """

    provider: str
    service: str
    began_at_ns: int
    opened_at_ns: int
    closed_at_ns: int | None = None
    worst: State = State.DEGRADED
    now: State = State.DEGRADED
    flaps: int = 0
    removed: bool = False
    timeline: tuple[Entry, ...] = ()
    dropped: int = 0

    @property
    def id(self) -> str:
        """A name for it that does not change: service, provider and time."""
        at = datetime.fromtimestamp(self.opened_at_ns / 1e9, UTC)
        return f"{self.provider}-{self.service}-{at:%Y%m%dT%H%M%S}.{self.opened_at_ns // 10**6 % 1000:03d}Z"

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from all others."""
        return self.provider, self.service, self.opened_at_ns

    @property
    def service_key(self) -> tuple[str, str]:
        """Its provider and service."""
        return self.provider, self.service


def worse(one: State, other: State) -> State:
    """The one of two states that more needs a person; ``unknown`` and ``up`` never make an incident worse."""
    return other if other is not State.UNKNOWN and SEVERITY.index(other) < SEVERITY.index(one) else one


def noted(incident: Incident, entry: Entry) -> Incident:
    """The incident with one more line. When it is full, a line from the middle goes: begin and end say most."""
    timeline = (*incident.timeline, entry)
    if len(timeline) <= TIMELINE_LIMIT:
        return replace(incident, timeline=timeline)
    shorter = timeline[:_KEPT_FROM_THE_BEGIN] + timeline[_KEPT_FROM_THE_BEGIN + 1 :]
    return replace(incident, timeline=shorter, dropped=incident.dropped + 1)
