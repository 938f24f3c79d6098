"""What the incidents page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.sinks.document import Document, seconds, timestamp
from prober.sinks.state_rules import State
from prober.web.meaning import SKIP_MEANING, TROUBLE
from prober.web.wording import clock_time, duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.sinks.incident import Entry, Incident
    from prober.sinks.state import Service

__all__ = ["Story", "StoryLine", "incident_json", "lasted", "service_words", "story"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One line of a story."""

    at: str
    iso: str
    state: State
    text: str = ""
    probe: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An incident in words."""

    id: str
    name: str
    open: bool
    worst: State
    trouble: str
    when: str
    lasted: str
    flaps: int
    removed: bool
    lines: tuple[StoryLine, ...]


def service_words(service: Service) -> str:
    """A service in words: ``chat at openai``."""
    provider, name = service
    return " at ".join(part for part in (name, provider) if part) or "unnamed service"


def lasted(incident: Incident, now_ns: int) -> str:
    """How long it lasted, or has lasted so far."""
    if incident.closed_at_ns is None:
        return f"{_rounded(now_ns - incident.began_at_ns)} so far"
    return _rounded(incident.closed_at_ns - incident.began_at_ns)


def _rounded(length_ns: int) -> str:
    """Seconds are precise enough for an incident."""
    return duration(max(1, round(length_ns / 10**9)) * 10**9).replace(".00", "").replace(".0 s", " s")


def story(incident: Incident, now_ns: int) -> Story:
    """The incident from its first failure to its end."""
    return Story(
        id=incident.id,
        name=service_words(incident.service_key),
        open=incident.closed_at_ns is None,
        worst=incident.worst,
        trouble=TROUBLE[incident.worst],
        when=f"{clock_time(incident.began_at_ns, now_ns)} UTC",
        lasted=lasted(incident, now_ns),
        flaps=incident.flaps,
        removed=incident.removed,
        lines=tuple(_lines(incident, now_ns)),
    )


def _lines(incident: Incident, now_ns: int) -> Iterable[StoryLine]:
    began_ns = incident.began_at_ns
    if began_ns < incident.opened_at_ns:
        yield StoryLine(
            at=clock_time(began_ns, now_ns), iso=timestamp(began_ns), state=State.UNKNOWN, text="first failure"
        )
    yield from (_line(entry, now_ns) for entry in incident.timeline)
    if incident.dropped:
        at_ns = incident.timeline[-1].at_ns
        text = f"{incident.dropped} lines in between are not kept"
        yield StoryLine(at=clock_time(at_ns, now_ns), iso=timestamp(at_ns), state=State.UNKNOWN, text=text)


def _line(entry: Entry, now_ns: int) -> StoryLine:
    if entry.probe is None:
        at, iso = clock_time(entry.at_ns, now_ns), timestamp(entry.at_ns)
        return StoryLine(at=at, iso=iso, state=State.UNKNOWN, text="prober was started again")
    why = [entry.error_class, SKIP_MEANING.get(entry.detail or "", entry.detail)]
    if entry.probe_state is State.DEGRADED and entry.error_class is None:
        why = ["slow, or going up and down"]
    said = " / ".join(part for part in why if part)
    service = f"service {entry.service_state}"
    return StoryLine(
        at=clock_time(entry.at_ns, now_ns),
        iso=timestamp(entry.at_ns),
        state=entry.probe_state,
        probe=entry.probe,
        why=f"{said} · {service}" if said else service,
    )


def incident_json(incident: Incident, now_ns: int) -> Document:
    """The object of an incident. Absent things are None; ``state`` is what the service is now, None once it is over."""
    end_ns = now_ns if incident.closed_at_ns is None else incident.closed_at_ns
    return {
        "id": incident.id,
        "provider": incident.provider,
        "service": incident.service,
        "state": incident.now.value if incident.closed_at_ns is None else None,
        "worst": incident.worst.value,
        "began_at": timestamp(incident.began_at_ns),
        "opened_at": timestamp(incident.opened_at_ns),
        "closed_at": None if incident.closed_at_ns is None else timestamp(incident.closed_at_ns),
        "duration_seconds": seconds(end_ns - incident.began_at_ns),
        "flaps": incident.flaps,
        "removed": incident.removed,
        "timeline": [_entry_json(entry) for entry in incident.timeline],
        "timeline_dropped": incident.dropped,
    }


def _entry_json(entry: Entry) -> Document:
    return {
        "at": timestamp(entry.at_ns),
        "probe": entry.probe,
        "probe_state": entry.probe_state.value,
        "service_state": entry.service_state.value,
        "error_class": entry.error_class,
        "detail": entry.detail,
    }
