"""Newline-delimited JSON, cut into lines as it arrives."""

from __future__ import annotations

from prober.http.sse import Event
from prober.model.errors import ErrorClass, ProbeFailure

__all__ = ["LineParser"]


class LineParser:
    """Turns pieces into lines, each an event with the line as its data. A line beyond ``limit`` bytes is a failure."""

    __slots__ = ("_limit", "_size", "_unended")

    def __init__(self, *, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._unended: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[Event]:
        """The lines that this piece completes; empty ones are none."""
        if b"\n" not in piece:
            self._keep(piece)
            return []
        *lines, begun = b"".join([*self._unended, piece]).split(b"\n")
        self._unended, self._size = [], 0
        self._keep(begun)
        return [Event(line.decode("utf-8", "replace")) for line in map(bytes.strip, lines) if line]

    def rest(self) -> str:
        """The line that was not ended, once the stream is over."""
        rest, self._unended = b"".join(self._unended), []
        return rest.decode("utf-8", "replace")

    def _keep(self, piece: bytes) -> None:
        """Keep the begin of a line in pieces: joining them for each new one would take time by the square."""
        self._unended.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ProbeFailure(
                ErrorClass.UNEXPECTED_RESPONSE, f"one line is longer than {self._limit} bytes", detail="too_large"
            )
