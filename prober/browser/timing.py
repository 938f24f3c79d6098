"""The phases of a document's requests, as the browser timed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from prober.browser.page_request import PageRequest
    from prober.model.run import Run

__all__ = ["first_byte_ns", "mark_document", "waited_ns"]


def mark_document(run: Run, document: PageRequest) -> None:
    """Record resolve, connect, tls, request and processing of each redirect and of the last answer, and its transfer.

    Chromium stamps with the same clock as we do, CLOCK_MONOTONIC. Of a body that has not ended the transfer lasts.
    """
    for hop in document.hops:
        for name, *span in _spans(hop.response.get("timing")):
            run.mark(name, *span)
    began_ns = _headers_ns(document)
    if began_ns is not None and document.status is not None:
        ended = document.ended_seconds
        until_ns = run.clock.monotonic_ns() if ended is None else max(began_ns, round(ended * 1e9))
        run.mark("transfer", began_ns, until_ns, finished=ended is not None and document.error is None)


def first_byte_ns(document: PageRequest) -> int | None:
    """When the first byte of the last answer came."""
    timing = document.hops[-1].response.get("timing") if document.hops else None
    if not timing:
        return None
    began = timing.get("receiveHeadersStart", -1.0)
    return _at(timing, began if began >= 0 else timing["receiveHeadersEnd"])


def waited_ns(document: PageRequest) -> int | None:
    """From the end of the last request to the first byte of its answer."""
    timing = document.hops[-1].response.get("timing") if document.hops else None
    first = first_byte_ns(document)
    return None if not timing or first is None else max(0, first - _at(timing, timing["sendEnd"]))


def _headers_ns(document: PageRequest) -> int | None:
    timing = document.hops[-1].response.get("timing") if document.hops else None
    return _at(timing, timing["receiveHeadersEnd"]) if timing else None


def _spans(timing: Mapping[str, Any] | None) -> Iterator[tuple[str, int, int]]:
    """Name, begin and end of what took place; a connection that was there already has no connect."""
    if not timing:
        return
    handshake, connected = timing["sslStart"], timing["connectEnd"]
    for name, began, ended in (
        ("resolve", timing["dnsStart"], timing["dnsEnd"]),
        ("connect", timing["connectStart"], handshake if handshake >= 0 else connected),
        ("tls", handshake, timing["sslEnd"]),
        ("request", timing["sendStart"], timing["sendEnd"]),
        ("processing", timing["sendEnd"], timing["receiveHeadersEnd"]),
    ):
        if 0 <= began <= ended:
            yield name, _at(timing, began), _at(timing, ended)


def _at(timing: Mapping[str, Any], milliseconds: float) -> int:
    seconds: float = timing["requestTime"] + milliseconds / 1000
    return round(seconds * 1e9)
