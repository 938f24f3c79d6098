"""OpenAI Chat Completions, server side: a request becomes a question, an answer becomes JSON or the frames of a stream.

Written from OpenAI's specification and SDK (`/v1/chat/completions`, spec 2.3.0), not from what our prober expects.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from prober.simulator.answer import REFUSAL, Finish
from prober.simulator.errors import encoded
from prober.simulator.protocols.asked import Asked
from prober.simulator.script import Frame, Mark, Script, laid_out
from prober.simulator.wire import DONE, Wire, data_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.wire import Breakage

__all__ = ["ChatRequest", "usage"]

_FINISHES = {
    Finish.STOP: "stop",
    Finish.LENGTH: "length",
    Finish.FILTERED: "content_filter",
    Finish.REFUSED: "stop",
    Finish.BLOCKED: "content_filter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest(Asked):
    """A request for a chat completion, and what the chunks of its stream carry."""

    service_tier: ClassVar[str | None] = "default"

    include_usage: bool
    include_obfuscation: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """The object ``chat.completion``."""
        refusal = REFUSAL if answer.finish is Finish.REFUSED else None
        message: dict[str, object] = {
            "role": "assistant",
            "content": None if refusal else answer.text,
            "refusal": refusal,
            "annotations": [],
        }
        if answer.reasoning:
            message["reasoning_content"] = answer.thought
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISHES[answer.finish]}
        return {
            **self._head(answer, "chat.completion"),
            "choices": [{**choice, **self.beside_choice(answer)}],
            "usage": usage(answer),
        }

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """Role, reasoning and content when they are due, finish, usage if it was asked for, ``[DONE]``."""
        chunk = self._head(answer, "chat.completion.chunk")
        render = _Renderer(self, chunk, encoded(self.beside_choice(answer))[1:-1])
        role = render.choice({"role": "assistant", "content": "", "refusal": None})
        frames = [Frame(role_at, self.before_role(answer) + role, Mark.ROLE)]
        thoughts = [render.delta("reasoning_content", piece) for piece in answer.reasoning]
        frames += laid_out(due, thoughts, b"", [render.delta("content", piece) for piece in answer.tokens])
        at = due[-1]
        if answer.finish is Finish.REFUSED:
            frames.append(Frame(at, render.delta("refusal", REFUSAL), Mark.TOKEN))
        frames.append(Frame(at, render.choice({}, _FINISHES[answer.finish]), Mark.FINISH))
        if self.include_usage:
            frames.append(Frame(at, data_event({**chunk, "choices": [], "usage": usage(answer)}), Mark.TAIL))
        frames.append(Frame(at, DONE, Mark.TAIL))
        return Script(frames=tuple(frames), wire=Wire(broken=lambda broken: _broken(chunk, broken)))

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The error alone, or as OpenRouter has it: inside a choice, beside what was said before."""
        if shape != "openrouter":
            return {"error": error.error_object}
        message = {"role": "assistant", "content": answer.tokens[0] if answer.tokens else ""}
        choice = {"index": 0, "message": message, "finish_reason": "error", "error": error.error_object}
        return {**self._head(answer, "chat.completion"), "choices": [choice]}

    def beside_choice(self, answer: Answer) -> dict[str, object]:
        """What else a choice has."""
        del answer
        return {}

    def before_role(self, answer: Answer) -> bytes:
        """What the stream begins with."""
        del answer
        return b""

    def _head(self, answer: Answer, kind: str) -> dict[str, object]:
        head: dict[str, object] = {"id": self.id, "object": kind, "created": self.created, "model": answer.model}
        if self.service_tier is not None:
            head["service_tier"] = self.service_tier
        return {**head, "system_fingerprint": _fingerprint(answer.model)}


def usage(answer: Answer) -> dict[str, object]:
    """The ``usage`` object; the prompt's tokens include cached ones, the completion's include reasoning."""
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.total_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": answer.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _broken(chunk: Mapping[str, object], broken: Breakage) -> bytes:
    error = broken.error.error_object
    match broken.shape:
        case "openrouter":
            failed = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
            return data_event({**chunk, "error": error, "choices": [failed]})
        case "empty_choices":
            return data_event({**chunk, "error": error, "choices": []})
        case _:
            return data_event({"error": error})


def _fingerprint(model: str) -> str:
    return f"fp_{sum(model.encode()) * 2654435761 % 2**40:010x}"


class _Renderer:
    """Chunks with one choice. What they share is encoded once, since a stream may have thousands."""

    def __init__(self, request: ChatRequest, chunk: dict[str, object], beside_choice: bytes) -> None:
        self._before = b"data: " + encoded(chunk)[:-1] + b',"choices":[{"index":0,"delta":'
        self._beside = b"," + beside_choice if beside_choice else b""
        self._usage = b',"usage":null' if request.include_usage else b""
        self._obfuscated = request.include_obfuscation
        self._noise = _noise()

    def choice(self, delta: dict[str, object], finish: str | None = None) -> bytes:
        """A chunk with any delta."""
        return self._chunk(encoded(delta), encoded(finish))

    def delta(self, name: str, piece: str) -> bytes:
        """A chunk with one piece of text."""
        return self._chunk(b'{"%b":%b}' % (name.encode(), encoded(piece)), b"null")

    def _chunk(self, delta: bytes, finish: bytes) -> bytes:
        padding = b',"obfuscation":"%b"' % next(self._noise) if self._obfuscated else b""
        return b'%b%b,"logprobs":null,"finish_reason":%b%b}]%b%b}\n\n' % (
            self._before,
            delta,
            finish,
            self._beside,
            self._usage,
            padding,
        )


def _noise() -> Iterator[bytes]:
    """Random texts of random length, drawn many at a time."""
    while True:
        drawn = secrets.token_urlsafe(768).encode()
        for start in range(0, len(drawn) - 16, 16):
            yield drawn[start : start + 4 + drawn[start] % 13]
