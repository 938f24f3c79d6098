"""A stream as a script: what is sent when, and how a fault rewrites it."""

from __future__ import annotations

import dataclasses
import gzip
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from prober.simulator.faults.answers import ErrorChunk, Framing, LoneDone
from prober.simulator.faults.anywhere import CutGzip, Reset, Stall, Truncate
from prober.simulator.wire import Breakage, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prober.simulator.errors import NamedError
    from prober.simulator.faults.fault import Fault

__all__ = ["Ending", "Frame", "Mark", "Script", "laid_out", "rewritten"]

_NEWLINES = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
_PIECE_SECONDS = 0.002
"""Between two pieces of an event, so that the kernel does not put them together again."""


class Mark(Enum):
    """What a frame is to the protocol, in the order in which they come."""

    ROLE = auto()
    TOKEN = auto()
    FINISH = auto()
    TAIL = auto()
    """Whatever follows the finish: usage, `[DONE]`."""


class Ending(Enum):
    """How the connection is left when the frames are sent."""

    EOF = auto()
    RESET = auto()
    SILENCE = auto()


class Frame(NamedTuple):
    """Bytes that go out together, ``at`` seconds after the company set to work."""

    at: float
    data: bytes
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The frames of a stream in the order of their times, and how the stream speaks beside them."""

    frames: tuple[Frame, ...]
    wire: Wire = dataclasses.field(default_factory=Wire)
    ending: Ending = Ending.EOF
    ping_seconds: float | None = None


def laid_out(due: Sequence[float], thoughts: Sequence[bytes], bridge: bytes, words: Sequence[bytes]) -> list[Frame]:
    """A frame a token, thoughts first; empty ones take their time and are not sent.

    ``bridge`` is what lies between thoughts and words: it goes out with the first word, or at the end.
    """
    frames = [Frame(at, data, Mark.TOKEN) for at, data in zip(due, thoughts, strict=False) if data]
    for index, data in enumerate(words):
        frames.append(Frame(due[len(thoughts) + index], data if index else bridge + data, Mark.TOKEN))
    if bridge and not words:
        frames.append(Frame(due[-1], bridge, Mark.FINISH))
    return frames


def rewritten(script: Script, faults: Iterable[Fault], named: Callable[[str], NamedError]) -> Script:
    """The script as the faults leave it, one after the other; how it is cut into pieces comes last.

    ``named`` finds an error by its name.
    """
    for fault in sorted(faults, key=lambda fault: isinstance(fault, Framing)):
        match fault:
            case Stall(after=after) if after != "start":
                script = _stalled(script, fault)
            case Reset(after=after) if after != "start":
                script = _cut(script, after, ending=Ending.RESET)
            case Truncate(after=after):
                script = _cut_at(script, fault.bytes) if fault.bytes is not None else _cut(script, after)
            case ErrorChunk(error=error):
                script = _broken_off(script, fault, named(error))
            case LoneDone():
                end = script.frames[-1]._replace(at=script.frames[0].at)
                script = dataclasses.replace(script, frames=(end,))
            case CutGzip():
                script = dataclasses.replace(script, frames=_half_gzipped(script.frames))
            case Framing(newline=newline, piece=piece):
                line_end = _NEWLINES[newline] if script.wire.event_stream or newline != "cr" else b"\n"
                script = dataclasses.replace(script, frames=tuple(_pieces(script.frames, line_end, piece)))
    return script


def _kept(frames: Sequence[Frame], after: str | int) -> int:
    """How many frames are sent up to a place; with fewer tokens than it names, all of them but not the finish."""
    match after:
        case "head":
            return 0
        case "role":
            return sum(frame.mark is Mark.ROLE for frame in frames)
        case "finish":
            return sum(frame.mark is not Mark.TAIL for frame in frames)
    tokens = sum(frame.mark is Mark.TOKEN for frame in frames)
    return sum(frame.mark is Mark.ROLE for frame in frames) + min(int(after), tokens)


def _cut(script: Script, after: str | int, *, ending: Ending = Ending.EOF) -> Script:
    return dataclasses.replace(script, frames=script.frames[: _kept(script.frames, after)], ending=ending)


def _cut_at(script: Script, size: int) -> Script:
    """The script up to a byte, wherever that falls."""
    frames: list[Frame] = []
    for frame in script.frames:
        frames.append(frame._replace(data=frame.data[:size]))
        size -= len(frame.data)
        if size <= 0:
            break
    return dataclasses.replace(script, frames=tuple(frames))


def _half_gzipped(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """Half of the whole stream packed, when its last frame is due."""
    packed = gzip.compress(b"".join(frame.data for frame in frames), mtime=0)
    return (frames[-1]._replace(data=packed[: len(packed) // 2]),)


def _stalled(script: Script, stall: Stall) -> Script:
    """Without an end the stream falls silent; with one, all that follows comes so much later."""
    ping_seconds = stall.ping_seconds if stall.pings else None
    if stall.seconds is None:
        cut = _cut(script, stall.after, ending=Ending.SILENCE)
        return dataclasses.replace(cut, ping_seconds=ping_seconds)
    kept = _kept(script.frames, stall.after)
    before = script.frames[:kept]
    after = tuple(frame._replace(at=frame.at + stall.seconds) for frame in script.frames[kept:])
    pings: list[Frame] = []
    if ping_seconds is not None and after:
        began = before[-1].at if before else 0.0
        count = int((after[0].at - began) / ping_seconds)
        ping = script.wire.ping
        pings = [Frame(began + ping_seconds * (n + 1), ping, Mark.TOKEN) for n in range(count) if ping]
    return dataclasses.replace(script, frames=(*before, *pings, *after))


def _broken_off(script: Script, fault: ErrorChunk, error: NamedError) -> Script:
    kept = script.frames[: _kept(script.frames, fault.after)]
    at = kept[-1].at if kept else script.frames[0].at
    data = script.wire.broken(Breakage(error=error, shape=fault.shape, sent=[frame.data for frame in kept]))
    tail = script.wire.done if fault.done else b""
    return dataclasses.replace(script, frames=(*kept, Frame(at, data + tail, Mark.FINISH)))


def _pieces(frames: Iterable[Frame], newline: bytes, size: int) -> Iterable[Frame]:
    late = 0.0
    for frame in frames:
        data = frame.data.replace(b"\n", newline)
        late = max(late, frame.at)
        for start in range(0, len(data), size):
            yield Frame(late, data[start : start + size], frame.mark)
            late += _PIECE_SECONDS
