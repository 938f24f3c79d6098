"""Gemini's Interactions."""

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

_REVISION = "2026-05-20"  # what google-genai 3.4.0 sends; it fixes the form of the events


def _request(ask: Ask) -> Request:
    body: dict[str, object] = {
        "model": ask.model,
        "input": ask.prompt,
        "generation_config": {ask.token_limit_field or "max_output_tokens": ask.max_tokens},
        "store": False,
        "stream": ask.stream,
    }
    headers = {**key_header(ask, "x-goog-api-key"), "Api-Revision": ask.api_version or _REVISION}
    accept = "text/event-stream" if ask.stream else "application/json"
    return json_request(URL(ask.url("/interactions")), merged(body, ask.body), headers, accept=accept)


def _event(event: Event, reply: Reply) -> None:
    if is_done(event):
        reply.ended = True
        return
    document = document_of(event)
    match text(document, "event_type") or event.name:
        case "step.delta":
            _content(inside(document, "delta"), reply)
        case "step.start":
            _step(inside(document, "step"), reply)
        case "interaction.created":
            _named(_interaction(document), reply)
        case "interaction.completed":
            _completed(_interaction(document), reply)
        case kind if kind == "error" or document.get("error"):
            reply.error = document


def _interaction(event: Document) -> Document:
    """The interaction in an event; LiteLLM's events are one themselves."""
    return inside(event, "interaction") or event


def _content(content: Document, reply: Reply) -> None:
    """A delta or a piece of content; a thought's signature is neither text nor reasoning."""
    match content.get("type"):
        case "text":
            reply.say(content.get("text"))
        case "thought_summary":
            reply.think(inside(content, "content").get("text"))
        case "thought":
            inner = inside(content, "content")
            reply.think(text(content, "text") or text(content, "thought") or text(inner, "text"))


def _step(step: Document, reply: Reply) -> None:
    if step.get("error"):
        reply.error = {"error": step["error"]}
    for summary in objects(step, "summary"):
        reply.think(summary.get("text"))
    if step.get("type") == "model_output":
        for content in objects(step, "content"):
            _content(content, reply)


def _named(interaction: Document, reply: Reply) -> None:
    reply.id = text(interaction, "id") or reply.id
    reply.model = text(interaction, "model") or reply.model


def _completed(interaction: Document, reply: Reply) -> None:
    """The end, whatever became of it: its status says what. The steps are in it where they did not flow before."""
    _named(interaction, reply)
    if not reply.contents:
        for step in objects(interaction, "steps"):
            _step(step, reply)
        for content in objects(interaction, "outputs"):  # the form before there were steps; some models keep to it
            _content(content, reply)
    _usage(inside(interaction, "usage"), reply)
    reply.finish = text(interaction, "status")
    reply.ended = True
    errors = [interaction.get("error") or None, *objects(interaction, "errors")]
    if reply.finish == "failed":
        reply.error = next(({"error": error} for error in errors if error), reply.error)


def _usage(usage: Document, reply: Reply) -> None:
    """In Google's own sample thoughts stand beside the output; the total tells."""
    if not usage:
        return
    used = count(usage, "total_input_tokens") + count(usage, "total_tool_use_tokens")
    output, thoughts = count(usage, "total_output_tokens"), count(usage, "total_thought_tokens")
    if count(usage, "total_tokens") != used + output:
        output += thoughts
    cached = min(count(usage, "total_cached_tokens"), used)
    reply.usage = Usage(input=used, output=output, cached=cached, reasoning=min(thoughts, output))


def _whole(document: Document, reply: Reply) -> None:
    if document.get("error"):
        reply.error = document
        return
    if text(document, "status") is None:
        raise KeyError("status")
    _completed(document, reply)


PROTOCOL = ChatProtocol(name="gemini-interactions", request=_request, event=_event, whole=_whole, versioned=True)
