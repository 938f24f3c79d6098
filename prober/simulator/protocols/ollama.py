"""Ollama's own protocol, server side: objects in lines, of which the last one is ``done``.

Written from Ollama's documentation of ``/api/chat`` and ``/api/generate``.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.simulator.answer import Finish
from prober.simulator.errors import encoded
from prober.simulator.protocols.asked import Asked
from prober.simulator.script import Frame, Mark, Script, laid_out
from prober.simulator.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.wire import Breakage

__all__ = ["OllamaChat", "OllamaGenerate"]

_LOAD_SECONDS = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaChat(Asked):
    """A request to ``/api/chat``."""

    began: float = field(default_factory=time.perf_counter)

    @property
    def stream_type(self) -> str:
        """Lines of JSON."""
        return "application/x-ndjson"

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """One object, which is done."""
        said = self.said(answer.text, answer.thought)
        return {**_head(answer), **said, **_done(answer, time.perf_counter() - self.began)}

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """A line a token, and one that is done."""
        del role_at
        thoughts = len(answer.reasoning)
        lines = [
            *self._lines(answer, self.said("", "PIECE"), answer.reasoning, due),
            *self._lines(answer, self.said("PIECE"), answer.tokens, due[thoughts:]),
        ]
        frames = laid_out(due, lines[:thoughts], b"", lines[thoughts:])
        last = {**_head(answer, due[-1]), **self.said(""), **_done(answer, due[-1])}
        frames.append(Frame(due[-1], _line(last), Mark.FINISH))
        return Script(frames=tuple(frames), wire=Wire(ping=b"", done=b"", broken=_broken, event_stream=False))

    def _lines(
        self, answer: Answer, said: Mapping[str, object], pieces: Sequence[str], due: Sequence[float]
    ) -> Iterator[bytes]:
        """A line a piece, in the place of ``PIECE``. A stream may have thousands, so only times and texts are made."""
        head = encoded({"model": answer.model, "created_at": "TIME"})[:-1].removesuffix(b'"TIME"')
        before, _, after = encoded({**said, "done": False})[1:].partition(b'"PIECE"')
        now = dt.datetime.now(dt.UTC)
        for at, piece in zip(due, pieces, strict=False):
            time_ = _spelled(now + dt.timedelta(seconds=at)).encode()
            yield b'%b"%b",%b%b%b\n' % (head, time_, before, encoded(piece), after)

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The error's sentence, though the status is 200."""
        del shape, answer
        return {"error": error.message}

    def said(self, text: str, thought: str = "") -> dict[str, object]:
        """What an object says, in the place where the protocol has it."""
        message = {"role": "assistant", "content": text}
        return {"message": {**message, "thinking": thought} if thought else message}


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaGenerate(OllamaChat):
    """A request to ``/api/generate``."""

    def said(self, text: str, thought: str = "") -> dict[str, object]:
        """A response beside, perhaps, a thought."""
        return {"response": text, "thinking": thought} if thought else {"response": text}


def _head(answer: Answer, seconds: float = 0.0) -> dict[str, object]:
    """The model, and the time so many seconds from now."""
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    return {"model": answer.model, "created_at": _spelled(at)}


def _spelled(at: dt.datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _done(answer: Answer, seconds: float) -> dict[str, object]:
    """The end: the reason, durations in nanoseconds, and counts, which are left out where they are 0."""
    counts = {"prompt_eval_count": answer.prompt_tokens, "eval_count": answer.completion_tokens}
    nanoseconds = round(seconds * 1e9)
    load = round(_LOAD_SECONDS * 1e9)
    return {
        "done": True,
        "done_reason": "length" if answer.finish is Finish.LENGTH else "stop",
        "total_duration": nanoseconds + load,
        "load_duration": load,
        "prompt_eval_duration": nanoseconds // 4,
        "eval_duration": nanoseconds - nanoseconds // 4,
        **{name: count for name, count in counts.items() if count},
    }


def _line(value: object) -> bytes:
    return encoded(value) + b"\n"


def _broken(broken: Breakage) -> bytes:
    return _line({"error": broken.error.message})
