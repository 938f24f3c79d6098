"""What is recorded of a page's events, and how much of it."""

from __future__ import annotations

import pytest

from prober.browser import record
from prober.browser.record import Record


def will_be_sent(number: str, url: str = "http://x/", *, kind: str = "Script", **more: object) -> dict[str, object]:
    """The event of one request."""
    return {"requestId": number, "frameId": "main", "type": kind, "timestamp": 1.0, "request": {"url": url}, **more}


def test_redirects_are_hops_of_one_request() -> None:
    """The last answer is the document's."""
    seen = Record("main")
    seen._will_be_sent(will_be_sent("1", kind="Document"))
    moved = {"status": 302, "url": "http://x/"}
    seen._will_be_sent(will_be_sent("1", "http://x/there", kind="Document", redirectResponse=moved))
    seen._response({"requestId": "1", "timestamp": 2.0, "type": "Document", "response": {"status": 200}})
    assert seen.document is not None
    assert seen.document.url == "http://x/there"
    assert [hop.response["status"] for hop in seen.document.hops] == [302, 200]
    assert not seen.is_restless


def test_the_document_of_a_frame_is_not_the_pages() -> None:
    """Nor is what the main frame loads beside it."""
    seen = Record("main")
    seen._will_be_sent({**will_be_sent("1", kind="Document"), "frameId": "other"})
    seen._will_be_sent(will_be_sent("2"))
    assert seen.document is None


@pytest.mark.parametrize("order", [("_told", "_failed"), ("_failed", "_told")], ids=" ".join)
@pytest.mark.parametrize(
    ("error", "status"),
    [("net::ERR_ABORTED", 404), ("net::ERR_BLOCKED_BY_ORB", 404), ("net::ERR_CONNECTION_RESET", None)],
)
def test_what_the_browser_gave_up_for_its_type_has_a_status(
    order: tuple[str, str], error: str, status: int | None
) -> None:
    """A stylesheet that is HTML never counts as answered; what failed otherwise stays without an answer."""
    canceled = error == "net::ERR_ABORTED"
    seen = Record("main")
    seen._will_be_sent(will_be_sent("1", kind="Stylesheet"))
    events = {
        "_told": {"requestId": "1", "statusCode": 404, "headers": {"Content-Type": "text/HTML; charset=utf-8"}},
        "_failed": {"requestId": "1", "timestamp": 2.0, "errorText": error, "canceled": canceled},
    }
    for name in order:
        getattr(seen, name)(events[name])
    request = seen.requests["1"]
    assert (request.status, request.media_type) == ((status, "text/html") if status else (None, ""))


def test_so_many_requests_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are counted, and a document is never one of them; events of what is not known change nothing."""
    monkeypatch.setattr(record, "MOST_REQUESTS", 2)
    seen = Record("main")
    for number in range(5):
        seen._will_be_sent(will_be_sent(str(number)))
    seen._will_be_sent(will_be_sent("doc", kind="Document"))
    for event in (seen._sent, seen._told, seen._data, seen._finished, seen._failed, seen._response):
        event({"requestId": "4"})
    assert sorted(seen.requests) == ["0", "1", "doc"]
    assert seen.left_out == 3
    assert seen.document is not None


def test_exceptions_are_kept_up_to_a_number() -> None:
    """Of each the first line, and the script that it came from; all are counted."""
    seen = Record("main")
    thrown = {"exceptionDetails": {"text": "Uncaught", "exception": {"description": "Error: a\n    at b"}, "url": "u"}}
    framed = {"exceptionDetails": {"text": "Uncaught x", "stackTrace": {"callFrames": [{"url": "frame"}]}}}
    for event in (thrown, framed, *[thrown] * 300):
        seen._exception(event)
    assert [(each.text, each.url) for each in seen.thrown[:2]] == [("Error: a", "u"), ("Uncaught x", "frame")]
    assert (seen.exceptions, len(seen.thrown)) == (302, 200)


def test_errors_on_the_console_are_counted() -> None:
    """Those of scripts and those of the browser; nothing else that is said there."""
    seen = Record("main")
    for kind in ("log", "error", "warning"):
        seen._console({"type": kind})
        seen._logged({"entry": {"level": kind}})
    assert seen.console_errors == 2
