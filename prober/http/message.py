"""A request, the answer to it, and the redirects between the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from multidict import CIMultiDictProxy
from yarl import URL

__all__ = ["Head", "Hop", "Request", "Response", "is_header"]


def is_header(name: str, value: str) -> bool:
    """Whether the two can be a line of a message's head without breaking it."""
    is_name = name != "" and name.isascii() and not set(name) & {":", " ", "\t"}
    return is_name and not set(name + value) & {"\r", "\n", "\0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent. ``headers`` go to the URL's own origin only; ``defaults`` stand in for those that nobody gave."""

    url: URL
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    defaults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed."""

    method: str
    url: URL
    status: int
    duration_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Status and headers of an answer, and when its first byte came (monotonic clock)."""

    status: int
    reason: str
    http_version: str
    headers: CIMultiDictProxy[str]
    first_byte_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A whole answer.

    ``url`` is the one it came from, or the one that ``until`` stopped at; ``body`` is decoded, ``wire_bytes`` are the
    body's bytes as they came; ``first_byte_ns`` is the time from the start of the first request to the first byte of
    the last answer; ``certificate_expiry`` is Unix time; ``cookies`` are those a browser would send to ``url`` now.
    """

    status: int
    reason: str
    http_version: str
    headers: CIMultiDictProxy[str]
    url: URL
    body: bytes
    wire_bytes: int
    hops: tuple[Hop, ...]
    duration_ns: int
    first_byte_ns: int
    certificate_expiry: float | None
    cookies: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """The media type without parameters, in small letters; empty if none was sent."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
