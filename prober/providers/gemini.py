"""Gemini's generateContent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from prober.classify import blocked
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


def _request(ask: Ask) -> Request:
    body: dict[str, object] = {
        "contents": [{"role": "user", "parts": [{"text": ask.prompt}]}],
        "generationConfig": {ask.token_limit_field or "maxOutputTokens": ask.max_tokens},
    }
    model = quote(ask.model if "/" in ask.model else f"models/{ask.model}", safe="/")  # tunedModels/x is one as well
    method = "streamGenerateContent?alt=sse" if ask.stream else "generateContent"
    url = URL(ask.url(f"/{model}:{method}"), encoded=True)
    accept = "text/event-stream" if ask.stream else "application/json"
    return json_request(url, merged(body, ask.body), key_header(ask, "x-goog-api-key"), accept=accept)


def _event(event: Event, reply: Reply) -> None:
    if is_done(event):
        reply.ended = True
        return
    _read(document_of(event), reply, failed=event.name == "error")


def _read(chunk: Document, reply: Reply, *, failed: bool = False) -> None:
    if failed or chunk.get("error"):
        reply.error = chunk
        return
    candidates = objects(chunk, "candidates")
    for candidate in candidates:
        for part in objects(inside(candidate, "content"), "parts"):
            if part.get("thought") is True:
                reply.think(part.get("text"))
            else:
                reply.say(part.get("text"))
        reply.finish = text(candidate, "finishReason") or reply.finish
    reason = text(inside(chunk, "promptFeedback"), "blockReason")
    if reason is not None and not candidates:
        reply.verdict = blocked(reason)
    reply.id = text(chunk, "responseId") or reply.id
    reply.model = text(chunk, "modelVersion") or reply.model
    _usage(inside(chunk, "usageMetadata"), reply)


def _usage(usage: Document, reply: Reply) -> None:
    """Thoughts stand beside the candidates' tokens, and are billed like them.

    LiteLLM streams the answers of others without an id, and counts nothing: that is no answer that cost nothing.
    """
    if "promptTokenCount" in usage and (reply.id or usage["promptTokenCount"]):
        used = count(usage, "promptTokenCount") + count(usage, "toolUsePromptTokenCount")
        thoughts = count(usage, "thoughtsTokenCount")
        reply.usage = Usage(
            input=used,
            output=count(usage, "candidatesTokenCount") + thoughts,
            cached=min(count(usage, "cachedContentTokenCount"), used),
            reasoning=thoughts,
        )


def _whole(document: Document, reply: Reply) -> None:
    _read(document, reply)
    if reply.finish is None and reply.verdict is None and reply.error is None:
        raise KeyError("finishReason")
    reply.ended = True


PROTOCOL = ChatProtocol(name="gemini", request=_request, event=_event, whole=_whole, ends_with_body=True)
