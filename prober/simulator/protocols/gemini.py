"""Gemini's generateContent, server side: an answer as one object, or as chunks of it in a stream.

Written from Google's documentation (v1beta) and the types of its SDK.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.simulator.answer import Finish
from prober.simulator.errors import encoded
from prober.simulator.protocols.asked import EVENT_STREAM, Asked
from prober.simulator.script import Frame, Mark, Script, laid_out
from prober.simulator.wire import Wire, data_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.wire import Breakage

__all__ = ["ContentRequest", "token_details"]

_FINISHES = {
    Finish.STOP: "STOP",
    Finish.LENGTH: "MAX_TOKENS",
    Finish.FILTERED: "SAFETY",
    Finish.REFUSED: "PROHIBITED_CONTENT",
}
_RATINGS = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]
_PIECE = '"PIECE"'


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRequest(Asked):
    """A request for content. A stream that is not of ``events`` is one JSON array, which grows."""

    events: bool
    include_thoughts: bool
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def stream_type(self) -> str:
        """Of which kind the stream is."""
        return EVENT_STREAM if self.events else "application/json; charset=UTF-8"

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """One object with one candidate, or with none if the prompt was blocked."""
        parts: list[object] = []
        if answer.reasoning and self.include_thoughts:
            parts.append({"text": answer.thought, "thought": True})
        if answer.tokens or answer.finish is Finish.STOP:
            parts.append({"text": answer.text})
        return self._chunk(answer, parts, last=True)

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """A chunk a token. The last word comes together with the finish reason if it is not the only one."""
        del role_at
        ahead = answer.tokens[:-1] if len(answer.tokens) > 1 else answer.tokens
        rest = answer.tokens[len(ahead) :]
        thoughts = [b""] * len(answer.reasoning)
        if self.include_thoughts:
            before, after = self._around_piece(answer, {"thought": True})
            thoughts = [before + encoded(piece) + after for piece in answer.reasoning]
        before, after = self._around_piece(answer, {})
        words = [before + encoded(piece) + after for piece in ahead]
        frames = laid_out(due, thoughts, b"", words)
        parts = [{"text": "".join(rest)}] if answer.tokens or answer.finish is Finish.STOP else []
        last = self._framed(encoded(self._chunk(answer, parts, last=True)))
        frames.append(Frame(due[-1], last, Mark.FINISH))
        if self.events:
            return Script(frames=tuple(frames), wire=Wire(done=b"", broken=_broken))
        return Script(frames=tuple(_array(frames)), wire=_ARRAY)

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The error's body, though the status is 200."""
        del shape, answer
        return {"error": error.error_object}

    def _chunk(self, answer: Answer, parts: Sequence[object], *, last: bool) -> dict[str, object]:
        usage: dict[str, object] = {"promptTokenCount": answer.prompt_tokens, "totalTokenCount": answer.prompt_tokens}
        chunk: dict[str, object] = {}
        if answer.finish is Finish.BLOCKED:
            chunk["promptFeedback"] = {"blockReason": "SAFETY", "safetyRatings": _RATINGS}
        else:
            candidate: dict[str, object] = {}
            if answer.finish in {Finish.STOP, Finish.LENGTH}:
                candidate["content"] = {"parts": parts, "role": "model"} if parts else {"role": "model"}
            if last:
                candidate["finishReason"] = _FINISHES[answer.finish]
                usage = _usage(answer)
            chunk["candidates"] = [{**candidate, "index": 0}]
        return {**chunk, "usageMetadata": usage, "modelVersion": answer.model, "responseId": self.id}

    def _around_piece(self, answer: Answer, beside: Mapping[str, object]) -> tuple[bytes, bytes]:
        """What stands before and after the text of a chunk. A stream may have thousands; only texts are encoded."""
        chunk = encoded(self._chunk(answer, [{"text": "PIECE", **beside}], last=False))
        before, _, after = self._framed(chunk).partition(_PIECE.encode())
        return before, after

    def _framed(self, chunk: bytes) -> bytes:
        return b"data: " + chunk + b"\n\n" if self.events else chunk


def token_details(count: int) -> list[dict[str, object]]:
    """So many tokens, all of them text."""
    return [{"modality": "TEXT", "tokenCount": count}]


def _usage(answer: Answer) -> dict[str, object]:
    """All that was used; candidates' tokens are without thoughts, the prompt's with cached ones."""
    usage: dict[str, object] = {
        "promptTokenCount": answer.prompt_tokens,
        "candidatesTokenCount": answer.completion_tokens - answer.reasoning_tokens,
        "totalTokenCount": answer.total_tokens,
        "promptTokensDetails": token_details(answer.prompt_tokens),
    }
    if answer.cached_tokens:
        usage["cachedContentTokenCount"] = answer.cached_tokens
    if answer.reasoning:
        usage["thoughtsTokenCount"] = answer.reasoning_tokens
    return usage


def _broken(broken: Breakage) -> bytes:
    """Lines of plain JSON, which is how it comes in the midst of events; rarely an event."""
    body = {"error": broken.error.error_object}
    if broken.shape == "event":
        return data_event(body)
    return json.dumps(body, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _broken_array(broken: Breakage) -> bytes:
    return (b",\n" if broken.sent else b"[") + _broken(broken) + b"]"


_ARRAY = Wire(ping=b"", done=b"", broken=_broken_array, event_stream=False)


def _array(frames: Sequence[Frame]) -> list[Frame]:
    """The chunks as elements of an array."""
    elements = [frame._replace(data=(b",\n" if index else b"[") + frame.data) for index, frame in enumerate(frames)]
    return [*elements[:-1], elements[-1]._replace(data=elements[-1].data + b"]")]
