"""What a page asked for and what it threw, as the browser told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DocumentHop", "PageRequest", "Thrown", "is_awaited", "learn", "thrown_in"]

_STOPS = frozenset({"Blocking", "InBodyParserBlocking"})
_STOPS_OR_COMES_FIRST = _STOPS | {"NonBlocking"}  # what is `async` is "PotentiallyBlocking"
_WITHHELD = frozenset({"net::ERR_BLOCKED_BY_ORB", "net::ERR_FAILED"})
"""Errors of answers that came and that the page may not see, as it is of another origin."""

_Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrown:
    """An exception that nobody caught: what it says, and the script that threw it, if that is known."""

    id: int
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentHop:
    """One answer to a request for a document, a redirect or the last one, as the browser describes it."""

    response: _Event
    at_seconds: float


@dataclass(slots=True, kw_only=True)
class PageRequest:
    """One request of the page. ``kind`` is the browser's word for it, as Script or XHR; ``status`` None is no answer.

    ``is_sent`` says that a connection was there to send it over, ``is_awaited`` that the page is not whole before it is
    there; ``error`` is the browser's name of what went wrong. ``told`` is status and type of the last answer, also
    of one that was given up for its type before it counted.
    """

    id: str
    url: str
    kind: str
    frame: str
    began_seconds: float
    method: str = "GET"
    is_main: bool = False
    is_sent: bool = False
    is_awaited: bool = False
    status: int | None = None
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body_bytes: int = 0
    wire_bytes: int = 0
    ended_seconds: float | None = None
    error: str | None = None
    is_canceled: bool = False
    blocked: str | None = None
    told: tuple[int, str] | None = None
    hops: list[DocumentHop] = field(default_factory=list, repr=False)


def is_awaited(event: _Event) -> bool:
    """Whether the page waits for it: a stylesheet that is not for print, a script in its markup that is not `async`."""
    behavior = event.get("renderBlockingBehavior")
    named = event.get("initiator", {}).get("type") == "parser" and event.get("type") == "Script"
    return behavior in (_STOPS_OR_COMES_FIRST if named else _STOPS)


def thrown_in(event: _Event) -> Thrown:
    """The exception of an event: the first line of what it says."""
    details = event["exceptionDetails"]
    exception = details.get("exception", {})
    said = exception.get("description") or exception.get("value") or details.get("text", "")
    frames = details.get("stackTrace", {}).get("callFrames", [])
    url = details.get("url") or (frames[0]["url"] if frames else "")
    return Thrown(id=details.get("exceptionId", 0), text=str(said).partition("\n")[0], url=str(url))


def learn(request: PageRequest) -> None:
    """Take what was told of an answer for the answer of a request that was given up before it had one.

    So ends a stylesheet that is HTML, and what another origin does not let the page see. The two come in any order.
    """
    is_given_up = request.is_canceled or request.error in _WITHHELD
    if is_given_up and request.status is None and request.told is not None and not request.is_main:
        request.status, request.media_type = request.told
