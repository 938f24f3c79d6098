"""The sink that tells the story of every outage: when it began, what it touched, when it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prober.model.clock import Clock
from prober.model.keeper import Keeper
from prober.sinks.incident import RESTARTED, Entry, Incident, noted, worse
from prober.sinks.incident_file import IncidentFile
from prober.sinks.state import BLINDING_SKIPS
from prober.sinks.state_rules import State

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.sinks.state import Service, States

__all__ = ["MERGE_WITHIN_NS", "Incidents"]

MERGE_WITHIN_NS = 5 * 60 * 10**9
"""Trouble that comes back this soon is the same incident."""

_TROUBLE = frozenset({State.DOWN, State.PARTIAL, State.DEGRADED})
_NOTHING_SEEN: tuple[State, str | None] = (State.UNKNOWN, None)
_SAVE_EVERY_SECONDS = 1.0


class Incidents:
    """All incidents, the newest first, at most ``limit``. A sink that stands behind ``states``, whose changes it tells.

    An incident opens when a service gets into trouble, and closes when it is up again; while nothing is known of the
    service it stays as it is. With a ``data_dir`` it survives a restart, once :meth:`keep` runs in a task; trouble
    with the disk is counted in ``write_errors`` and disturbs nothing else.
    """

    def __init__(
        self, states: States, *, clock: Clock | None = None, data_dir: Path | None = None, limit: int = 200
    ) -> None:
        self._states = states
        self._clock = clock or Clock()
        self._limit = limit
        self._file = None if data_dir is None else IncidentFile(data_dir / "incidents.jsonl")
        write = None if self._file is None else self._file.write
        self._keeper = Keeper(lambda: tuple(self._incidents), write, every_seconds=_SAVE_EVERY_SECONDS)
        self._incidents: list[Incident] = [] if self._file is None else self._file.load()[-limit:]
        self._open = {incident.service_key: incident for incident in self._incidents if incident.closed_at_ns is None}
        self._last_seen: dict[str, tuple[State, str | None]] = {}
        self._begins = True
        self._unheard = {name for incident in self._open.values() for name in _in_trouble(incident)}

    @property
    def write_errors(self) -> int:
        """How often the incidents could not be written, or a line of the file not be read."""
        return 0 if self._file is None else self._file.errors

    def all(self) -> tuple[Incident, ...]:
        """Every incident kept: open ones first, then the newest first."""
        newest_first = self._incidents[::-1]
        return tuple(sorted(newest_first, key=lambda incident: incident.closed_at_ns is not None))

    def open_of(self, service: Service) -> Incident | None:
        """The incident that a service is in, or None."""
        return self._open.get(service)

    def of(self, service: Service) -> tuple[Incident, ...]:
        """The incidents of one service, the newest first."""
        return tuple(incident for incident in reversed(self._incidents) if incident.service_key == service)

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Close the incidents of services that are no longer probed, and note in the others that prober began again."""
        detail = RESTARTED if self._begins else None
        self._begins = False
        now_ns = self._clock.wall_ns()
        present = {(probe.provider, probe.service) for probe in probes}
        names = {probe.name for probe in probes}
        self._unheard &= {probe.name for probe in probes if probe.disabled is None}
        self._last_seen = {name: seen for name, seen in self._last_seen.items() if name in names}
        for service, incident in list(self._open.items()):
            if service not in present:
                self._store(replace(incident, closed_at_ns=now_ns, removed=True))
            else:
                self._follow(service, Entry(at_ns=now_ns, detail=detail))

    def record(self, probe: Probe, result: Result) -> None:
        """Learn what one run changed."""
        failure = result.failure
        at_ns = result.started_at_ns + result.duration_ns
        is_heard = self._is_heard(probe)
        self._observe(probe, at_ns, None if failure is None else (failure.error_class.value, failure.detail))
        if is_heard:
            self._follow((probe.provider, probe.service), Entry(at_ns=at_ns))

    def skip(self, probe: Probe, reason: str) -> None:
        """Learn what a missing run changed."""
        if self._last_seen.get(probe.name, _NOTHING_SEEN)[0] is not self._states.probe_state(probe.name):
            self._observe(probe, self._clock.wall_ns(), (None, reason))
        if reason in BLINDING_SKIPS and self._is_heard(probe):
            self._follow((probe.provider, probe.service), Entry(at_ns=self._clock.wall_ns()))

    async def keep(self) -> None:
        """Write the incidents to the data directory whenever they change, until cancelled, and then once more."""
        await self._keeper.keep()

    def save(self) -> bool:
        """Write the incidents if they changed since they were written; whether the file is now as it should be."""
        return self._keeper.save()

    def _is_heard(self, probe: Probe) -> bool:
        """Whether this was the first word, since prober began again, of a probe whose trouble kept an incident open.

        Failures that do not make it down yet are no such word: that trouble may be the same.
        """
        if probe.name not in self._unheard or self._states.failing_since(probe.name) is not None:
            return False
        self._unheard.discard(probe.name)
        return True

    def _observe(self, probe: Probe, at_ns: int, why: tuple[str | None, str | None] | None) -> None:
        state = self._states.probe_state(probe.name)
        error_class, detail = why if why is not None and state is not State.UP else (None, None)
        last_state, last_class = self._last_seen.get(probe.name, _NOTHING_SEEN)
        if state is last_state and (state is not State.DOWN or error_class in {None, last_class}):
            return  # of a probe that is down, another class is news
        self._last_seen[probe.name] = (state, error_class)
        service = (probe.provider, probe.service)
        entry = Entry(
            at_ns=at_ns,
            probe=probe.name,
            probe_state=state,
            service_state=self._states.service_state(service) or State.UNKNOWN,
            error_class=error_class,
            detail=detail,
        )
        self._follow(service, entry)

    def _follow(self, service: Service, entry: Entry) -> None:
        incident = self._open.get(service)
        now = self._states.service_state(service) or State.UNKNOWN
        if incident is None and now not in _TROUBLE:
            return
        if incident is None:
            incident = self._reopened(service, entry.at_ns) or self._begun(service, entry)
        incident = replace(incident, worst=worse(incident.worst, now), now=now)
        if entry.probe is not None or (entry.detail is not None and not _tells_of_a_restart(incident)):
            incident = noted(incident, entry)
        is_over = now is State.UP and self._unheard.isdisjoint(_in_trouble(incident))
        self._store(replace(incident, closed_at_ns=entry.at_ns) if is_over else incident)

    def _reopened(self, service: Service, at_ns: int) -> Incident | None:
        last = next(iter(self.of(service)), None)
        if last is None or last.closed_at_ns is None or at_ns - last.closed_at_ns > MERGE_WITHIN_NS:
            return None
        return replace(last, closed_at_ns=None, removed=False, flaps=last.flaps + 1)

    def _begun(self, service: Service, entry: Entry) -> Incident:
        first_failure_ns = self._states.failing_since(entry.probe) if entry.probe is not None else None
        began_ns = entry.at_ns if first_failure_ns is None else first_failure_ns
        return Incident(provider=service[0], service=service[1], began_at_ns=began_ns, opened_at_ns=entry.at_ns)

    def _store(self, incident: Incident) -> None:
        """Put the incident in the place of its former self, or at the end."""
        self._keeper.changed()
        places = (place for place, old in enumerate(self._incidents) if old.key == incident.key)
        place = next(places, len(self._incidents))
        self._incidents[place : place + 1] = [incident]
        if incident.closed_at_ns is None:
            self._open[incident.service_key] = incident
        else:
            self._open.pop(incident.service_key, None)
        if len(self._incidents) > self._limit:
            self._forget_one()

    def _forget_one(self) -> None:
        """Drop the oldest incident: a closed one, if there is any."""
        oldest = next((old for old in self._incidents if old.closed_at_ns is not None), self._incidents[0])
        self._incidents.remove(oldest)
        if oldest.closed_at_ns is None:
            del self._open[oldest.service_key]


def _in_trouble(incident: Incident) -> set[str]:
    """The probes that its story leaves in trouble."""
    last = {entry.probe: entry.probe_state for entry in incident.timeline if entry.probe is not None}
    return {name for name, state in last.items() if state in _TROUBLE}


def _tells_of_a_restart(incident: Incident) -> bool:
    """Whether that is its last line: nothing is told by saying it twice."""
    return bool(incident.timeline) and incident.timeline[-1].detail == RESTARTED
