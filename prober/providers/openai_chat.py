"""OpenAI's Chat Completions, and the many servers that speak them too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.providers.fields import amount, count, inside, objects, text
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
    from collections.abc import Mapping

    from prober.http.message import Request
    from prober.http.sse import Event

__all__ = ["PROTOCOL", "chat_request", "read_event", "read_whole"]


def chat_request(ask: Ask, url: URL, headers: Mapping[str, str], *, limit_field: str) -> Request:
    """A user's message, the limit of tokens, and usage at the end of a stream."""
    body: dict[str, object] = {
        "model": ask.model,
        "messages": [{"role": "user", "content": ask.prompt}],
        ask.token_limit_field or limit_field: ask.max_tokens,
        "stream": ask.stream,
    }
    if ask.stream:
        body["stream_options"] = {"include_usage": True}
    accept = "text/event-stream" if ask.stream else "application/json"
    return json_request(url, merged(body, ask.body), headers, accept=accept)


def _request(ask: Ask) -> Request:
    return chat_request(ask, URL(ask.url("/chat/completions")), key_header(ask), limit_field="max_tokens")


def read_event(event: Event, reply: Reply) -> None:
    """Read one event of a stream. An error counts before anything else: in the event, or all of it by its name."""
    if is_done(event):
        reply.ended = True
        return
    chunk = document_of(event)
    if reply.model is None or reply.id is None:
        _named(chunk, reply)
    if chunk.get("error") or event.name == "error":
        reply.error = chunk
        return
    for choice in objects(chunk, "choices"):
        delta = choice.get("delta")
        if isinstance(delta, dict):
            _content(delta, reply)
        if choice.get("finish_reason"):
            _finish(choice, chunk, reply)
    if "usage" in chunk or "x_groq" in chunk:
        _common(chunk, reply)


def read_whole(document: Document, reply: Reply) -> None:
    """Read a complete answer."""
    _named(document, reply)
    if document.get("error"):
        reply.error = document
        return
    for choice in objects(document, "choices"):
        _content(inside(choice, "message"), reply)
        _finish(choice, document, reply)
    if reply.finish is None:
        raise KeyError("finish_reason")
    _common(document, reply)
    reply.ended = True


def _content(message: Document, reply: Reply) -> None:
    """Text, reasoning (in the field's spellings) and refusal of a delta or a message."""
    content = message.get("content")
    if isinstance(content, str):
        reply.say(content)
    elif isinstance(content, list):
        for part in objects(message, "content"):
            _part(part, reply)
    if content is not None and len(message) == 1:
        return  # the most of all events
    thoughts = reply.contents
    reply.think(message.get("reasoning_content") or message.get("reasoning"))
    if reply.contents == thoughts and "reasoning_details" in message:  # OpenRouter
        for detail in objects(message, "reasoning_details"):
            reply.think(detail.get("text") or detail.get("summary"))
    reply.refuse(message.get("refusal"))


def _part(part: Document, reply: Reply) -> None:
    """A part of a message: Mistral's models think in parts of their own."""
    if part.get("type") == "thinking":
        for thought in objects(part, "thinking"):
            reply.think(thought.get("text"))
    else:
        reply.say(part.get("text"))


def _finish(choice: Document, document: Document, reply: Reply) -> None:
    reason = text(choice, "finish_reason")
    if reason is None:
        return
    reply.finish = reason
    reply.model = text(document, "model") or reply.model  # a gateway may have fallen back on the way
    if reason == "error":  # OpenRouter
        reply.error = choice if choice.get("error") else document


def _named(document: Document, reply: Reply) -> None:
    """What an error's chunk tells as well: OpenRouter's support asks for the id."""
    reply.model = text(document, "model") or reply.model
    reply.id = text(document, "id") or reply.id


def _common(document: Document, reply: Reply) -> None:
    if "usage" in document and isinstance(document["usage"], dict):
        _usage(document["usage"], reply)
    if "x_groq" in document:
        aside = inside(document, "x_groq")
        reply.id = text(aside, "id") or reply.id
        if reply.usage is None and isinstance(told := aside.get("usage"), dict):  # where it is not asked for beside it
            _usage(told, reply)
        if aside.get("error"):
            reply.error = aside


def _usage(usage: Document, reply: Reply) -> None:
    """The tokens, of which reasoning is a part. At some it stands beside the completion instead: xAI's sum says so."""
    used, output = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    reasoning = count(inside(usage, "completion_tokens_details"), "reasoning_tokens")
    alone = 0 if reasoning else count(usage, "reasoning_tokens")  # inside at SGLang, beside at Perplexity
    cached = count(inside(usage, "prompt_tokens_details"), "cached_tokens")
    cached = cached or count(usage, "prompt_cache_hit_tokens")  # DeepSeek
    reasoning, beyond = reasoning or alone, count(usage, "total_tokens") - used - output
    if alone > output or 0 < reasoning == beyond:
        output += reasoning
    elif beyond > 0 and used and not reasoning and not cached:  # Google's compatible API has thoughts in the sum alone
        reasoning, output = beyond, output + beyond
    reply.usage = Usage(
        input=used,
        output=output,
        cached=min(cached, used),
        reasoning=min(reasoning, output),
    )
    cost = amount(usage, "cost")
    reply.cost = amount(inside(usage, "cost"), "total_cost") if cost is None else cost  # OpenRouter, Perplexity


PROTOCOL = ChatProtocol(name="openai-chat", request=_request, event=read_event, whole=read_whole)
