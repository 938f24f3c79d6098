"""Newline-delimited JSON, cut into lines as it arrives."""

from __future__ import annotations

from prober.http.sse import Event
from prober.model.errors import ErrorClass, ProbeFailure

__all__ = ["LineParser"]


class LineParser:
    """Turns pieces into lines, each an event with the line as its data. A line beyond ``limit`` bytes is a failure."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, *, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._buffer = b""

    def feed(self, piece: bytes) -> list[Event]:
        """The lines that this piece completes; empty ones are none."""
        *lines, self._buffer = (self._buffer + piece).split(b"\n")
        if len(self._buffer) > self._limit:
            raise ProbeFailure(
                ErrorClass.UNEXPECTED_RESPONSE, f"one line is longer than {self._limit} bytes", detail="too_large"
            )
        return [Event(line.decode("utf-8", "replace")) for line in map(bytes.strip, lines) if line]

    def rest(self) -> str:
        """The line that was not ended, once the stream is over."""
        rest, self._buffer = self._buffer, b""
        return rest.decode("utf-8", "replace")
