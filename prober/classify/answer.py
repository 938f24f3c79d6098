"""Why an HTTP answer is a failure: the wall in front, the code in its body, its message, its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from prober.classify.codes import table_of
from prober.classify.complaint import Ruling, rule_on
from prober.classify.envelope import Complaint, complaint_of, document_of, loose_complaint_of
from prober.classify.status import Audience
from prober.classify.upstream import heard_in
from prober.classify.verdict import Redact, Rule, Verdict, printable, unredacted
from prober.classify.walls import challenge, edge_code, edge_page, made_by_edge, title_of
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

__all__ = ["Answer", "answer", "masked"]

_HTML = Rule(ErrorClass.UNEXPECTED_RESPONSE, "html")
_STATUS = Rule(ErrorClass.UNEXPECTED_RESPONSE, "status")
_SPOKEN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer as evidence. ``protocol`` chooses the code table; ``nonce`` is the fresh part of our request.

    ``redact`` takes secrets out of the provider's texts before they are cut.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    protocol: str | None = None
    nonce: str | None = None
    redact: Redact = field(default=unredacted, repr=False)


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer, read once: headers in small letters, the JSON document or else the text."""

    given: Answer
    headers: Mapping[str, str]
    document: object | None
    text: bytes

    @classmethod
    def of(cls, given: Answer) -> _Read:
        headers = {name.lower(): value for name, value in given.headers.items()}
        document = document_of(given.body)
        json = given.body.lstrip()[:1] in {b"{", b"["} or "json" in headers.get("content-type", "").lower()
        text = given.body.partition(given.nonce.encode())[0] if given.nonce else given.body
        return cls(given, headers, document, b"" if json else text)

    @property
    def html(self) -> bool:
        """Whether the body is a page."""
        if self.document is not None:
            return False
        if "text/html" in self.headers.get("content-type", "").lower():
            return bool(self.given.body)
        return self.text[:200].lstrip().lower().startswith((b"<!doctype html", b"<html"))

    @property
    def by_edge(self) -> bool:
        """Whether the answer was made in front of the service: an API does not speak HTML."""
        if self.document is not None:
            return _is_edge_json(self.document)
        return self.html or made_by_edge(self.headers)


def answer(given: Answer, audience: Audience) -> Verdict | None:
    """Why this answer is a failure, or None for a success. An API's error inside a status 200 is a failure."""
    read = _Read.of(given)
    if given.status < 400:
        if verdict := _masked(read, audience):
            return verdict
        return None if 200 <= given.status < 300 else _verdict(read, Ruling(_STATUS), None)
    if rule := challenge(given.status, read.headers, read.text):
        return _verdict(read, Ruling(rule), None)
    rule, unmapped = _edge(read)
    if rule:
        return _verdict(read, Ruling(rule), None)
    complaint = complaint_of(read.document) or loose_complaint_of(read.document) or _plain(read)
    ruling = _ruling(read, complaint, audience)
    return _verdict(read, Ruling(ruling.rule, ruling.unmapped or unmapped), complaint)


def masked(given: Answer, audience: Audience) -> Verdict | None:
    """The failure behind a status that claims success: a wall, an API's error object, HTML where an API should be."""
    return _masked(_Read.of(given), audience)


def _masked(read: _Read, audience: Audience) -> Verdict | None:
    if rule := challenge(read.given.status, read.headers, read.text):
        return _verdict(read, Ruling(rule), None)
    if audience is Audience.PAGE or not 200 <= read.given.status < 300:
        return None
    if read.html:
        return _verdict(read, Ruling(_HTML), None)
    complaint = complaint_of(read.document)
    return _verdict(read, _ruling(read, complaint, audience), complaint) if complaint else None


def _edge(read: _Read) -> tuple[Rule | None, str | None]:
    """What a page of the edge means, as HTML, as text, or as the JSON it gives to clients that ask for JSON."""
    if not _is_edge_json(read.document):
        return edge_page(read.given.status, read.headers, read.text)
    code = read.document.get("error_code")
    rule = edge_code(code)
    return rule, f"cloudflare_{code}" if rule is None and isinstance(code, int) else None


def _is_edge_json(document: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(document, dict) and document.get("cloudflare_error") is True


def _ruling(read: _Read, complaint: Complaint, audience: Audience) -> Ruling:
    given = read.given
    return rule_on(
        complaint,
        table=table_of(given.protocol),
        audience=audience,
        status=given.status,
        nonce=given.nonce,
        by_edge=read.by_edge,
    )


def _plain(read: _Read) -> Complaint:
    """A body without JSON: a short text is a message, an HTML page is not."""
    if read.html or read.document is not None:
        return Complaint()
    return Complaint(message=read.given.body[:1024].decode("utf-8", "replace").strip())


def _verdict(read: _Read, ruling: Ruling, complaint: Complaint | None) -> Verdict:
    rule, unmapped = ruling.rule, ruling.unmapped
    said = heard_in(complaint.message).message if complaint else ""
    word = complaint.word if complaint else ""
    title = title_of(read.text) if read.html else None
    seen = f"HTTP {read.given.status}" + (f" {printable(word, _SPOKEN, redact=read.given.redact)}" if word else "")
    if not said and title:
        said = f"a page titled {title}"
    return Verdict(
        error_class=rule.error_class,
        detail=rule.detail,
        message=f"{seen}: {printable(said or DETAILS[rule.detail], redact=read.given.redact)}",
        unmapped=printable(unmapped, _SPOKEN, redact=read.given.redact) if unmapped else None,
    )
