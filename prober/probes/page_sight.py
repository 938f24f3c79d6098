"""What a load in a browser leaves: measures, phases, and the subject of the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.browser.timing import first_byte_ns, mark_document, waited_ns
from prober.classify import Audience
from prober.http.expect import Subject, text_of
from prober.model.errors import ProbeFailure
from prober.probes.asset import HTML_TYPES
from prober.probes.judge import judge
from prober.probes.page_counts import PageCounts
from prober.probes.page_requests import asset_of, is_ignored, request_failure
from prober.probes.reference import is_same_site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from prober.browser.load import Sight
    from prober.browser.page_request import PageRequest
    from prober.browser.record import Record
    from prober.model.run import Run
    from prober.probes.page_settings import PageProbe

__all__ = ["judge_kind", "judge_status", "note_load", "subject_of_sight"]

_VERSIONS = {"http/1.0": "1.0", "http/1.1": "1.1", "h2": "2", "h3": "3"}


def note_load(record: Record, sight: Sight | None, settings: PageProbe, run: Run) -> None:
    """Write phases and measures, as far as the load came."""
    measures, document = run.measures, record.document
    if document is not None and document.status is not None:
        measures["http_status"] = document.status
        measures["redirects"] = len(document.hops) - 1
        measures["bytes"] = document.wire_bytes
        _note_certificate(document, run)
        mark_document(run, document)
        _note_time(run, "ttfb_seconds", first_byte_ns(document))
        waited = waited_ns(document)
        measures["first_byte_seconds"] = None if waited is None else waited / 1e9
        _note_requests(record, settings, run)
        _note_loaded(record, document, run)
    measures["exceptions"] = record.exceptions
    measures["console_errors"] = record.console_errors
    if sight is not None:
        measures["fcp_seconds"] = sight.vitals.fcp_seconds
        measures["lcp_seconds"] = sight.vitals.lcp_seconds
        measures["layout_shift"] = sight.vitals.layout_shift


def subject_of_sight(sight: Sight, record: Record, run: Run) -> Subject:
    """What checks look at: the rendered page, under the status and the headers that the document came with.

    Of what is no page, such as an API's answer, the text is what came, and not what the browser makes of it.
    """
    is_page = record.document is None or record.document.media_type in HTML_TYPES | {""}
    text = sight.html if is_page else text_of(sight.body, None)
    return _subject(record, run, url=sight.url, body=sight.body, text=text, cookies=sight.cookies)


def judge_status(record: Record, settings: PageProbe, run: Run) -> None:
    """Raise what the document's status means, if it is not one of those expected. The page itself is not looked at."""
    if record.document is None or record.document.status is None:
        return
    _judge_kind(_subject(record, run, url=record.document.url, body=b"", text="", cookies={}), settings, run)


def judge_kind(sight: Sight, record: Record, settings: PageProbe, run: Run) -> None:
    """Raise what the page is instead of the one that was asked for, such as a challenge. Its checks are not asked."""
    _judge_kind(subject_of_sight(sight, record, run), settings, run)


def _judge_kind(subject: Subject, settings: PageProbe, run: Run) -> None:
    try:
        judge(settings.expect, subject, run=run, audience=Audience.PAGE)
    except ProbeFailure as failure:
        if failure.phase != "expect":
            raise


def _subject(record: Record, run: Run, *, url: str, body: bytes, text: str, cookies: Mapping[str, str]) -> Subject:
    document = record.document
    response = document.hops[-1].response if document is not None and document.hops else {}
    expiry = run.measures.get("certificate_expiry")
    return Subject(
        status=response.get("status"),
        headers=CIMultiDictProxy(_headers(response)),
        cookies=cookies,
        url=URL(url, encoded=True),
        body=body,
        text=text,
        duration_ns=run.clock.monotonic_ns() - run.started_ns,
        wire_bytes=document.wire_bytes if document is not None else 0,
        redirects=len(document.hops) - 1 if document is not None else 0,
        certificate_expiry=expiry if isinstance(expiry, float) else None,
        http_version=_VERSIONS.get(response.get("protocol", "")),
        now=run.clock.wall_ns() / 1e9,
    )


def _headers(response: Mapping[str, Any]) -> CIMultiDict[str]:
    """Chromium puts several fields of one name into one text, line by line."""
    fields = response.get("headers", {}).items()
    return CIMultiDict((name, line) for name, value in fields for line in value.split("\n"))


def _note_certificate(document: PageRequest, run: Run) -> None:
    secure = document.hops[-1].response.get("securityDetails") if document.hops else None
    if secure is not None:
        expiry = float(secure["validTo"])
        run.measures["certificate_expiry"] = expiry
        run.measures["certificate_days"] = (expiry - run.started_at_ns / 1e9) / 86_400


def _note_loaded(record: Record, document: PageRequest, run: Run) -> None:
    """The time from the document's end to the load event, and from there until now."""
    ended, loaded = document.ended_seconds, record.loaded_seconds
    if loaded is None or ended is None:
        return
    loaded_ns = max(round(loaded * 1e9), round(ended * 1e9))
    _note_time(run, "load_seconds", loaded_ns)
    run.mark("assets", round(ended * 1e9), loaded_ns)
    run.mark("settle", loaded_ns, max(loaded_ns, run.clock.monotonic_ns()))


def _note_requests(record: Record, settings: PageProbe, run: Run) -> None:
    counts, third_party, mixed = PageCounts(), 0, 0
    page = URL(record.document.url if record.document is not None else settings.url, encoded=True)
    for request in record.requests.values():
        if not request.url.startswith(("http:", "https:")):
            continue
        if request.blocked == "mixed-content":
            mixed += 1
            continue
        asset = asset_of(request)
        failed = not request.is_main and not is_ignored(request.url, settings.ignore)
        failed = failed and request_failure(request) is not None
        counts.count("document" if request.is_main else asset.kind, request.wire_bytes, broken=failed)
        third_party += failed and not is_same_site(asset.url, page)
    counts.note(run)
    run.measures["third_party_broken"] = third_party
    run.measures["mixed_content"] = mixed
    if record.left_out:
        run.measures["assets_left_out"] = record.left_out


def _note_time(run: Run, name: str, at_ns: int | None) -> None:
    if at_ns is not None:
        run.measures[name] = max(0, at_ns - run.started_ns) / 1e9
