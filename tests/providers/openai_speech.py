"""How Chat Completions are spoken: the chunks and documents of OpenAI's reference and SDK, spelled out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.providers.wire import Asked

__all__ = ["DONE", "ROLE", "USAGE", "chunk_of", "data", "delta", "prompt", "stop", "stream", "usage_of", "whole"]

DONE = b"data: [DONE]\n\n"
USAGE: dict[str, Any] = {
    "prompt_tokens": 21,
    "completion_tokens": 12,
    "total_tokens": 33,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}


def data(document: object) -> bytes:
    """An event that has only data."""
    return b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"


def chunk_of(**fields: Any) -> bytes:
    """A chunk of a completion."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "parrot-1-2026-02-03"}
    return data({**base, "choices": [], **fields})


def delta(finish: str | None = None, **fields: Any) -> bytes:
    """A chunk with one choice."""
    return chunk_of(choices=[{"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}], usage=None)


ROLE = delta(role="assistant", content="", refusal=None)


def stop(reason: str = "stop") -> bytes:
    """The chunk with the finish reason."""
    return delta(reason)


def usage_of(**fields: Any) -> bytes:
    """The chunk with the usage and no choices."""
    return chunk_of(choices=[], usage={**USAGE, **fields})


def prompt(asked: Asked) -> str:
    """What the probe wants to read."""
    text: str = asked.json["messages"][-1]["content"]
    return text.rpartition("exactly: ")[2]


def stream(asked: Asked, *, reason: str = "stop") -> list[bytes]:
    """A whole good stream."""
    text = prompt(asked)
    return [ROLE, delta(content=text[:3]), delta(content=text[3:]), stop(reason), usage_of(), DONE]


def whole(text: str, *, reason: str | None = "stop", **fields: Any) -> dict[str, Any]:
    """A whole completion."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    base = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "parrot-1-2026-02-03"}
    return {**base, "choices": [choice], "usage": USAGE, **fields}
