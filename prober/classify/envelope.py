"""The error inside a JSON document, whatever envelope the provider puts it in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prober.classify.codes.table import Scope

__all__ = ["Clue", "Complaint", "bare_complaint_of", "complaint_of", "document_of", "loose_complaint_of"]

_LARGEST = 65_536  # an error is small; what is larger is an answer, and costs time to parse
_SAYS_NOTHING = frozenset({"", "none", "null", "error"})  # LiteLLM writes None as a word
_LONGEST_WORD = 100
_OPENROUTER_SAYS = "Provider returned error"
_A_DAY_AWAY_SECONDS = 3600  # a per-minute limit asks for less, a per-day limit for hours

_Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Clue:
    """One word of an error body, in small letters, and the scopes whose tables may know it; ``said`` is how it came."""

    word: str
    scopes: tuple[Scope, ...]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an error body says: its words, the most specific first; its message; the HTTP status it speaks of."""

    clues: tuple[Clue, ...] = ()
    message: str = ""
    param: str | None = None
    status: int | None = None

    @property
    def word(self) -> str:
        """The most specific word, for a person; empty where there is none, or the message says the same."""
        said = self.clues[0].said if self.clues else ""
        return "" if said == self.message else said


def document_of(body: bytes) -> object | None:
    """The JSON document in a body; None for anything else, and for what is too large to be an error."""
    if len(body) > _LARGEST or body.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document


def complaint_of(document: object) -> Complaint | None:
    """The error that a document declares, or None. Safe on the documents of success."""
    if isinstance(document, list):
        return complaint_of(document[0]) if len(document) == 1 and isinstance(document[0], dict) else None
    if not isinstance(document, dict):
        return None
    if document.get("error"):
        return _declared(document["error"], document)
    if document.get("type") == "error":
        return _object(document, document)
    for key in ("response", "interaction"):
        if isinstance(inner := document.get(key), dict) and inner.get("error"):
            return _declared(inner["error"], inner)
    return _in_first_choice(document)


def loose_complaint_of(document: object) -> Complaint | None:
    """What a document of a failed request says, where it declares no error: FastAPI, gateways, problem details."""
    if not isinstance(document, dict):
        return None
    detail = document.get("detail")
    if isinstance(detail, dict):
        return complaint_of(detail) or _object(detail, detail)
    if isinstance(errors := document.get("errors"), list) and errors and isinstance(errors[0], dict):
        return _object(errors[0], document)
    if isinstance(detail, list):
        detail = _refused_field(detail)
    texts = (detail, document.get("message"), document.get("msg"), document.get("title"))
    complaint = _object(document, document)
    message = next((text for text in texts if isinstance(text, str) and text), complaint.message)
    return Complaint(clues=complaint.clues, message=message, status=complaint.status)


def bare_complaint_of(error: object) -> Complaint:
    """What an error object says, or an error's text, without an envelope around it."""
    return _declared(error, {})


def _in_first_choice(document: _Document) -> Complaint | None:
    choices = document.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict) and choices[0].get("error"):
        return _declared(choices[0]["error"], document)
    return None


def _declared(error: object, around: _Document) -> Complaint:
    if isinstance(error, list) and error:  # Cloudflare's AI gateway
        error = error[0]
    if isinstance(error, dict):
        return _object(error, around)
    if not isinstance(error, str):
        return Complaint(message=_first_text(around, "message", "detail", "msg"))
    described = _first_text(around, "error_description", "message", "detail")
    clue = _word(error, Scope.OAUTH, Scope.WORD, Scope.CODE) if "error_description" in around else None
    clue = clue or _word(error, Scope.WORD, Scope.CODE)
    return Complaint(clues=(clue,) if clue else (), message=described or error)


def _object(error: _Document, around: _Document) -> Complaint:
    clues = tuple(_clues(error))
    return Complaint(
        clues=clues,
        message=_message(error) or _first_text(around, "message"),
        param=param if isinstance(param := error.get("param"), str) else None,
        status=_status(error) or _status({"status": around.get("status_code")}),  # Cerebras has it beside the error
    )


def _message(error: _Document) -> str:
    """The words of an error, with those of an upstream behind OpenRouter's own, which say nothing."""
    said = _first_text(error, "message", "error_description", "detail", "msg")
    raw = _first_text(_inner(error, "metadata"), "raw") if said == _OPENROUTER_SAYS else ""
    return f"{said}: {raw}" if raw else said or _refused_field(error.get("message"))


def _refused_field(told: object) -> str:
    """What a list of refused fields, as Mistral's message may be one, says of the first."""
    listed = told.get("detail") if isinstance(told, dict) else told
    first = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(first, dict):
        return ""
    where = first.get("loc")
    field = ".".join(str(part) for part in where[1:5]) if isinstance(where, list) else ""
    message = _first_text(first, "msg")
    return f"{field}: {message}" if field and message else message


def _clues(error: _Document) -> Iterator[Clue]:
    metadata = _inner(error, "metadata")
    details = error.get("details")
    words: list[tuple[object, tuple[Scope, ...]]] = [
        (_inner(error, "availability").get("code"), (Scope.AVAILABILITY,)),
        (_inner(metadata, "availability").get("code"), (Scope.AVAILABILITY,)),
        (metadata.get("error_type"), (Scope.ERROR_TYPE, Scope.CODE)),
        (error.get("error_type"), (Scope.ERROR_TYPE, Scope.CODE)),
        (_inner(error, "details").get("error_code"), (Scope.DETAIL,)),
        *(_google(details) if isinstance(details, list) else ()),
        (_inner(error, "innererror").get("code"), (Scope.INNER,)),
        (error.get("code"), (Scope.CODE,)),
        (error.get("type"), (Scope.CODE,)),
        (status if isinstance(status := error.get("status"), str) and status.isupper() else None, (Scope.RPC,)),
    ]
    for word, scopes in words:
        if isinstance(word, str) and (clue := _word(word, *scopes)):
            yield clue


def _google(details: list[object]) -> Iterator[tuple[object, tuple[Scope, ...]]]:
    """Quotas before reasons: a reason says that there is a limit, the quota says which."""
    parts = [part for part in details[:20] if isinstance(part, dict)]
    for part in parts:
        violations = part.get("violations")
        quotas = (
            [item.get("quotaId") for item in violations if isinstance(item, dict)]
            if isinstance(violations, list)
            else []
        )
        named = " ".join(quota for quota in quotas if isinstance(quota, str))
        if "PerDay" in named or _seconds(part.get("retryDelay")) >= _A_DAY_AWAY_SECONDS:
            yield "per_day", (Scope.QUOTA,)
    yield from ((part.get("reason"), (Scope.REASON,)) for part in parts)


def _seconds(delay: object) -> float:
    found = re.fullmatch(r"(\d{1,9})(\.\d+)?s", delay) if isinstance(delay, str) else None
    return float(found[1]) if found else 0.0


def _word(text: str, *scopes: Scope) -> Clue | None:
    """The clue, unless it is no word at all: a number is a status, a sentence is a message."""
    said = text.strip()
    word = said.lower()
    if word in _SAYS_NOTHING or word.isdigit() or len(word) > _LONGEST_WORD or not re.fullmatch(r"[\w. -]+", word):
        return None
    return None if word.count(" ") > 3 else Clue(word, scopes, said)  # "non-authoritative information" is a phrase


def _status(error: _Document) -> int | None:
    for key in ("code", "http_status", "http_status_code", "status", "statusCode"):
        value = error.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


def _inner(document: _Document, key: str) -> _Document:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _first_text(document: _Document, *keys: str) -> str:
    return next((value for key in keys if isinstance(value := document.get(key), str) and value), "")
