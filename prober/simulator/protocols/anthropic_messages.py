"""Anthropic Messages, server side: an answer as the object ``message``, or as the events of its content blocks.

Written from Anthropic's documentation (versions 2023-06-01 and 2026-10-21) and the types of its SDK.
"""

from __future__ import annotations

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

__all__ = ["MessageRequest"]

_STOPS = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.FILTERED: "refusal",
    Finish.REFUSED: "refusal",
    Finish.BLOCKED: "refusal",
}
_PING = named_event("ping", {"type": "ping"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRequest(Asked):
    """A request for a message. Thoughts are left out of it unless they are to be ``summarized``."""

    summarized: bool
    id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(12)}")
    signature: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """The object ``message``."""
        content: list[object] = []
        if answer.reasoning:
            thinking = answer.thought if self.summarized else ""
            content.append({"type": "thinking", "thinking": thinking, "signature": self.signature})
        if answer.tokens:
            content.append({"type": "text", "text": answer.text})
        return {
            **self._message(answer),
            "content": content,
            **_stopped(answer),
            "usage": {**_input_usage(answer), **_output_usage(answer), "service_tier": "standard", "speed": "standard"},
        }

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """The events from ``message_start`` to ``message_stop``."""
        usage = {**_input_usage(answer), "output_tokens": min(1, answer.completion_tokens), "service_tier": "standard"}
        start = {**self._message(answer), "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        first = named_event("message_start", {"type": "message_start", "message": start})
        index, thoughts, bridge = 0, [], b""
        if answer.reasoning:
            first += _block("start", 0, content_block={"type": "thinking", "thinking": "", "signature": ""})
            thoughts = [_delta(0, b"thinking", piece) if self.summarized else b"" for piece in answer.reasoning]
            signed = {"type": "signature_delta", "signature": self.signature}
            bridge = _block("delta", 0, delta=signed) + _block("stop", 0)
            index = 1
        opening = _block("start", index, content_block={"type": "text", "text": ""}) if answer.tokens else b""
        if not answer.reasoning:
            first, opening = first + opening, b""
        words = [_delta(index, b"text", piece) for piece in answer.tokens]
        frames = [Frame(role_at, first + _PING, Mark.ROLE), *laid_out(due, thoughts, bridge + opening, words)]
        end = _block("stop", index) if answer.tokens else b""
        delta = {"type": "message_delta", "delta": _stopped(answer), "usage": _output_usage(answer)}
        frames.append(Frame(due[-1], end + named_event("message_delta", delta), Mark.FINISH))
        frames.append(Frame(due[-1], named_event("message_stop", {"type": "message_stop"}), Mark.TAIL))
        return Script(frames=tuple(frames), wire=Wire(ping=_PING, done=b"", broken=_broken))

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The error's body, though the status is 200."""
        del shape, answer
        return {"type": "error", "error": error.error_object}

    def _message(self, answer: Answer) -> dict[str, object]:
        return {"id": self.id, "type": "message", "role": "assistant", "model": answer.model}


def _block(what: str, index: int, **fields: object) -> bytes:
    kind = f"content_block_{what}"
    return named_event(kind, {"type": kind, "index": index, **fields})


def _delta(index: int, kind: bytes, piece: str) -> bytes:
    """A token. A stream may have thousands, so only the text is encoded."""
    return (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
        b'"delta":{"type":"%b_delta","%b":%b}}\n\n'
    ) % (index, kind, kind, encoded(piece))


def _broken(broken: Breakage) -> bytes:
    return named_event("error", {"type": "error", "error": broken.error.error_object})


def _stopped(answer: Answer) -> dict[str, object]:
    reason = _STOPS[answer.finish]
    details = {"type": "refusal", "category": "general_harms", "explanation": None} if reason == "refusal" else None
    return {"stop_reason": reason, "stop_sequence": None, "stop_details": details}


def _input_usage(answer: Answer) -> dict[str, object]:
    """What goes in; cached tokens are beside the others, not among them."""
    return {
        "input_tokens": answer.prompt_tokens - answer.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": answer.cached_tokens,
    }


def _output_usage(answer: Answer) -> dict[str, object]:
    return {
        "output_tokens": answer.completion_tokens,
        "output_tokens_details": {"thinking_tokens": answer.reasoning_tokens},
    }
