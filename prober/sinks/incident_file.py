"""The file in which incidents survive a restart: one JSON line each, replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from prober.model.whole_file import replace_file
from prober.sinks.incident import TIMELINE_LIMIT, Entry, Incident
from prober.sinks.state_rules import State

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IncidentFile"]

_MOST_BYTES = 32 * 1024 * 1024


class IncidentFile:
    """Reads and writes incidents. Trouble with the disk is counted in ``errors`` and never raised."""

    def __init__(self, path: Path) -> None:
        self.errors = 0
        self._path = path
        self._lines: dict[tuple[str, str, int], tuple[Incident, str]] = {}

    def load(self) -> list[Incident]:
        """The incidents of the file, the oldest first; lines that cannot be read are left out."""
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                lines = file.read(_MOST_BYTES).splitlines()
        except FileNotFoundError:
            return []
        except OSError:
            self.errors += 1
            return []
        return [incident for line in lines if (incident := self._read(line)) is not None]

    def write(self, incidents: tuple[Incident, ...]) -> bool:
        """Replace the file; false if the disk did not let us. Only incidents that changed are encoded again."""
        lines = {incident.key: self._line(incident) for incident in incidents}
        self._lines = lines
        try:
            replace_file(self._path, "".join(line for _, line in lines.values()).encode())
        except OSError:
            self.errors += 1
            return False
        return True

    def _line(self, incident: Incident) -> tuple[Incident, str]:
        known = self._lines.get(incident.key)
        return known if known is not None and known[0] is incident else (incident, json.dumps(asdict(incident)) + "\n")

    def _read(self, line: str) -> Incident | None:
        try:
            return _incident(json.loads(line))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            self.errors += 1
            return None


def _incident(raw: dict[str, Any]) -> Incident:
    """An incident of its JSON; KeyError, TypeError or ValueError if the line is not one."""
    closed = raw["closed_at_ns"]
    return Incident(
        provider=str(raw["provider"]),
        service=str(raw["service"]),
        began_at_ns=int(raw["began_at_ns"]),
        opened_at_ns=int(raw["opened_at_ns"]),
        closed_at_ns=None if closed is None else int(closed),
        worst=State(raw["worst"]),
        now=State(raw["now"]),
        flaps=int(raw["flaps"]),
        removed=bool(raw["removed"]),
        timeline=tuple(_entry(entry) for entry in raw["timeline"][:TIMELINE_LIMIT]),
        dropped=int(raw["dropped"]),
    )


def _entry(raw: dict[str, Any]) -> Entry:
    return Entry(
        at_ns=int(raw["at_ns"]),
        probe=_text(raw["probe"]),
        probe_state=State(raw["probe_state"]),
        service_state=State(raw["service_state"]),
        error_class=_text(raw["error_class"]),
        detail=_text(raw["detail"]),
    )


def _text(raw: object) -> str | None:
    return None if raw is None else str(raw)
