"""Rows of the tables of provider errors, and what they are held against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from prober.classify import Answer, Verdict
from prober.model.details import DETAILS
from prober.model.errors import FAULTS

__all__ = ["Row", "check", "ids", "openai"]


def openai(message: str = "", *, type: str | None = None, code: object = None, param: str | None = None) -> object:  # noqa: A002 - the field's name
    """OpenAI's error envelope."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the reference: an answer, and what it means."""

    id: str
    status: int = 200
    body: object = ""
    expected: str
    """Class, detail and fault, with blanks between."""
    protocol: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    unmapped: str | None = None

    def answer(self, nonce: str | None = None) -> Answer:
        """The row as evidence: JSON unless the body is a text."""
        body = self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()
        kind = "text/html" if isinstance(self.body, str) and "<html" in self.body else "application/json"
        headers = {"Content-Type": kind, **self.headers}
        return Answer(status=self.status, headers=headers, body=body, protocol=self.protocol, nonce=nonce)


def ids(row: Row) -> str:
    """The readable name of a row."""
    return row.id


def check(row: Row, verdict: Verdict | None) -> None:
    """The verdict is what the row says, in the closed sets, with a sentence that a person can read."""
    assert verdict is not None, "no failure was seen"
    assert f"{verdict.error_class} {verdict.detail} {FAULTS[verdict.error_class]}" == row.expected
    assert verdict.detail in DETAILS
    assert verdict.unmapped == row.unmapped
    assert verdict.message.isprintable()
    assert 0 < len(verdict.message) <= 240
    failure = verdict.failure(phase="processing")
    assert (failure.error_class, failure.detail, failure.phase) == (verdict.error_class, verdict.detail, "processing")
    assert failure.message == verdict.message
