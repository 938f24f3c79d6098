"""Anthropic's Messages, in both versions of the API: what differs between them is not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.providers.fields import count, inside, objects, text
from prober.providers.protocol import (
    Ask,
    ChatProtocol,
    Document,
    document_of,
    is_done,
    json_request,
    key_header,
    merged,
)
from prober.providers.reply import Reply, Usage

if TYPE_CHECKING:
    from prober.http.message import Request
    from prober.http.sse import Event

__all__ = ["PROTOCOL"]

_VERSION = "2023-06-01"


def _request(ask: Ask) -> Request:
    body: dict[str, object] = {
        "model": ask.model,
        ask.token_limit_field or "max_tokens": ask.max_tokens,
        "messages": [{"role": "user", "content": ask.prompt}],
        "stream": ask.stream,
    }
    headers = {**key_header(ask, "x-api-key"), "anthropic-version": ask.api_version or _VERSION}
    accept = "text/event-stream" if ask.stream else "application/json"
    return json_request(URL(ask.url("/messages")), merged(body, ask.body), headers, accept=accept)


def _event(event: Event, reply: Reply) -> None:
    if is_done(event):  # of no meaning here, but alone it is an answer without anything in it
        reply.ended = reply.ended or not (reply.contents or reply.finish)
        return
    document = document_of(event)
    match text(document, "type") or event.name:
        case "content_block_delta":
            _block(inside(document, "delta"), reply)
        case "content_block_start":
            _block(inside(document, "content_block"), reply)
        case "message_start":
            _message(inside(document, "message"), reply)
        case "message_delta":
            reply.finish = text(inside(document, "delta"), "stop_reason") or reply.finish
            _usage(inside(document, "usage"), reply)
        case "message_stop":
            reply.ended = True
        case kind if kind == "error" or document.get("error"):
            _error(document, reply)


def _error(document: Document, reply: Reply) -> None:
    reply.error = document
    reply.request_id = text(document, "request_id")


def _block(block: Document, reply: Reply) -> None:
    """A content block or a delta of one: which it is says the type, not its place."""
    match block.get("type"):
        case "text" | "text_delta":
            reply.say(block.get("text"))
        case "thinking" | "thinking_delta":
            reply.think(block.get("thinking"))


def _message(message: Document, reply: Reply) -> None:
    reply.id = text(message, "id") or reply.id
    reply.model = text(message, "model") or reply.model
    _usage(inside(message, "usage"), reply)


def _usage(usage: Document, reply: Reply) -> None:
    """Counts are cumulative: a later one replaces an earlier one, and one that is not repeated stays."""
    reply.notes.update((name, value) for name, value in usage.items() if value is not None)
    seen = reply.notes
    if not seen:
        return
    cached = count(seen, "cache_read_input_tokens")
    output = count(seen, "output_tokens")
    reply.usage = Usage(
        input=count(seen, "input_tokens") + count(seen, "cache_creation_input_tokens") + cached,
        output=output,
        cached=cached,
        reasoning=min(count(inside(seen, "output_tokens_details"), "thinking_tokens"), output),
    )


def _whole(document: Document, reply: Reply) -> None:
    if document.get("type") == "error" or document.get("error"):
        _error(document, reply)
        return
    for block in objects(document, "content"):
        _block(block, reply)
    _message(document, reply)
    reply.finish = text(document, "stop_reason")
    if reply.finish is None:
        raise KeyError("stop_reason")
    reply.ended = True


PROTOCOL = ChatProtocol(name="anthropic", request=_request, event=_event, whole=_whole, versioned=True)
