"""How each API answers, event by event: spelled out from the vendors' references and SDKs, not from our readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.providers import openai_speech as chat

if TYPE_CHECKING:
    from tests.providers.wire import Asked

__all__ = ["SPEECHES", "Speech", "event", "line"]


def event(name: str, **fields: Any) -> bytes:
    """A named event."""
    return f"event: {name}\ndata: {json.dumps(fields, separators=(',', ':'))}\n\n".encode()


def line(document: object) -> bytes:
    """A line of JSON."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One API from the server's side.

    ``opening`` is what comes before any content, ``say`` and ``think`` make an event of content, ``close`` everything
    from the finish reason on; ``whole`` is the answer that is no stream. ``usage`` is what input, cached, output and
    reasoning of it come to. ``error`` is an error of status 200 inside a stream, and ``error_says`` its verdict.
    """

    protocol: str
    path: str
    target: str
    whole_target: str
    asked_for: Callable[[Any], str]
    opening: tuple[bytes, ...]
    say: Callable[[str], bytes]
    think: Callable[[str], bytes]
    close: Callable[[str], tuple[bytes, ...]]
    whole: Callable[[str, str], Mapping[str, Any]]
    error: bytes
    error_says: str
    stop: str
    length: str
    filtered: str | None
    usage: tuple[int, int, int, int]
    ping: bytes = b": ping\n\n"
    kind: str = "text/event-stream"

    def __str__(self) -> str:
        return self.protocol

    def text(self, asked: Asked) -> str:
        """What the probe wants to read."""
        return self.asked_for(asked.json).rpartition("exactly: ")[2]

    def stream(self, text: str) -> tuple[bytes, ...]:
        """A whole good stream."""
        return (*self.opening, self.say(text[:3]), self.say(text[3:]), *self.close(self.stop))


_MODEL = "parrot-1-2026-02-03"

CHAT = Speech(
    protocol="openai-chat",
    path="/v1",
    target="/v1/chat/completions",
    whole_target="/v1/chat/completions",
    asked_for=lambda body: str(body["messages"][-1]["content"]),
    opening=(chat.ROLE,),
    say=lambda text: chat.delta(content=text),
    think=lambda text: chat.delta(reasoning_content=text),
    close=lambda reason: (chat.stop(reason), chat.usage_of(), chat.DONE),
    whole=lambda text, reason: chat.whole(text, reason=reason),
    error=chat.data({"error": {"message": "Slow down", "type": "rate_limit_error", "code": "slow_down"}}),
    error_says="rate_limited ramp stream us",
    stop="stop",
    length="length",
    filtered="content_filter",
    usage=(21, 4, 12, 0),
)

AZURE = Speech(
    protocol="azure-openai",
    path="",
    target="/openai/v1/chat/completions",
    whole_target="/openai/v1/chat/completions",
    asked_for=CHAT.asked_for,
    opening=(
        chat.data({"id": "", "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}),
        chat.ROLE,
    ),
    say=lambda text: chat.chunk_of(
        choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None, "content_filter_results": {}}]
    ),
    think=CHAT.think,
    close=CHAT.close,
    whole=CHAT.whole,
    error=chat.data({"error": {"code": "429", "message": "System is experiencing high demand."}}),
    error_says="overloaded capacity stream target",
    stop="stop",
    length="length",
    filtered="content_filter",
    usage=CHAT.usage,
)


def _response(status: str, text: str | None = None, **fields: Any) -> dict[str, Any]:
    reason = status.partition(":")[2]
    output: list[dict[str, Any]] = [{"id": "rs_1", "type": "reasoning", "summary": []}]
    if text is not None:
        part = {"type": "output_text", "text": text, "annotations": []}
        output.append({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]})
    base = {"id": "resp_1", "object": "response", "created_at": 1, "status": status.partition(":")[0], "error": None}
    details = {"reason": reason} if reason else None
    return {**base, "incomplete_details": details, "model": _MODEL, "output": output, "usage": None, **fields}


_RESPONSES_USAGE = {
    "input_tokens": 37,
    "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 0},
    "output_tokens": 11,
    "output_tokens_details": {"reasoning_tokens": 6},
    "total_tokens": 48,
}


def _responses_close(reason: str) -> tuple[bytes, ...]:
    name = f"response.{reason.partition(':')[0]}"
    last = event(name, type=name, sequence_number=9, response=_response(reason, usage=_RESPONSES_USAGE))
    done = event("response.output_text.done", type="response.output_text.done", sequence_number=8, text="x")
    return (done, last)


def _started(name: str) -> bytes:
    return event(name, type=name, sequence_number=0, response=_response("in_progress"))


RESPONSES = Speech(
    protocol="openai-responses",
    path="/v1",
    target="/v1/responses",
    whole_target="/v1/responses",
    asked_for=lambda body: str(body["input"]),
    opening=(
        _started("response.created"),
        _started("response.in_progress"),
        event("response.output_item.added", type="response.output_item.added", item={"type": "message", "content": []}),
        event(
            "response.content_part.added", type="response.content_part.added", part={"type": "output_text", "text": ""}
        ),
    ),
    say=lambda text: event(
        "response.output_text.delta", type="response.output_text.delta", delta=text, content_index=0
    ),
    think=lambda text: event(
        "response.reasoning_summary_text.delta", type="response.reasoning_summary_text.delta", delta=text
    ),
    close=_responses_close,
    whole=lambda text, reason: _response(reason, text, usage=_RESPONSES_USAGE),
    error=event("error", type="error", code="server_error", message="It broke", param=None, sequence_number=3),
    error_says="server_error error_event stream target",
    stop="completed",
    length="incomplete:max_output_tokens",
    filtered="incomplete:content_filter",
    usage=(37, 5, 11, 6),
)


def _block(index: int, kind: str, **fields: Any) -> bytes:
    return event("content_block_start", type="content_block_start", index=index, content_block={"type": kind, **fields})


def _block_delta(kind: str, **fields: Any) -> bytes:
    return event("content_block_delta", type="content_block_delta", index=1, delta={"type": kind, **fields})


def _message_delta(reason: str) -> bytes:
    delta = {"stop_reason": reason, "stop_sequence": None, "stop_details": None}
    usage = {"output_tokens": 15, "output_tokens_details": {"thinking_tokens": 6}, "input_tokens": None}
    return event("message_delta", type="message_delta", delta=delta, usage=usage)


_MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": _MODEL,
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {
        "input_tokens": 25,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 4,
        "output_tokens": 1,
        "service_tier": "standard",
    },
}
_TEXT_USAGE = {**_MESSAGE["usage"], "output_tokens": 15, "output_tokens_details": {"thinking_tokens": 6}}

ANTHROPIC = Speech(
    protocol="anthropic",
    path="/v1",
    target="/v1/messages",
    whole_target="/v1/messages",
    asked_for=lambda body: str(body["messages"][-1]["content"]),
    opening=(
        event("message_start", type="message_start", message=_MESSAGE),
        _block(0, "thinking", thinking="", signature=""),
        event("ping", type="ping"),
        _block_delta("signature_delta", signature="EqQB"),
        event("content_block_stop", type="content_block_stop", index=0),
        _block(1, "text", text=""),
    ),
    say=lambda text: _block_delta("text_delta", text=text),
    think=lambda text: _block_delta("thinking_delta", thinking=text),
    close=lambda reason: (
        event("content_block_stop", type="content_block_stop", index=1),
        _message_delta(reason),
        event("message_stop", type="message_stop"),
    ),
    whole=lambda text, reason: {
        **_MESSAGE,
        "content": [{"type": "thinking", "thinking": "", "signature": "EqQB"}, {"type": "text", "text": text}],
        "stop_reason": reason,
        "usage": _TEXT_USAGE,
    },
    error=event("error", type="error", error={"type": "overloaded_error", "message": "Overloaded"}),
    error_says="overloaded capacity stream target",
    stop="end_turn",
    length="max_tokens",
    filtered="refusal",
    usage=(32, 4, 15, 6),
    ping=event("ping", type="ping"),
)


def _candidate(*parts: dict[str, Any], reason: str | None = None, usage: bool = False) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    counts = {"promptTokenCount": 9, "totalTokenCount": 9}
    if usage:
        counts = {
            "promptTokenCount": 9,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": 7,
            "toolUsePromptTokenCount": 2,
            "cachedContentTokenCount": 3,
            "totalTokenCount": 23,
        }
    finish = {"finishReason": reason} if reason else {}
    return {
        "candidates": [{**candidate, **finish}],
        "usageMetadata": counts,
        "modelVersion": _MODEL,
        "responseId": "r-1",
    }


GEMINI = Speech(
    protocol="gemini",
    path="/v1beta",
    target="/v1beta/models/parrot-1:streamGenerateContent?alt=sse",
    whole_target="/v1beta/models/parrot-1:generateContent",
    asked_for=lambda body: str(body["contents"][-1]["parts"][0]["text"]),
    opening=(chat.data(_candidate({"text": ""})),),
    say=lambda text: chat.data(_candidate({"text": text})),
    think=lambda text: chat.data(_candidate({"text": text, "thought": True})),
    close=lambda reason: (chat.data(_candidate({"text": "", "thoughtSignature": "AY89"}, reason=reason, usage=True)),),
    whole=lambda text, reason: _candidate({"text": text}, reason=reason, usage=True),
    error=chat.data({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}),
    error_says="overloaded capacity stream target",
    stop="STOP",
    length="MAX_TOKENS",
    filtered="SAFETY",
    usage=(11, 3, 12, 7),
)


def _interaction(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "v1_1", "status": status, "object": "interaction", "model": _MODEL, **fields}


def _step_delta(**fields: Any) -> bytes:
    return event("step.delta", index=1, delta=fields, event_type="step.delta")


_INTERACTION_USAGE = {
    "total_tokens": 346,
    "total_input_tokens": 11,
    "total_cached_tokens": 2,
    "total_output_tokens": 90,
    "total_tool_use_tokens": 0,
    "total_thought_tokens": 245,
}

INTERACTIONS = Speech(
    protocol="gemini-interactions",
    path="/v1beta",
    target="/v1beta/interactions",
    whole_target="/v1beta/interactions",
    asked_for=lambda body: str(body["input"]),
    opening=(
        event("interaction.created", interaction=_interaction("in_progress"), event_type="interaction.created"),
        event("interaction.status_update", status="in_progress", event_type="interaction.status_update"),
        event("step.start", index=0, step={"type": "thought"}, event_type="step.start"),
        _step_delta(signature="x", type="thought_signature"),
        event("step.stop", index=0, event_type="step.stop"),
        event("step.start", index=1, step={"type": "model_output"}, event_type="step.start"),
    ),
    say=lambda text: _step_delta(text=text, type="text"),
    think=lambda text: _step_delta(content={"type": "text", "text": text}, type="thought_summary"),
    close=lambda reason: (
        event("step.stop", index=1, event_type="step.stop"),
        event(
            "interaction.completed",
            interaction=_interaction(reason, usage=_INTERACTION_USAGE),
            event_type="interaction.completed",
        ),
    ),
    whole=lambda text, reason: _interaction(
        reason,
        steps=[{"type": "thought"}, {"type": "model_output", "content": [{"type": "text", "text": text}]}],
        usage=_INTERACTION_USAGE,
    ),
    error=event("error", event_type="error", error={"code": "service_unavailable", "message": "Unavailable"}),
    error_says="overloaded capacity stream target",
    stop="completed",
    length="incomplete",
    filtered=None,
    usage=(11, 2, 335, 245),
)


def _line(*, done: bool = False, **fields: Any) -> dict[str, Any]:
    return {"model": _MODEL, "created_at": "2026-11-22T00:00:00Z", "done": done, **fields}


def _last_line(reason: str, text: str = "") -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    counts = {"total_duration": 9, "load_duration": 1, "prompt_eval_count": 26, "eval_count": 8, "eval_duration": 5}
    return _line(done=True, message=message, done_reason=reason, **counts)


OLLAMA = Speech(
    protocol="ollama",
    path="",
    target="/api/chat",
    whole_target="/api/chat",
    asked_for=lambda body: str(body["messages"][-1]["content"]),
    opening=(line(_line(message={"role": "assistant", "content": ""})),),
    say=lambda text: line(_line(message={"role": "assistant", "content": text})),
    think=lambda text: line(_line(message={"role": "assistant", "content": "", "thinking": text})),
    close=lambda reason: (line(_last_line(reason)),),
    whole=lambda text, reason: _last_line(reason, text),
    error=line({"error": "an error was encountered while running the model: CUDA error"}),
    error_says="server_error error_event stream target",
    stop="stop",
    length="length",
    filtered=None,
    usage=(26, 0, 8, 0),
    ping=b"\n",
    kind="application/x-ndjson",
)

SPEECHES: Mapping[str, Speech] = MappingProxyType(
    {speech.protocol: speech for speech in (CHAT, AZURE, RESPONSES, ANTHROPIC, GEMINI, INTERACTIONS, OLLAMA)}
)
"""Every API by the name of its protocol."""
