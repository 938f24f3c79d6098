"""What a page did while it was loaded: its documents, its requests, its exceptions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prober.browser.page_request import DocumentHop, PageRequest, Thrown, is_awaited, learn, thrown_in

if TYPE_CHECKING:
    from prober.model.browser import Tab
    from prober.model.errors import ProbeFailure

__all__ = ["MOST_DOCUMENTS", "MOST_REQUESTS", "Record"]

MOST_REQUESTS = 1000
"""So many requests of a page are looked at; the rest is only counted."""

MOST_DOCUMENTS = 20
"""More often than this no page replaces itself that means to be seen."""

_ASKED = frozenset({"XHR", "Fetch"})
_MOST_KEPT = 200  # exceptions; more are only counted
_OPENED_HERE = ("http:", "https:", "blob:")  # any other address is for another program, and the page stays
_UNTRUE = re.compile(r"Failed to find a valid digest in the 'integrity' attribute for resource '([^']{1,8192})'")

_Event = Mapping[str, Any]


class Record:
    """Listens to a tab. ``idle`` is set while the main frame loads nothing, ``busy`` while it does.

    ``document`` is the last request for the document itself, with its redirects. A page may replace itself by another;
    one that does not stop doing so ``is_restless``, and counts as idle since it will never be. ``refusal`` is what was
    wrong with a certificate that we refused ourselves.
    """

    def __init__(self, main_frame: str) -> None:
        self.main_frame = main_frame
        self.idle = asyncio.Event()
        self.busy = asyncio.Event()
        self.requests: dict[str, PageRequest] = {}
        self.document: PageRequest | None = None
        self.left_out = 0
        self.refusal: ProbeFailure | None = None
        self.is_restless = False
        self._documents = 0
        self.loaded_seconds: float | None = None
        self.thrown: list[Thrown] = []
        self.exceptions = 0
        self.console_errors = 0
        self.worlds: dict[str, str] = {}

    def listen(self, tab: Tab) -> None:
        """Hear all that is recorded."""
        tab.hear("Network.requestWillBeSent", self._will_be_sent)
        tab.hear("Network.requestWillBeSentExtraInfo", self._sent)
        tab.hear("Network.responseReceived", self._response)
        tab.hear("Network.responseReceivedExtraInfo", self._told)
        tab.hear("Network.dataReceived", self._data)
        tab.hear("Network.loadingFinished", self._finished)
        tab.hear("Network.loadingFailed", self._failed)
        tab.hear("Page.frameStartedNavigating", self._navigating)
        tab.hear("Page.frameStoppedLoading", self._stopped)
        tab.hear("Page.loadEventFired", self._loaded)
        tab.hear("Runtime.exceptionThrown", self._exception)
        tab.hear("Runtime.exceptionRevoked", self._revoked)
        tab.hear("Runtime.consoleAPICalled", self._console)
        tab.hear("Log.entryAdded", self._logged)
        tab.hear("Runtime.executionContextCreated", self._world)

    @property
    def is_asking(self) -> bool:
        """Whether a script of the page waits for an answer."""
        return any(each.ended_seconds is None and each.kind in _ASKED for each in self.requests.values())

    def asked_after(self, count: int) -> list[PageRequest]:
        """What scripts of the page have asked for after so many requests."""
        return [each for each in list(self.requests.values())[count:] if each.kind in _ASKED]

    def begin(self) -> None:
        """A navigation is asked for: what the empty page did before it does not count."""
        self.idle.clear()
        self.busy.clear()

    def _will_be_sent(self, event: _Event) -> None:
        number, frame = event["requestId"], event.get("frameId", "")
        kind = event.get("type", "Other")
        before = self.requests.get(number)
        url = event["request"]["url"]
        is_main = kind == "Document" and frame == self.main_frame
        is_main = is_main and (before is not None or url.startswith(_OPENED_HERE))
        if before is None and not is_main and len(self.requests) >= MOST_REQUESTS:
            self.left_out += 1
            return
        request = PageRequest(
            id=number,
            url=url,
            kind=kind,
            frame=frame,
            began_seconds=event["timestamp"],
            method=event["request"].get("method", "GET"),
            is_main=is_main,
            is_sent=before is not None and before.is_sent,
            is_awaited=is_awaited(event),
        )
        redirect = event.get("redirectResponse")
        if before is not None and redirect is not None:
            request.hops = [*before.hops, DocumentHop(response=redirect, at_seconds=event["timestamp"])]
        self.requests[number] = request
        if request.is_main:
            self._documents += before is None
            self.document = request
            self.is_restless = self._documents > MOST_DOCUMENTS
            if self.is_restless:
                self.idle.set()

    def _sent(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is not None:
            request.is_sent = True

    def _response(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is None:
            return
        response = event["response"]
        request.kind = event.get("type", request.kind)
        request.is_sent = True
        request.status = response["status"]
        request.media_type = response.get("mimeType", "").lower()
        request.headers = response.get("headers", {})
        request.hops.append(DocumentHop(response=response, at_seconds=event["timestamp"]))

    def _told(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is not None:
            fields = {name.lower(): value for name, value in event.get("headers", {}).items()}
            media_type = fields.get("content-type", "").partition(";")[0].strip().lower()
            request.told = (event["statusCode"], media_type)
            learn(request)

    def _data(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is not None:
            request.body_bytes += event["dataLength"]

    def _finished(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is not None:
            request.ended_seconds = event["timestamp"]
            request.wire_bytes = max(0, round(event["encodedDataLength"]))

    def _failed(self, event: _Event) -> None:
        request = self.requests.get(event["requestId"])
        if request is not None:
            request.ended_seconds = event["timestamp"]
            request.error = event["errorText"]
            request.is_canceled = event.get("canceled", False)
            request.blocked = event.get("blockedReason") or ("cors" if "corsErrorStatus" in event else None)
            learn(request)
            if request is self.document and request.is_canceled:
                self.document = self._shown() or request

    def _navigating(self, event: _Event) -> None:
        is_other = event["frameId"] == self.main_frame and event.get("navigationType") != "sameDocument"
        if is_other and not self.is_restless:
            self.idle.clear()
            self.busy.set()

    def _stopped(self, event: _Event) -> None:
        if event["frameId"] == self.main_frame:
            self.busy.clear()
            self.idle.set()

    def _loaded(self, event: _Event) -> None:
        self.loaded_seconds = event["timestamp"]

    def _shown(self) -> PageRequest | None:
        """The document that stays when the one after it came to nothing that is a page, such as a download."""
        whole = [each for each in self.requests.values() if each.is_main and each.status and each.error is None]
        return whole[-1] if whole else None

    def _exception(self, event: _Event) -> None:
        self.exceptions += 1
        if len(self.thrown) < _MOST_KEPT:
            self.thrown.append(thrown_in(event))

    def _revoked(self, event: _Event) -> None:
        """A rejected promise was handled after all, if later than at once."""
        self.exceptions = max(0, self.exceptions - 1)
        self.thrown = [each for each in self.thrown if each.id != event["exceptionId"]]

    def _console(self, event: _Event) -> None:
        self.console_errors += event["type"] == "error"

    def _logged(self, event: _Event) -> None:
        entry = event["entry"]
        self.console_errors += entry["level"] == "error"
        untrue = _UNTRUE.match(entry.get("text", ""))
        if untrue is not None:
            self._distrust(untrue[1])

    def _distrust(self, url: str) -> None:
        """What came is not what the page says it must be, and is not used; no other event tells it."""
        for request in self.requests.values():
            if request.url == url:
                request.blocked, request.error = "integrity", "net::ERR_FAILED"

    def _world(self, event: _Event) -> None:
        context = event["context"]
        if context.get("auxData", {}).get("frameId") == self.main_frame:
            self.worlds[context.get("name", "")] = context["uniqueId"]
