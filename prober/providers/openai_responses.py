"""OpenAI's Responses."""

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

_LAST = frozenset({"response.completed", "response.incomplete", "response.failed", "response.done"})
_TEXT = frozenset(
    {"response.output_text.delta", "response.content_part.delta"}
)  # OpenRouter's docs have the other words


def _request(ask: Ask) -> Request:
    body: dict[str, object] = {
        "model": ask.model,
        "input": ask.prompt,
        ask.token_limit_field or "max_output_tokens": ask.max_tokens,
        "store": False,  # else it is kept for a month
        "stream": ask.stream,
    }
    accept = "text/event-stream" if ask.stream else "application/json"
    return json_request(URL(ask.url("/responses")), merged(body, ask.body), key_header(ask), accept=accept)


def _event(event: Event, reply: Reply) -> None:
    """Events are told apart by their type; an error is flat, without an object around it."""
    if is_done(event):
        reply.ended = True
        return
    document = document_of(event)
    kind = text(document, "type") or event.name
    if kind in _TEXT:
        reply.say(document.get("delta"))
    elif kind.startswith("response.reasoning") and kind.endswith(".delta"):  # of the text, or of its summary
        reply.think(document.get("delta"))
    elif kind == "response.refusal.delta":
        reply.refuse(document.get("delta"))
    elif kind == "error" or document.get("error"):
        reply.error = document
    elif "response" in document:
        _response(inside(document, "response"), reply, last=kind in _LAST)
        reply.model = text(document, "model") or reply.model  # LiteLLM's word for who answered, as in its other formats


def _response(response: Document, reply: Reply, *, last: bool) -> None:
    reply.id = text(response, "id") or reply.id
    reply.model = text(response, "model") or reply.model
    if not last:
        return
    if not reply.contents:
        _output(response, reply)
    _usage(inside(response, "usage"), reply)
    reply.finish = _finish(response)
    reply.ended = True
    if reply.finish == "failed" and response.get("error"):
        reply.error = {"response": response}


def _finish(response: Document) -> str | None:
    """The status; of an incomplete answer with its reason, as ``incomplete:max_output_tokens``."""
    status, reason = text(response, "status"), text(inside(response, "incomplete_details"), "reason")
    return f"{status}:{reason}" if status == "incomplete" and reason else status


def _output(response: Document, reply: Reply) -> None:
    for item in objects(response, "output"):
        for summary in objects(item, "summary"):
            reply.think(summary.get("text"))
        for part in objects(item, "content"):
            match part.get("type"):
                case "output_text":
                    reply.say(part.get("text"))
                case "reasoning_text":
                    reply.think(part.get("text"))
                case "refusal":
                    reply.refuse(part.get("refusal"))


def _usage(usage: Document, reply: Reply) -> None:
    if usage:
        used, output = count(usage, "input_tokens"), count(usage, "output_tokens")
        cached = count(inside(usage, "input_tokens_details"), "cached_tokens")
        reasoning = count(inside(usage, "output_tokens_details"), "reasoning_tokens")
        reply.usage = Usage(input=used, output=output, cached=min(cached, used), reasoning=min(reasoning, output))


def _whole(document: Document, reply: Reply) -> None:
    if text(document, "status") is None:
        raise KeyError("status")
    _response(document, reply, last=True)


PROTOCOL = ChatProtocol(name="openai-responses", request=_request, event=_event, whole=_whole)
