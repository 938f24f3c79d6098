"""A stream as a script: what is sent when, and how a fault rewrites it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from prober.simulator.errors import ERRORS, encoded
from prober.simulator.faults.answers import ErrorChunk, Framing, LoneDone
from prober.simulator.faults.anywhere import Reset, Stall, Truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prober.simulator.faults.fault import Fault

__all__ = ["DONE", "Ending", "Frame", "Mark", "Script", "data_event", "rewritten"]

DONE = b"data: [DONE]\n\n"
_PING = b": ping\n\n"
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
    """The frames of a stream in the order of their times. ``chunk`` is what an error's chunk has around the error."""

    frames: tuple[Frame, ...]
    chunk: dict[str, object] = dataclasses.field(default_factory=dict)
    ending: Ending = Ending.EOF
    ping_seconds: float | None = None


def data_event(value: object) -> bytes:
    """One event of a stream that has only data."""
    return b"data: " + encoded(value) + b"\n\n"


def rewritten(script: Script, faults: Iterable[Fault]) -> Script:
    """The script as the faults leave it, one after the other; how it is cut into pieces comes last."""
    for fault in sorted(faults, key=lambda fault: isinstance(fault, Framing)):
        match fault:
            case Stall(after=after) if after != "start":
                script = _stalled(script, fault)
            case Reset(after=after) if after != "start":
                script = _cut(script, after, ending=Ending.RESET)
            case Truncate(after=after):
                script = _cut(script, after)
            case ErrorChunk():
                script = _broken_off(script, fault)
            case LoneDone():
                script = dataclasses.replace(script, frames=(Frame(script.frames[0].at, DONE, Mark.TAIL),))
            case Framing(newline=newline, piece=piece):
                frames = tuple(_pieces(script.frames, _NEWLINES[newline], piece))
                script = dataclasses.replace(script, frames=frames)
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
        pings = [Frame(began + ping_seconds * (n + 1), _PING, Mark.TOKEN) for n in range(count)]
    return dataclasses.replace(script, frames=(*before, *pings, *after))


def _broken_off(script: Script, fault: ErrorChunk) -> Script:
    kept = script.frames[: _kept(script.frames, fault.after)]
    at = kept[-1].at if kept else script.frames[0].at
    error = ERRORS[fault.error].error_object
    chunk: dict[str, object] = {"error": error}
    if fault.shape == "openrouter":
        failed = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        chunk = {**script.chunk, "error": error, "choices": [failed]}
    elif fault.shape == "empty_choices":
        chunk = {**script.chunk, "error": error, "choices": []}
    tail = DONE if fault.done else b""
    return dataclasses.replace(script, frames=(*kept, Frame(at, data_event(chunk) + tail, Mark.FINISH)))


def _pieces(frames: Iterable[Frame], newline: bytes, size: int) -> Iterable[Frame]:
    late = 0.0
    for frame in frames:
        data = frame.data.replace(b"\n", newline)
        late = max(late, frame.at)
        for start in range(0, len(data), size):
            yield Frame(late, data[start : start + size], frame.mark)
            late += _PIECE_SECONDS
