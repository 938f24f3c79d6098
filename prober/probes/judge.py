"""Whether an answer is what was expected, and why not: expectations and classification together."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from prober.classify import EVIDENCE, Answer, Audience, answer, failure_of, masked
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.classify import Verdict
    from prober.http.expect import Expect, Miss, Subject
    from prober.model.run import Run

__all__ = ["SUCCESS", "expecting", "judge", "note_unmapped"]

SUCCESS = range(200, 300)
"""The statuses of success where ``expect`` does not name one."""

_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, ExceptionGroup, *EVIDENCE)


def judge(
    expect: Expect,
    subject: Subject,
    *,
    run: Run,
    audience: Audience,
    protocol: str | None = None,
    nonce: str | None = None,
    unnamed: range = SUCCESS,
) -> None:
    """Return if the subject is what was expected; else raise the failure that says why not.

    A status outside the expected ones is classified by what came; an expected status of failure is none. ``unnamed``
    are the statuses expected where ``expect`` names none; a subject without a status is not asked about it. A missed
    check of severity ``slow`` makes the run slow. ``expect.error_class`` is the business of :func:`expecting`.
    """
    misses = expect.misses(subject, redact=run.redactor)
    hard = [miss for miss in misses if not miss.slow]
    failure = None
    if subject.status is not None:
        given = Answer(
            status=subject.status,
            headers=subject.headers,
            body=subject.body,
            protocol=protocol,
            nonce=nonce,
            redact=run.redactor,
        )
        missed = [miss for miss in hard if miss.status]
        accepted = not missed if expect.names_status else subject.status in unnamed
        verdict = _verdict(given, audience, accepted=accepted, any_class=expect.error_class is not None)
        failure = _failure(verdict, run, given.status, missed) if verdict or not accepted else None
    if failure and (failure.error_class is not expect.error_class or not hard):
        raise failure
    if hard:
        detail = "served_model" if any(miss.model for miss in hard) else "expectation"
        raise ProbeFailure(ErrorClass.CONTENT_MISMATCH, _said(hard), detail=detail, phase="expect")
    run.slow_because.extend(_said([miss]) for miss in misses)


def _verdict(given: Answer, audience: Audience, *, accepted: bool, any_class: bool) -> Verdict | None:
    """An expected status of failure is none, unless a class of failure is expected as well."""
    if given.status < 400 and accepted:
        return masked(given, audience)
    return None if accepted and not any_class else answer(given, audience)


def _failure(verdict: Verdict | None, run: Run, status: int, missed: list[Miss]) -> ProbeFailure:
    said = [_said(missed)] if missed else []
    if verdict is None:
        message = said[0] if said else f"expected a status of success, saw {status}"
        return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="status", phase="processing")
    note_unmapped(run, verdict.unmapped)
    message = "; ".join([*said, verdict.message])
    return ProbeFailure(verdict.error_class, message, detail=verdict.detail, phase="processing")


def note_unmapped(run: Run, code: str | None) -> None:
    """Keep a provider's code that no table knows, for the log and its counter."""
    if code is not None:
        run.measures["unmapped_error"] = code


def _said(misses: Iterable[Miss]) -> str:
    return "; ".join(f"expected {miss.check}, saw {miss.seen}" for miss in misses)


@contextmanager
def expecting(expect: Expect, run: Run) -> Iterator[None]:
    """A block whose failure is the success, if ``expect`` names an error class: then only that class is green.

    Without ``error_class`` it changes nothing. With it the block's success is a failure, and another failure stays.
    """
    expected = run.expected = expect.error_class
    outer = run.phase_name
    try:
        yield
    except _FAILURES as error:
        if expected is None or failure_of(error, run.phase_name).error_class is not expected:
            raise
        run.phase_name = outer
        return
    if expected is not None:
        message = f"expected {expected}, saw success"
        raise ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="expectation", phase="expect")
