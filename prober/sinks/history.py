"""The sink that keeps the last runs of every probe, packed, and its last failures whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, Fault
from prober.model.run import Outcome, Result
from prober.sinks.state_rules import BLIND_FAULTS

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["FAILURES_IN_ALL", "History", "Past", "availability"]

_RECORD = struct.Struct("<qqqHBBBB")  # started_at, duration, first token, status, outcome, class, fault, detail
_OUTCOMES = tuple(Outcome)
_CLASSES = tuple(ErrorClass)
_FAULTS = tuple(Fault)
_DETAILS = tuple(DETAILS)
_NONE = 255
_MOST_SECONDS = 10**9  # what 64 bits of nanoseconds hold, with room
_OUTCOME_CODES = {outcome: code for code, outcome in enumerate(_OUTCOMES)}
_CLASS_CODES = {error_class: code for code, error_class in enumerate(_CLASSES)}
_FAULT_CODES = {fault: code for code, fault in enumerate(_FAULTS)}
_DETAIL_CODES = {detail: code for code, detail in enumerate(_DETAILS[:_NONE])}

FAILURES_IN_ALL = 20_000
"""With thousands of probes each keeps fewer failures: an outage of everything must not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is kept of every run: enough for a chart and a table."""

    started_at_ns: int
    duration_ns: int
    outcome: Outcome
    error_class: ErrorClass | None = None
    fault: Fault | None = None
    detail: str | None = None
    first_token_ns: int | None = None
    http_status: int | None = None

    @property
    def is_bad(self) -> bool:
        """Whether the run counts against the service (design, section 8)."""
        return self.outcome is Outcome.FAIL and self.fault not in BLIND_FAULTS

    @property
    def is_good(self) -> bool:
        """Whether the run counts for the service."""
        return self.outcome in {Outcome.OK, Outcome.SLOW}


def availability(runs: tuple[Past, ...]) -> float | None:
    """The share of good runs among those that count; None if none does."""
    good = sum(run.is_good for run in runs)
    bad = sum(run.is_bad for run in runs)
    return good / (good + bad) if good + bad else None


@dataclass(slots=True, kw_only=True)
class _Track:
    """What is held of one probe."""

    packed: bytearray = field(default_factory=bytearray)
    newest: int = -1
    last: Result | None = None
    last_success_ns: int | None = None
    failures: list[Result] = field(default_factory=list)
    skipped: str | None = None


class History:
    """The last ``runs`` runs of every probe and its last ``failures`` failures. A sink.

    A run takes 30 bytes in a ring; the newest result and the failures are kept whole.
    """

    def __init__(self, *, runs: int = 60, failures: int = 10) -> None:
        self._runs = runs
        self._failures = failures
        self._failures_each = failures
        self._tracks: dict[str, _Track] = {}

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Forget the probes that are gone; the others keep their past."""
        self._tracks = {probe.name: self._tracks.get(probe.name) or _Track() for probe in probes}
        self._failures_each = max(2, min(self._failures, FAILURES_IN_ALL // max(1, len(probes))))
        for track in self._tracks.values():
            del track.failures[: -self._failures_each]

    def record(self, probe: Probe, result: Result) -> None:
        """Keep one run."""
        track = self._tracks.get(probe.name)
        if track is None:
            return  # removed by a reload while its last run went on
        if result.capture is not None:
            result = replace(result, capture=None)  # large, and kept elsewhere
        self._append(track, _packed(result))
        track.last = result
        track.skipped = None
        if result.outcome in {Outcome.OK, Outcome.SLOW}:
            track.last_success_ns = result.started_at_ns + result.duration_ns
            return
        track.failures.append(result)
        del track.failures[: -self._failures_each]

    def skip(self, probe: Probe, reason: str) -> None:
        """Remember why the last run did not take place."""
        track = self._tracks.get(probe.name)
        if track is not None:
            track.skipped = reason

    def last(self, name: str) -> Result | None:
        """The newest result."""
        track = self._tracks.get(name)
        return None if track is None else track.last

    def last_success_ns(self, name: str) -> int | None:
        """When the newest success ended, in Unix nanoseconds."""
        track = self._tracks.get(name)
        return None if track is None else track.last_success_ns

    def skipped(self, name: str) -> str | None:
        """Why there was no run where one was due, since the newest result; None if there was none missing."""
        track = self._tracks.get(name)
        return None if track is None else track.skipped

    def failures(self, name: str) -> tuple[Result, ...]:
        """The last failures and errors, newest first."""
        track = self._tracks.get(name)
        return () if track is None else tuple(reversed(track.failures))

    def runs(self, name: str) -> tuple[Past, ...]:
        """The last runs, newest first."""
        track = self._tracks.get(name)
        if track is None or track.newest < 0:
            return ()
        count = len(track.packed) // _RECORD.size
        slots = ((track.newest - back) % count for back in range(count))
        return tuple(_unpacked(track.packed, slot * _RECORD.size) for slot in slots)

    def _append(self, track: _Track, record: bytes) -> None:
        if len(track.packed) < self._runs * _RECORD.size:
            track.newest = len(track.packed) // _RECORD.size
            track.packed += record
            return
        track.newest = (track.newest + 1) % self._runs
        offset = track.newest * _RECORD.size
        track.packed[offset : offset + _RECORD.size] = record


def _packed(result: Result) -> bytes:
    failure = result.failure
    status = result.measures.get("http_status")
    return _RECORD.pack(
        result.started_at_ns,
        result.duration_ns,
        _nanoseconds(result.measures.get("first_token_seconds")),
        status if isinstance(status, int) and 0 < status < 0x10000 else 0,
        _OUTCOME_CODES[result.outcome],
        _NONE if failure is None else _CLASS_CODES[failure.error_class],
        _NONE if failure is None else _FAULT_CODES[failure.fault],
        _NONE if failure is None else _DETAIL_CODES.get(failure.detail or "", _NONE),
    )


def _nanoseconds(seconds: object) -> int:
    if isinstance(seconds, (int, float)) and 0 <= seconds < _MOST_SECONDS:
        return round(seconds * 1e9)
    return -1


def _unpacked(packed: bytearray, offset: int) -> Past:
    started, duration, first_token, status, outcome, error_class, fault, detail = _RECORD.unpack_from(packed, offset)
    return Past(
        started_at_ns=started,
        duration_ns=duration,
        outcome=_OUTCOMES[outcome],
        error_class=None if error_class == _NONE else _CLASSES[error_class],
        fault=None if fault == _NONE else _FAULTS[fault],
        detail=None if detail == _NONE else _DETAILS[detail],
        first_token_ns=None if first_token < 0 else first_token,
        http_status=status or None,
    )
