"""Faults that any surface can have: below HTTP, in the head, in the body, at the edge in front of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prober.simulator.errors import ERRORS, WORDS
from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import (
    BadValue,
    boolean,
    integer,
    json_value,
    key,
    mapping,
    number,
    one_of,
    position,
    text,
)

__all__ = [
    "BigHeader",
    "Challenge",
    "CutGzip",
    "Error",
    "Headers",
    "Html",
    "Latency",
    "RateLimit",
    "RedirectToLogin",
    "Reset",
    "Stall",
    "Status",
    "Truncate",
]

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_FIELD_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?|")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})


def _header_name(value: object) -> str:
    if not isinstance(value, str) or not _FIELD_NAME.fullmatch(value) or value.lower() in _FRAMING:
        raise BadValue(f"has a header that cannot be sent: {value!r}")
    return value


def _header_value(value: object) -> str:
    if not _FIELD_VALUE.fullmatch(text(value)):
        raise BadValue(f"has a header value that cannot be sent: {value!r}")
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Fault):
    """Answers with this status, and optionally this body and these headers."""

    name = "status"

    status: int = key(integer(200, 599), "The HTTP status.")
    body: object = key(json_value, "The body: a text, or an object or list that is sent as JSON.", default=None)
    headers: Mapping[str, str] = key(mapping(_header_name, _header_value), "Further headers.", default={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Fault):
    """Answers as a known provider answers a known mistake, by its name in errors.yaml."""

    name = "error"

    error: str = key(
        one_of(*WORDS, *ERRORS), "Its name, such as openai.quota, or a word that each API has for it, such as quota."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Fault):
    """Makes the head, or every token of a stream, come later."""

    name = "latency"

    seconds: float = key(number(0, 3600), "How much later.")
    jitter: float = key(number(0, 3600), "Up to so many seconds more, at random.", default=0.0)
    per: str = key(one_of("request", "token"), "What comes later: the answer's head, or each token.", default="request")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Fault):
    """Answers 429 with a Retry-After."""

    name = "rate_limit"

    retry_after: float = key(number(0, 86400), "Seconds to wait, as the header says them.", default=20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge(Fault):
    """Answers with a challenge page of the edge: ``cf-mitigated: challenge``."""

    name = "challenge"

    status: int = key(integer(200, 599), "The HTTP status; 403, 202, 429 and 503 have been seen.", default=403)


@dataclass(frozen=True, slots=True, kw_only=True)
class Html(Fault):
    """Answers 200 with the web app's page, as a server does that sends unknown routes to its single-page app."""

    name = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectToLogin(Fault):
    """Answers 302 to the sign-in page."""

    name = "redirect_to_login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall(Fault):
    """Stops sending while the connection stays open: for good, or for some seconds after which the answer goes on.

    A body that is no stream stops half-way, whatever place other than ``start`` is given.
    """

    name = "stall"

    after: str | int = key(
        position("start", "head", "role", "finish"), "Where: before the head, or after so much.", default="start"
    )
    pings: bool = key(
        boolean, "Whether a stalled stream pings in its protocol's way, mostly by `: ping`.", default=False
    )
    ping_seconds: float = key(number(0.01, 3600), "Time between two pings.", default=1.0)
    seconds: float | None = key(number(0, 86400), "How long; without it, until the client goes.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Fault):
    """Ends the connection by a TCP reset."""

    name = "reset"

    after: str | int = key(
        position("start", "head", "role", "finish"), "Where: before the head, or after so much.", default="start"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate(Fault):
    """Ends a stream too early but properly; a body that is no stream is shorter than its Content-Length."""

    name = "truncate"

    after: str | int = key(position("head", "role", "finish"), "After how much of a stream.", default=3)
    bytes: int | None = key(integer(0, 1 << 30), "After how many bytes of any body; goes before after.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutGzip(Fault):
    """Sends half of a gzipped body as if it were the whole."""

    name = "cut_gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers(Fault):
    """Adds these headers to whatever is answered, as a gateway does that fell back or replayed."""

    name = "headers"

    headers: Mapping[str, str] = key(mapping(_header_name, _header_value), "The headers.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BigHeader(Fault):
    """Adds one long header, as large security policies are."""

    name = "big_header"

    size: int = key(integer(1, 1_048_576), "Length of its value in bytes.", default=16_384)
