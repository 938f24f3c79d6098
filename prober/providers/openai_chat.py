"""OpenAI's Chat Completions, and the many servers that speak them too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from yarl import URL

from prober.providers.protocol import Ask, ChatProtocol, json_request, number, text_or_none
from prober.providers.reply import Reply, Usage

if TYPE_CHECKING:
    from prober.http.message import Request
    from prober.http.sse import Event

__all__ = ["PROTOCOL", "bearer", "chat_body", "read_event", "read_whole"]


def chat_body(ask: Ask) -> dict[str, object]:
    """The body of the request: a user's message, the limit of tokens, and usage at the end of a stream."""
    body: dict[str, object] = {
        "model": ask.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        ask.token_limit_field or "max_tokens": ask.max_tokens,
        "stream": ask.stream,
    }
    if ask.stream:
        body["stream_options"] = {"include_usage": True}
    return {**body, **ask.body}


def bearer(ask: Ask) -> dict[str, str]:
    """The header that carries the key, ``Authorization: Bearer`` unless another is named."""
    if ask.api_key is None:
        return {}
    if ask.auth_header is None or ask.auth_header.lower() == "authorization":
        return {"Authorization": f"Bearer {ask.api_key.reveal()}"}
    return {ask.auth_header: ask.api_key.reveal()}


def _request(ask: Ask) -> Request:
    url = URL(ask.endpoint.rstrip("/") + "/chat/completions")
    return json_request(url, chat_body(ask), bearer(ask), stream=ask.stream)


def read_event(event: Event, reply: Reply) -> None:
    """Read one event of a stream. An error in it, an object or a text, counts before anything else."""
    if event.data.startswith("[DONE]"):
        reply.ended = True
        return
    chunk = json.loads(event.data)
    if not isinstance(chunk, Mapping):
        raise TypeError
    if chunk.get("error"):
        reply.error = chunk
        return
    _common(chunk, reply)
    for choice in _choices(chunk):
        delta = choice.get("delta")
        if isinstance(delta, Mapping):
            _content(delta, reply)
        _finish(choice, chunk, reply)


def read_whole(document: Mapping[str, object], reply: Reply) -> None:
    """Read a complete answer."""
    if document.get("error"):
        reply.error = document
        return
    _common(document, reply)
    choices = _choices(document)
    if not choices:
        raise KeyError("choices")
    for choice in choices:
        message = choice.get("message")
        if isinstance(message, Mapping):
            _content(message, reply)
        _finish(choice, document, reply)
    reply.ended = True


def _choices(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    choices = document.get("choices")
    return [choice for choice in choices if isinstance(choice, Mapping)] if isinstance(choices, list) else []


def _content(message: Mapping[str, object], reply: Reply) -> None:
    """Text, reasoning (two spellings in the field) and refusal of a delta or a message."""
    reply.think(message.get("reasoning_content") or message.get("reasoning"))
    content = message.get("content")
    if isinstance(content, list):
        for part in content:
            if isinstance(part, Mapping):
                reply.say(part.get("text"))
    else:
        reply.say(content)
    if message.get("refusal"):
        reply.refusal = True


def _finish(choice: Mapping[str, object], document: Mapping[str, object], reply: Reply) -> None:
    reason = text_or_none(choice.get("finish_reason"))
    if reason is None:
        return
    reply.finish = reason
    if reason == "error":
        reply.error = choice if choice.get("error") else document


def _common(document: Mapping[str, object], reply: Reply) -> None:
    model = text_or_none(document.get("model"))
    if model is not None:
        reply.model = model
    usage = document.get("usage")
    if isinstance(usage, Mapping):
        reply.usage = Usage(
            input=number(usage.get("prompt_tokens")),
            output=number(usage.get("completion_tokens")),
            cached=_part(usage, "prompt_tokens_details", "cached_tokens"),
            reasoning=_part(usage, "completion_tokens_details", "reasoning_tokens"),
        )
        cost = usage.get("cost")
        if isinstance(cost, int | float) and not isinstance(cost, bool):
            reply.cost = float(cost)


def _part(usage: Mapping[str, object], details: str, name: str) -> int:
    inside = usage.get(details)
    return number(inside.get(name)) if isinstance(inside, Mapping) else 0


PROTOCOL = ChatProtocol(name="openai-chat", family="openai", request=_request, event=read_event, whole=read_whole)
