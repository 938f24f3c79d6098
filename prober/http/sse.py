"""Server-sent events, parsed as they arrive and indifferent to how the bytes are cut."""

from __future__ import annotations

from typing import NamedTuple

from prober.model.errors import ErrorClass, ProbeFailure

__all__ = ["Event", "EventParser"]

_STRAY_LIMIT = 65_536


class Event(NamedTuple):
    """One event: ``data`` lines joined by newlines; ``name`` is the event field, empty if there was none."""

    data: str
    name: str = ""


class EventParser:
    """Turns pieces of an event stream into events (HTML standard, section 9.2).

    Lines end in LF, CRLF or CR. Comments are counted in ``comments`` and are no events. Invalid UTF-8 is replaced.
    Lines that are no field of the format are kept in ``stray`` (some services send their error as bare JSON). An event
    that grows beyond ``limit`` bytes raises :class:`ProbeFailure`.
    """

    __slots__ = (
        "_data",
        "_limit",
        "_name",
        "_size",
        "_skip_newline",
        "_started",
        "_unended",
        "comments",
        "stray",
    )

    def __init__(self, *, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._unended: list[bytes] = []
        self._size = 0
        self._data: list[bytes] = []
        self._name = b""
        self._started = False
        self._skip_newline = False
        self.comments = 0
        self.stray = b""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes."""
        if not self._started:
            piece = self._without_bom(piece)
        if b"\r" in piece or self._skip_newline:
            piece = self._newlines(piece)
        is_one_line = piece.find(b"\n") == len(piece) - 2 and piece[-2:] == b"\n\n" and piece[:6] == b"data: "
        if is_one_line and not (self._unended or self._data or self._name):
            return [Event(piece[6:-2].decode("utf-8", "replace"))]  # as nearly always while an answer is streamed
        end = piece.rfind(b"\n")
        if end < 0:
            self._keep(piece)
            return []
        lines = b"".join([*self._unended, piece[:end]]).split(b"\n") if self._unended else piece[:end].split(b"\n")
        self._unended, self._size = [], 0
        self._keep(piece[end + 1 :])
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                events.append(self._dispatch())
            else:
                self._name = b""
        return events

    def _keep(self, piece: bytes) -> None:
        """Keep the begin of a line in pieces: joining them for each new one would take time by the square."""
        if piece:
            self._unended.append(piece)
            self._size += len(piece)
        if self._size + sum(map(len, self._data)) > self._limit:
            raise ProbeFailure(
                ErrorClass.UNEXPECTED_RESPONSE, f"one event is longer than {self._limit} bytes", detail="too_large"
            )

    def rest(self) -> str:
        """What came beside complete events, once the stream is over: stray lines and an event that was not ended."""
        line = b"".join(self._unended)
        self._unended = []
        if line:
            self._field(line)
        return (self.stray + b"\n".join(self._data)).decode("utf-8", "replace")

    def _dispatch(self) -> Event:
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event = Event(data.decode("utf-8", "replace"), self._name.decode("utf-8", "replace"))
        self._data = []
        self._name = b""
        return event

    def _field(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line.startswith(b"event:"):
            self._name = line[7:] if line[6:7] == b" " else line[6:]
        elif line.startswith(b":"):
            self.comments += 1
        elif line == b"data":
            self._data.append(b"")
        elif not line.startswith((b"id:", b"retry:")) and len(self.stray) < _STRAY_LIMIT:
            self.stray += line + b"\n"

    def _without_bom(self, piece: bytes) -> bytes:
        piece = b"".join([*self._unended, piece])
        self._unended = []
        if len(piece) < 3 and b"\xef\xbb\xbf".startswith(piece):
            self._unended = [piece]
            return b""
        self._started = True
        return piece.removeprefix(b"\xef\xbb\xbf")

    def _newlines(self, piece: bytes) -> bytes:
        """The piece with LF only. A CR is a line's end at once; an LF that follows it in the next piece is dropped."""
        if self._skip_newline and piece:
            piece = piece.removeprefix(b"\n")
            self._skip_newline = False
        self._skip_newline = self._skip_newline or piece.endswith(b"\r")
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
