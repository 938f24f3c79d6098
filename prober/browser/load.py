"""One load of a page in a tab: navigated, waited for, watched, and read."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from prober.browser.failure import browser_failure
from prober.browser.net_errors import net_failure
from prober.browser.record import MOST_DOCUMENTS
from prober.browser.vitals import SHOWS, WORLD, Vitals, read_vitals
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.browser.record import Record
    from prober.model.browser import Tab

__all__ = ["Load", "Sight"]

T = TypeVar("T")

_POLL = 0.05  # seconds
_ASKING_SECONDS = 5.0  # a question that is kept open for longer is a subscription
_TRIES = 3

# A person sees what has a box and is not hidden. The selector is handed over as a value, not as a part of the script.
_IS_SEEN = (
    "(selector) => [...document.querySelectorAll(selector)].some((found) =>"
    ' found.getClientRects().length > 0 && getComputedStyle(found).visibility === "visible")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What there was to see at the end: ``html`` is the page as it was rendered, ``body`` the document as it came.

    ``is_blank`` says that nothing was painted, and that nothing stands there either.
    """

    url: str
    vitals: Vitals
    is_blank: bool
    html: str = field(repr=False)
    body: bytes = field(repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


class Load:
    """One load. ``stage`` tells how far it came: ``document``, ``assets``, ``ready``, ``settle``, ``read``."""

    def __init__(self, tab: Tab, record: Record, *, most_bytes: int) -> None:
        self.stage = "document"
        self._tab = tab
        self._record = record
        self._most_bytes = most_bytes

    async def navigate(self, url: str) -> None:
        """Get the document and all that it loads. Raises ProbeFailure where there is no document."""
        self.stage = "document"
        self._record.begin()
        try:
            answer = await self._tab.ask("Page.navigate", url=url)
        except LookupError as refused:
            raise ProbeFailure(ErrorClass.PROBER_ERROR, str(refused.args[0]), detail="config") from None
        error = answer.get("errorText")
        if error:
            raise self._record.refusal or net_failure(error)
        self.stage = "assets"
        await self.rest(0.0)

    async def watch(self, ready: str | None, *, seconds: float) -> None:
        """Wait for what must come to be seen, and then for as long as the page is to be watched."""
        self.stage = "ready"
        while ready is not None and self._is_page:
            if await self.is_seen(ready):
                break
            await asyncio.sleep(_POLL)
        self.stage = "settle"
        await self.rest(seconds)

    async def calm(self, *, seconds: float) -> None:
        """Wait until what was set off has come to rest: navigations, and questions of scripts, if not for too long."""
        until = asyncio.get_running_loop().time() + _ASKING_SECONDS
        await self.rest(seconds)
        while self._record.is_asking and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_POLL)
            await self.rest(seconds)

    def check_document(self) -> None:
        """Raise ProbeFailure if there is no document, or not all of it: what is shown instead is the browser's own."""
        document = self._record.document
        if document is not None and document.error not in {None, "net::ERR_ABORTED"}:
            raise self._record.refusal or net_failure(str(document.error))

    async def read(self, *, patience_seconds: float) -> Sight:
        """What there is to see now, or once something was painted, if that takes no longer than the patience lasts."""
        self.stage = "read"
        return await self._sight(await self._painted(patience_seconds))

    async def glance(self) -> Sight:
        """What there is to see now, while the page is not what was waited for."""
        return await self._sight(await self._painted(0.0))

    async def _sight(self, vitals: Vitals) -> Sight:
        html = await self.html()
        url = await self._url()
        cookies = (await self._tab.ask("Network.getCookies", urls=[url]))["cookies"]
        return Sight(
            url=url,
            vitals=vitals,
            is_blank=vitals.fcp_seconds is None and not await self._says(SHOWS),
            html=html,
            body=await self._body(html),
            cookies={cookie["name"]: cookie["value"] for cookie in cookies},
        )

    async def html(self) -> str:
        """The document as it is rendered now, with open shadow roots. Raises ProbeFailure if it is too long."""

        async def read() -> str:
            root = (await self._tab.ask("DOM.getDocument", depth=0))["root"]["nodeId"]
            answer = await self._tab.ask("DOM.getOuterHTML", nodeId=root, includeShadowDOM=True)
            return str(answer["outerHTML"])

        html = await self._again(read)
        if len(html) > self._most_bytes:
            message = f"the rendered page is longer than {self._most_bytes} bytes"
            raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="too_large", phase="transfer")
        return html

    async def is_seen(self, selector: str) -> bool:
        """Whether an element that the selector names has a place on the page."""
        is_seen = await self._says(_IS_SEEN, selector)
        if is_seen is None:
            message = f"the browser does not know the selector {selector[:80]}"
            raise ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="config")
        return is_seen

    async def _says(self, function: str, *arguments: object) -> bool | None:
        """Whether a function says so of the document, which it does not while that is replaced; None if it throws."""
        world = self._record.worlds.get(WORLD)
        if world is None:
            return False
        given = [{"value": value} for value in arguments]
        call = {"functionDeclaration": function, "arguments": given, "returnByValue": True}
        try:
            answer = await self._tab.ask("Runtime.callFunctionOn", uniqueContextId=world, **call)
        except LookupError:  # the document has just been replaced
            return False
        if "exceptionDetails" in answer:
            return None
        return answer["result"].get("value") is True

    async def is_stuck(self, seconds: float) -> bool:
        """Whether a script keeps the page so busy that it does nothing else for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._tab.ask("Runtime.evaluate", expression="0")
        except TimeoutError:
            return True
        except LookupError:
            return False
        return False

    async def rest(self, seconds: float) -> None:
        """Wait until the page has loaded, and has stayed for so long; a page may replace itself by another."""
        while True:
            await self._record.idle.wait()
            if self._record.is_restless:
                message = f"the page replaced itself more than {MOST_DOCUMENTS} times"
                raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="redirect_loop", phase="assets")
            try:
                async with asyncio.timeout(seconds):
                    await self._record.busy.wait()
            except TimeoutError:
                return

    async def _painted(self, seconds: float) -> Vitals:
        """The vitals, once something was painted; after so many seconds nothing will be."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            vitals = await self._again(lambda: read_vitals(self._tab, self._record))
            is_over = asyncio.get_running_loop().time() >= until
            if is_over or vitals.fcp_seconds is not None or not self._is_page:
                return vitals
            await asyncio.sleep(_POLL)

    @property
    def _is_page(self) -> bool:
        """Whether the document is what was asked for: whole, and not the page of an error."""
        document = self._record.document
        return document is None or (document.error is None and (document.status or 0) < 400)

    async def _url(self) -> str:
        """Where the page is by its own account: scripts change that without loading anything."""
        answer = await self._tab.ask("Page.getFrameTree")
        frame = answer["frameTree"]["frame"]
        return str(frame["url"])

    async def _body(self, html: str) -> bytes:
        document = self._record.document
        try:
            answer = await self._tab.ask("Network.getResponseBody", requestId=document.id if document else "")
        except LookupError:  # it was not kept
            return html.encode("utf-8", "replace")
        text = str(answer["body"])
        if answer.get("base64Encoded"):
            return base64.b64decode(text)
        return text.encode("utf-8", "replace")

    async def _again(self, read: Callable[[], Awaitable[T]]) -> T:
        """What is read of a page that may be replaced meanwhile."""
        for _ in range(_TRIES):
            try:
                return await read()
            except LookupError:
                await asyncio.sleep(_POLL)
        raise browser_failure("the page could not be read")
