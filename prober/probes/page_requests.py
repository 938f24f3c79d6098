"""The requests of a page in a browser: which kind of asset each is, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.browser.net_errors import net_failure
from prober.classify import Answer
from prober.probes.asset import Asset, AssetKind, wrong_type
from prober.probes.asset_verdict import broken, excused, mismatch
from prober.probes.reference import is_same_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prober.browser.page_request import PageRequest
    from prober.browser.record import Record
    from prober.model.errors import ProbeFailure
    from prober.probes.asset import IgnoredUrl

__all__ = ["asset_of", "failed_requests", "is_ignored", "request_failure"]

_KINDS: Mapping[str, AssetKind] = {
    "Stylesheet": "style",
    "Script": "script",
    "Font": "font",
    "Image": "image",
    "Document": "frame",
    **dict.fromkeys(("XHR", "Fetch", "EventSource", "WebSocket"), "fetch"),
}
_OF_THE_PAGE = frozenset({"config", "browser"})  # a port that no browser asks, or more requests than it has at once
_STATIC = frozenset({"style", "script", "font", "image", "frame"})


def asset_of(request: PageRequest) -> Asset:
    """The request as an asset of the page."""
    return Asset(url=URL(request.url, encoded=True), kind=_KINDS.get(request.kind, "other"))


def is_ignored(url: str, ignore: Iterable[IgnoredUrl]) -> bool:
    """Whether the configuration does not care about this URL."""
    utf8 = url.encode("utf-8", "replace")
    return any(pattern.found(utf8) for pattern in ignore)


def failed_requests(record: Record, page: URL, ignore: Iterable[IgnoredUrl]) -> Iterator[tuple[Asset, ProbeFailure]]:
    """The requests that failed, of those to the page's own site and of those that the page waits for.

    Others to third parties are only counted. Where one matters the browser shows it: in a blank page, an exception, or
    a page that is not what is expected.
    """
    for request in record.requests.values():
        if request.is_main or is_ignored(request.url, ignore):
            continue
        failure = request_failure(request)
        if failure is not None:
            asset = asset_of(request)
            if request.is_awaited or is_same_site(asset.url, page):
                yield asset, failure


def request_failure(request: PageRequest) -> ProbeFailure | None:
    """What is wrong with a request that was made beside the document; None if nothing is, or if it is still going on.

    What scripts ask an API for may be refused by design, as to somebody who is not signed in: there, only what the
    server calls its own failure counts.
    """
    if not request.url.startswith(("http:", "https:")) or request.blocked == "mixed-content":
        return None
    asset = asset_of(request)
    if request.status is not None and request.status >= (400 if asset.kind in _STATIC else 500):
        given = Answer(status=request.status, headers=request.headers, body=b"")
        return excused(given) or mismatch(str(request.status), "request_failed")
    # A module of the wrong type is canceled, so that its type is looked at before its end.
    of_wrong_type = request.status == 200 and asset.kind in _STATIC and wrong_type(asset, request.media_type, b"<")
    if request.blocked == "content-type" or of_wrong_type:
        return mismatch(request.media_type or "of the wrong type", "asset_wrong_type")
    if request.error is not None:
        return _of_error(request, request.error)
    is_empty = request.status == 200 and request.ended_seconds is not None and request.body_bytes == 0
    return mismatch("empty", "asset_empty") if is_empty and asset.kind in _STATIC - {"frame"} else None


def _of_error(request: PageRequest, error: str) -> ProbeFailure | None:
    if request.is_canceled or error == "net::ERR_ABORTED":
        return None
    if request.blocked is not None:
        return mismatch(f"blocked: {request.blocked}", "request_failed")
    failure = net_failure(error)
    return (
        mismatch(failure.message, "request_failed")
        if failure.detail in _OF_THE_PAGE
        else broken(failure, "request_failed")
    )
