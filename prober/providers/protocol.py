"""What a chat protocol is: how to ask, and how to read what comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prober.http.message import Request
from prober.http.sse import Event
from prober.model.secret import Secret
from prober.providers.reply import Reply

if TYPE_CHECKING:
    from yarl import URL

__all__ = ["Ask", "ChatProtocol", "json_request", "number", "text_or_none"]


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
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatProtocol:
    """One way to ask a model and to read its answer.

    ``request`` makes the request; ``event`` reads one event of a stream into the reply, ``whole`` a complete JSON
    answer. ``family`` names the table of error codes. A stream is over when ``reply.ended`` is set.
    """

    name: str
    family: str
    request: Callable[[Ask], Request]
    event: Callable[[Event, Reply], None]
    whole: Callable[[Mapping[str, object], Reply], None]
    framing: Literal["sse", "ndjson"] = "sse"


def json_request(url: URL, body: Mapping[str, object], headers: Mapping[str, str], *, stream: bool) -> Request:
    """A POST of a JSON document, asking for an event stream or for JSON."""
    return Request(
        url=url,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Accept": "text/event-stream" if stream else "application/json",
            **headers,
        },
        body=json.dumps(body).encode(),
    )


def number(value: object) -> int:
    """A count of tokens; anything that is none counts as 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def text_or_none(value: object) -> str | None:
    """The value if it is a text."""
    return value if isinstance(value, str) and value else None
