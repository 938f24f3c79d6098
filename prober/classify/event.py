"""Why an event of a stream, or the state of a job, is a failure: an error object that has no HTTP status."""

from __future__ import annotations

from prober.classify.codes import table_of
from prober.classify.complaint import rule_on
from prober.classify.envelope import bare_complaint_of, complaint_of
from prober.classify.status import Audience
from prober.classify.upstream import heard_in
from prober.classify.verdict import Redact, Rule, Verdict, printable, unredacted
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

__all__ = ["event"]

_UNEXPLAINED = Rule(ErrorClass.SERVER_ERROR, "error_event")
_NO_MORE_THAN = Rule(ErrorClass.SERVER_ERROR, "internal")


def event(
    document: object,
    *,
    name: str | None = None,
    protocol: str | None = None,
    nonce: str | None = None,
    redact: Redact = unredacted,
    otherwise: Rule = _UNEXPLAINED,
) -> Verdict | None:
    """Why this event is a failure, or None if it declares no error.

    ``name`` is the event's own name: one named ``error`` is a failure whatever its data, also a bare error object.
    ``otherwise`` is the rule for an error that says no more than that it is one.
    """
    complaint = complaint_of(document)
    if complaint is None and name == "error":
        complaint = bare_complaint_of(document)
    if complaint is None:
        return None
    ruling = rule_on(complaint, table=table_of(protocol), audience=Audience.API, nonce=nonce)
    rule = otherwise if ruling.rule == _NO_MORE_THAN else ruling.rule
    seen = f"error event {printable(complaint.word, 80, redact=redact)}".rstrip()
    said = heard_in(complaint.message).message or DETAILS[rule.detail]
    return Verdict(
        error_class=rule.error_class,
        detail=rule.detail,
        message=f"{seen}: {printable(said, redact=redact)}",
        unmapped=printable(ruling.unmapped, 80, redact=redact) if ruling.unmapped else None,
    )
