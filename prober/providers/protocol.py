"""What a chat protocol is: how to ask, and how to read what comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from prober.http.message import Request
from prober.http.sse import Event
from prober.model.secret import Secret
from prober.providers.reply import Reply

if TYPE_CHECKING:
    from yarl import URL

__all__ = [
    "Ask",
    "ChatProtocol",
    "Document",
    "combined",
    "document_of",
    "is_done",
    "json_request",
    "key_header",
    "merged",
]

Document = Mapping[str, object]
"""A JSON object."""

_SCAN: Callable[[str, int], tuple[object, int]] = vars(json.JSONDecoder())["scan_once"]  # raw_decode, without a frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question. ``body`` is merged over what the protocol would send; ``endpoint`` is the base with its version."""

    endpoint: str
    model: str
    prompt: str
    max_tokens: int
    stream: bool
    api_key: Secret | None = None
    auth_header: str | None = None
    api_version: str | None = None
    token_limit_field: str | None = None
    body: Document = field(default_factory=dict)

    def url(self, path: str) -> str:
        """The endpoint with a path below it."""
        return self.endpoint.rstrip("/") + path


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatProtocol:
    """One way to ask a model and to read its answer.

    ``request`` makes the request; ``event`` reads one event of a stream into the reply, ``whole`` a complete JSON
    answer; both raise ValueError, TypeError or KeyError for what the protocol does not allow. A stream is over when
    ``reply.ended`` is set; where ``ends_with_body`` there is no such marker, and it is over with the body, if a finish
    reason came. ``versioned`` says that requests carry the ``api_version``.
    """

    name: str
    request: Callable[[Ask], Request]
    event: Callable[[Event, Reply], None]
    whole: Callable[[Document, Reply], None]
    framing: Literal["sse", "ndjson"] = "sse"
    ends_with_body: bool = False
    versioned: bool = False


def json_request(url: URL, body: Document, headers: Mapping[str, str], *, accept: str) -> Request:
    """A POST of a JSON document."""
    return Request(
        url=url,
        method="POST",
        headers={"Content-Type": "application/json", "Accept": accept, **headers},
        body=json.dumps(body).encode(),
    )


def key_header(ask: Ask, name: str = "Authorization") -> dict[str, str]:
    """The header that carries the key: the one that was asked for, else that name; ``Authorization`` says Bearer."""
    if ask.api_key is None:
        return {}
    name = ask.auth_header or name
    key = ask.api_key.reveal()
    return {name: f"Bearer {key}" if name.lower() == "authorization" else key}


def merged(document: Document, patch: Document) -> dict[str, object]:
    """The document with a JSON merge patch (RFC 7396): objects are joined, None takes a field away."""
    joined = dict(document)
    for key, value in patch.items():
        if value is None:
            joined.pop(key, None)
        elif isinstance(value, Mapping):
            below = joined.get(key)
            joined[key] = merged(below if isinstance(below, Mapping) else {}, value)
        else:
            joined[key] = value
    return joined


def combined(patch: Document, later: Document) -> dict[str, object]:
    """One merge patch that does what the two do one after the other."""
    both = dict(patch)
    for key, value in later.items():
        below = both.get(key)
        both[key] = combined(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return both


def is_done(event: Event) -> bool:
    """Whether an event is OpenAI's end marker. Compatible servers send it in the formats of others too."""
    return event.data.startswith("[DONE]")


def document_of(event: Event) -> Document:
    """The JSON object in an event, or in a list of one: Google's errors may be. Raises ValueError or TypeError else."""
    data = event.data
    if data[:1] == "{":  # as a rule the object is all there is, and looking for white space around it costs as much
        try:
            document, end = _SCAN(data, 0)
        except StopIteration:
            end = 0
        if end == len(data):
            return cast("Document", document)
    document = json.loads(data)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, dict):
        raise TypeError("an event is a JSON object")
    return document
