"""The sink that writes one structured line a run, without ever waiting for whoever reads it."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Self, TextIO

from prober.model.run import Outcome
from prober.sinks.document import Document, message_of, seconds, status_page_of, timestamp

if TYPE_CHECKING:
    from types import TracebackType

    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.model.secret import Redactor

__all__ = ["LogSink"]

_GATHER_SECONDS = 0.05
_CLOSE_SECONDS = 1.0


class LogSink:
    """Writes a JSON object a run to ``stream``: level info for ``ok`` and ``slow``, warning for ``fail`` and ``error``.

    A thread of its own writes, several lines at a time: a terminal that is held, or a pipe that nobody reads, keeps no
    probe waiting. Beyond ``limit`` waiting lines new ones are lost, and counted in ``dropped``. A context manager.
    """

    def __init__(self, stream: TextIO, *, redactor: Redactor, clock: Clock, limit: int = 10_000) -> None:
        self.dropped = 0
        self._stream = stream
        self._redactor = redactor
        self._clock = clock
        self._limit = limit
        self._lines: deque[str] = deque()
        self._skipped: dict[str, str] = {}
        self._waiting = threading.Event()
        self._urgent = threading.Event()
        self._closing = threading.Event()
        self._writer = threading.Thread(target=self._write_on, name="log", daemon=True)

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._urgent.set()
        self._waiting.set()
        self._writer.join(_CLOSE_SECONDS)

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Forget what was said about probes that are gone."""
        names = {probe.name for probe in probes}
        self._skipped = {name: reason for name, reason in self._skipped.items() if name in names}

    def record(self, probe: Probe, result: Result) -> None:
        """Write the line of a run."""
        self._skipped.pop(probe.name, None)
        level = "info" if result.outcome in {Outcome.OK, Outcome.SLOW} else "warning"
        self._put({"level": level, "time": timestamp(self._clock.wall_ns())} | _compact(probe, result, self._redactor))

    def skip(self, probe: Probe, reason: str) -> None:
        """Write that a run did not take place; once for a row of them with the same reason."""
        if self._skipped.get(probe.name) == reason:
            return
        self._skipped[probe.name] = reason
        now = timestamp(self._clock.wall_ns())
        self._put({"level": "info", "time": now, "name": probe.name, "kind": probe.kind.name, "skipped": reason})

    def write(self, text: str) -> None:
        """Write lines that are whole already, in their turn, at once, and without waiting for it either."""
        self._append(text)
        self._urgent.set()

    def _append(self, text: str) -> None:
        if len(self._lines) >= self._limit:
            self.dropped += 1
            return
        self._lines.append(text)
        self._waiting.set()

    def _put(self, line: Document) -> None:
        text = json.dumps(line, separators=(",", ":"))  # ASCII: neither control characters nor half a surrogate pair
        self._append(text.replace("\x7f", "\\u007f") + "\n")

    def _write_on(self) -> None:
        while True:
            self._waiting.wait()
            self._urgent.wait(_GATHER_SECONDS)
            self._waiting.clear()
            self._urgent.clear()
            self._write(len(self._lines))
            if self._closing.is_set() and not self._lines:
                return

    def _write(self, count: int) -> None:
        try:
            self._stream.write("".join([self._lines.popleft() for _ in range(count)]))
            self._stream.flush()
        except (OSError, ValueError):  # the reader went away, the disk is full, or the stream is closed
            self.dropped += count


def _compact(probe: Probe, result: Result, redact: Redactor) -> Document:
    """The keys of ``check --format json`` that have something to say, phases as name and seconds."""
    failure = result.failure
    message = message_of(result)
    line: Document = {
        "name": probe.name,
        "kind": probe.kind.name,
        "provider": probe.provider,
        "service": probe.service,
        "result": result.outcome.value,
        "error_class": None if failure is None else failure.error_class.value,
        "fault": None if failure is None else failure.fault.value,
        "detail": None if failure is None else failure.detail,
        "phase": None if failure is None else failure.phase,
        "message": None if message is None else redact(message),
        "started_at": timestamp(result.started_at_ns),
        "duration_seconds": seconds(result.duration_ns),
        "phases": {phase.name: seconds(phase.duration_ns) for phase in result.phases},
        "measures": {name: _safe(value, redact) for name, value in result.measures.items() if value is not None},
        "steps": {step.name: step.result for step in result.steps},
        "request_id": None if result.request_id is None else redact(result.request_id),
        "status_page": status_page_of(probe, result),
    }
    return {key: value for key, value in line.items() if value not in (None, "", {})}


def _safe(value: object, redact: Redactor) -> object:
    if isinstance(value, str):
        return redact(value)
    return value if not isinstance(value, float) or abs(value) < float("inf") else str(value)
