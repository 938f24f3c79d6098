"""What a browser finds wrong with a page: blank, requests that fail, exceptions, and what does not come in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.classify import failure_of
from prober.model.errors import ErrorClass, ProbeFailure
from prober.probes.asset_verdict import failure_among, mismatch
from prober.probes.page_requests import asset_of, failed_requests, is_ignored
from prober.probes.reference import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.browser.load import Sight
    from prober.browser.page_request import PageRequest
    from prober.browser.record import Record
    from prober.model.secret import Redactor
    from prober.probes.page_settings import PageProbe

__all__ = ["late", "problem_in"]

_NAMED = 3
_LONGEST = 100  # characters of what an exception says


def problem_in(record: Record, sight: Sight | None, settings: PageProbe, redactor: Redactor) -> ProbeFailure | None:
    """What is wrong with the page of those things that ``fail_on`` names; None if nothing is.

    What a person sees decides about the detail, and the message tells all. But while what failed may be our own
    network's fault, the page is not blamed for what follows from it.
    """
    found = list(_found(record, sight, settings, redactor))
    if not found:
        return None
    innocent = next((one for one in found if one.error_class is not ErrorClass.CONTENT_MISMATCH), None)
    first = innocent or found[0]
    return ProbeFailure(
        first.error_class, "; ".join(one.message for one in found), detail=first.detail, phase=first.phase
    )


def _found(record: Record, sight: Sight | None, settings: PageProbe, redactor: Redactor) -> Iterator[ProbeFailure]:
    page = URL(record.document.url if record.document is not None else settings.url, encoded=True)
    if "blank" in settings.fail_on and sight is not None and sight.is_blank:
        yield ProbeFailure(ErrorClass.CONTENT_MISMATCH, "the page painted nothing", detail="blank", phase="settle")
    if "failed_request" in settings.fail_on:
        failed = dict(failed_requests(record, page, settings.ignore))
        of = f"{len(record.requests) - 1} requests"
        among = failure_among(failed, of=of, allowed=settings.allow_broken, page=page, redactor=redactor)
        if among is not None:
            yield among
    thrown = [one for one in record.thrown if not is_ignored(one.url, settings.ignore)]
    if "exception" in settings.fail_on and thrown:
        more = f" and {record.exceptions - 1} more" if record.exceptions > 1 else ""
        said = redactor(thrown[0].text)[:_LONGEST]
        yield ProbeFailure(ErrorClass.CONTENT_MISMATCH, f"{said}{more}", detail="script_error", phase="assets")


def late(stage: str, record: Record, settings: PageProbe, problem: ProbeFailure | None, seconds: float) -> ProbeFailure:
    """Why a load was not done in time, by how far it came; what is wrong with the page tells more than that.

    ``stage`` is that of the load, or ``stuck`` where a script does not let the page go on.
    """
    document = record.document
    if document is None or document.status is None:
        is_sent = document is not None and document.is_sent
        failure = failure_of(TimeoutError(), "processing" if is_sent else "connect")
        failure.message = f"no answer within {seconds:.3g} s"
        return failure
    if stage == "stuck":
        message = f"a script of the page was still running after {seconds:.3g} s"
        return ProbeFailure(ErrorClass.RESPONSE_TIMEOUT, message, detail="total", phase="assets")
    if document.ended_seconds is None:
        failure = failure_of(TimeoutError(), "transfer")
        failure.message = f"the document did not end within {seconds:.3g} s"
        return failure
    if stage == "ready":
        message = f"expected {settings.ready} to be seen, and it was not within {seconds:.3g} s"
        unready = mismatch(message, "expectation")
        unready.phase = "settle"
        if problem is None:
            return unready
    if problem is not None:
        problem.message += f"; not done within {seconds:.3g} s"
        return problem
    message = f"not done within {seconds:.3g} s{_waited_for(record, document)}"
    phase = "assets" if stage == "assets" else "settle"
    return ProbeFailure(ErrorClass.RESPONSE_TIMEOUT, message, detail="total", phase=phase)


def _waited_for(record: Record, document: PageRequest) -> str:
    page = URL(document.url, encoded=True)
    waiting = [request for request in record.requests.values() if request.ended_seconds is None]
    named = [path_of(asset_of(request).url, page) for request in waiting if request.url.startswith("http")]
    return f": still waiting for {', '.join(named[:_NAMED])}" if named else ""
