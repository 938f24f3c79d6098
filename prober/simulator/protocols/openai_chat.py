"""OpenAI Chat Completions, server side: a request becomes a question, an answer becomes JSON or the frames of a stream.

Written from OpenAI's specification and SDK (`/v1/chat/completions`, spec 2.3.0), not from what our prober expects.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.simulator.errors import encoded
from prober.simulator.script import DONE, Frame, Mark, Script, data_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prober.simulator.answer import Answer

__all__ = ["ChatRequest", "completion", "script", "usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What is asked of the wire: whether to stream, and what the stream's chunks carry."""

    stream: bool
    include_usage: bool
    include_obfuscation: bool
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))


def usage(answer: Answer) -> dict[str, object]:
    """The ``usage`` object; the prompt's tokens include cached ones, the completion's include reasoning."""
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": len(answer.reasoning) if answer.completion_tokens else 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def completion(answer: Answer, request: ChatRequest) -> dict[str, object]:
    """The whole answer as one object."""
    message: dict[str, object] = {"role": "assistant", "content": answer.text, "refusal": None, "annotations": []}
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    return {
        "id": request.id,
        "object": "chat.completion",
        "created": request.created,
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}],
        "usage": usage(answer),
        "service_tier": "default",
        "system_fingerprint": _fingerprint(answer.model),
    }


def script(answer: Answer, request: ChatRequest, due: Sequence[float], *, role_at: float) -> Script:
    """The stream: role, reasoning and content when they are due, finish, usage if it was asked for, ``[DONE]``.

    ``due`` has a time for every token, reasoning included, and one for the finish.
    """
    chunk = _chunk(answer, request)
    render = _Renderer(chunk, request)
    frames = [Frame(role_at, render.choice({"role": "assistant", "content": "", "refusal": None}), Mark.ROLE)]
    deltas = [("reasoning_content", piece) for piece in answer.reasoning]
    deltas += [("content", piece) for piece in answer.tokens]
    frames += [Frame(at, render.delta(name, piece), Mark.TOKEN) for at, (name, piece) in zip(due, deltas, strict=False)]
    at = due[-1]
    frames.append(Frame(at, render.choice({}, answer.finish), Mark.FINISH))
    if request.include_usage:
        frames.append(Frame(at, data_event({**chunk, "choices": [], "usage": usage(answer)}), Mark.TAIL))
    frames.append(Frame(at, DONE, Mark.TAIL))
    return Script(frames=tuple(frames), chunk=chunk)


def _chunk(answer: Answer, request: ChatRequest) -> dict[str, object]:
    return {
        "id": request.id,
        "object": "chat.completion.chunk",
        "created": request.created,
        "model": answer.model,
        "service_tier": "default",
        "system_fingerprint": _fingerprint(answer.model),
    }


def _fingerprint(model: str) -> str:
    return f"fp_{sum(model.encode()) * 2654435761 % 2**40:010x}"


class _Renderer:
    """Chunks with one choice. What they share is encoded once, since a stream may have thousands."""

    def __init__(self, chunk: dict[str, object], request: ChatRequest) -> None:
        self._before = b"data: " + encoded(chunk)[:-1] + b',"choices":[{"index":0,"delta":'
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
        return b'%b%b,"logprobs":null,"finish_reason":%b}]%b%b}\n\n' % (
            self._before,
            delta,
            finish,
            self._usage,
            padding,
        )


def _noise() -> Iterator[bytes]:
    """Random texts of random length, drawn many at a time."""
    while True:
        drawn = secrets.token_urlsafe(768).encode()
        for start in range(0, len(drawn) - 16, 16):
            yield drawn[start : start + 4 + drawn[start] % 13]
