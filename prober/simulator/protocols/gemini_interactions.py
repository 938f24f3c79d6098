"""Gemini's Interactions, server side: an answer as an interaction of steps, or as the events of those steps.

Written from Google's documentation of streaming interactions (May 2026) and the types of its SDK.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.simulator.answer import Finish
from prober.simulator.errors import encoded
from prober.simulator.protocols.asked import Asked
from prober.simulator.script import Frame, Mark, Script, laid_out
from prober.simulator.wire import Wire, named_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.wire import Breakage

__all__ = ["InteractionRequest"]

_STATUSES = {Finish.STOP: "completed", Finish.LENGTH: "incomplete"}
_BLOCKED = {"code": "blocked", "message": "The response was blocked for safety reasons."}
_DONE = b"event: done\ndata: [DONE]\n\n"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRequest(Asked):
    """A request for an interaction. Of the thoughts only a signature is shown, unless they are ``summarized``."""

    summarized: bool
    store: bool
    background: bool
    id: str = field(default_factory=lambda: f"v1_{secrets.token_urlsafe(24)}")
    created: str = field(default_factory=_now)
    signature: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """The interaction with its steps."""
        steps: list[object] = []
        if answer.reasoning:
            summary = [{"type": "text", "text": answer.thought}] if self.summarized else []
            steps.append({"type": "thought", "signature": self.signature, "summary": summary})
        if answer.tokens:
            steps.append({"type": "model_output", "content": [{"type": "text", "text": answer.text}]})
        return {**self._ended(answer), "steps": steps}

    def begun(self, model: str) -> dict[str, object]:
        """The interaction before there is anything."""
        return {"id": self.id, "status": "in_progress", "object": "interaction", "model": model}

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """The events from ``interaction.created`` to ``interaction.completed``, and ``[DONE]``."""
        first = _event("interaction.created", interaction=self.begun(answer.model))
        first += _event("interaction.status_update", interaction_id=self.id, status="in_progress")
        index, thoughts, bridge = 0, [], b""
        if answer.reasoning:
            first += _event("step.start", index=0, step={"type": "thought"})
            thoughts = [self._thought(piece) for piece in answer.reasoning]
            signed = {"signature": self.signature, "type": "thought_signature"}
            bridge = _event("step.delta", index=0, delta=signed) + _event("step.stop", index=0)
            index = 1
        opening = _event("step.start", index=index, step={"type": "model_output"}) if answer.tokens else b""
        if not answer.reasoning:
            first, opening = first + opening, b""
        words = [_word(index, piece) for piece in answer.tokens]
        frames = [Frame(role_at, first, Mark.ROLE), *laid_out(due, thoughts, bridge + opening, words)]
        if answer.tokens:
            frames.append(Frame(due[-1], _event("step.stop", index=index), Mark.FINISH))
        completed = _event("interaction.completed", interaction=self._ended(answer))
        frames.append(Frame(due[-1], completed + _DONE, Mark.TAIL))
        return Script(frames=tuple(frames), wire=Wire(done=_DONE, broken=_broken))

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The interaction with the status ``failed``, which comes with HTTP 200."""
        del shape
        return {**self.begun(answer.model), "status": "failed", "steps": [], "errors": [_told(error)]}

    def _ended(self, answer: Answer) -> dict[str, object]:
        status = _STATUSES.get(answer.finish, "failed")
        ended = {
            **self.begun(answer.model),
            "status": status,
            "usage": _usage(answer),
            "created": self.created,
            "updated": _now(),
            "service_tier": "standard",
        }
        return {**ended, "errors": [_BLOCKED]} if status == "failed" else ended

    def _thought(self, piece: str) -> bytes:
        if not self.summarized:
            return b""
        content = {"text": piece, "type": "text"}
        return _event("step.delta", index=0, delta={"content": content, "type": "thought_summary"})


def _event(kind: str, **fields: object) -> bytes:
    return named_event(kind, {**fields, "event_type": kind})


def _word(index: int, piece: str) -> bytes:
    """A token. A stream may have thousands, so only the text is encoded."""
    return (
        b'event: step.delta\ndata: {"index":%d,"delta":{"text":%b,"type":"text"},"event_type":"step.delta"}\n\n'
    ) % (index, encoded(piece))


def _told(error: NamedError) -> dict[str, str]:
    return {"code": error.code, "message": error.message}


def _broken(broken: Breakage) -> bytes:
    return _event("error", error=_told(broken.error))


def _usage(answer: Answer) -> dict[str, object]:
    """All that was used; the output is without thoughts, the input with cached tokens."""
    return {
        "total_tokens": answer.total_tokens,
        "total_input_tokens": answer.prompt_tokens,
        "input_tokens_by_modality": [{"modality": "text", "tokens": answer.prompt_tokens}],
        "total_cached_tokens": answer.cached_tokens,
        "total_output_tokens": answer.completion_tokens - answer.reasoning_tokens,
        "total_tool_use_tokens": 0,
        "total_thought_tokens": answer.reasoning_tokens,
    }
