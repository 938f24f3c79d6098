"""What checks are asked about: one answer of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from multidict import CIMultiDictProxy
from yarl import URL

from prober.http.expect.charset import media_type

if TYPE_CHECKING:
    from lxml.etree import _Element

    from prober.http.expect.values import Unevaluable

__all__ = ["Memo", "Subject"]


class Memo:
    """What has been read out of a subject, so that its text is parsed, encoded and complained about once."""

    __slots__ = ("html", "json", "text_utf8")

    def __init__(self) -> None:
        self.json: tuple[object] | Unevaluable | None = None
        self.html: _Element | Unevaluable | None = None
        self.text_utf8: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One answer, as the queries of ``expect`` see it.

    ``text`` is what a person gets to read: the decoded body of a page or an API, the rendered page of a browser, the
    visible answer of a chat. Every query about content reads it; only ``raw`` reads ``body``, what came decoded over
    the wire. ``url`` is the last one, ``certificate_expiry`` and ``now`` are Unix time.
    """

    status: int | None
    headers: CIMultiDictProxy[str]
    cookies: Mapping[str, str]
    url: URL
    body: bytes
    text: str
    duration_ns: int
    wire_bytes: int
    redirects: int
    certificate_expiry: float | None
    http_version: str | None
    now: float
    model: str | None = None
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)

    @property
    def media_type(self) -> str:
        """The media type in small letters, without parameters; empty if the server named none."""
        return media_type(self.headers.get("Content-Type"))

    def utf8(self) -> bytes:
        """The text in UTF-8, encoded once; what has no encoding (half a surrogate pair) is ``?``."""
        if self.memo.text_utf8 is None:
            self.memo.text_utf8 = self.text.encode("utf-8", "replace")
        return self.memo.text_utf8

    def size(self) -> str:
        """What came, in the words of a miss: ``text/html, 512 bytes``."""
        if not self.text.strip():
            return "an empty body"
        return f"{self.media_type or 'no content type'}, {len(self.body or self.utf8())} bytes"
