"""Ollama's own chat: a line of JSON each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.providers.fields import count, inside, text
from prober.providers.protocol import Ask, ChatProtocol, Document, document_of, json_request, key_header, merged
from prober.providers.reply import Reply, Usage

if TYPE_CHECKING:
    from prober.http.message import Request
    from prober.http.sse import Event

__all__ = ["PROTOCOL"]


def _request(ask: Ask) -> Request:
    """The endpoint is the server; the base of its compatible API, below ``/v1``, names it as well."""
    server = ask.endpoint.rstrip("/").removesuffix("/v1").removesuffix("/api")
    body: dict[str, object] = {
        "model": ask.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        "options": {ask.token_limit_field or "num_predict": ask.max_tokens},
        "stream": ask.stream,
    }
    accept = "application/x-ndjson" if ask.stream else "application/json"
    return json_request(URL(f"{server}/api/chat"), merged(body, ask.body), key_header(ask), accept=accept)


def _event(event: Event, reply: Reply) -> None:
    _read(document_of(event), reply)


def _read(line: Document, reply: Reply) -> None:
    if line.get("error"):
        reply.error = line
        return
    message = inside(line, "message")
    reply.think(message.get("thinking"))
    reply.say(message.get("content"))
    reply.model = text(line, "model") or reply.model
    if line.get("done") is True:
        reply.finish = text(line, "done_reason") or "stop"  # older servers give no reason
        reply.usage = Usage(input=count(line, "prompt_eval_count"), output=count(line, "eval_count"))
        reply.ended = True


def _whole(document: Document, reply: Reply) -> None:
    _read(document, reply)
    if not reply.ended and reply.error is None:
        raise KeyError("done")


PROTOCOL = ChatProtocol(name="ollama", request=_request, event=_event, whole=_whole, framing="ndjson")
