"""A tab: one page in a context of its own, asked and heard over the DevTools protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, Self

from prober.browser.failure import browser_failure
from prober.model.errors import ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.browser.devtools import DevTools
    from prober.model.browser import Hear

__all__ = ["DevToolsTab", "TabOwner"]

_CLOSE_SECONDS = 2.0


class TabOwner(Protocol):
    """Whoever gave the tab out, and wants to know that it is free again."""

    async def closed(self, tab: DevToolsTab) -> None:
        """It was closed, as far as that was possible."""

    def abandoned(self, tab: DevToolsTab) -> None:
        """It was left as it is."""


class DevToolsTab:
    """A fresh page. ``is_suspect`` says that the browser did not do what it was asked, so that it is better ended."""

    def __init__(
        self,
        devtools: DevTools,
        user_agent: str,
        *,
        context: str,
        session: str,
        owner: TabOwner,
    ) -> None:
        self.user_agent = user_agent
        self.is_suspect = False
        self._devtools = devtools
        self._context = context
        self._session = session
        self._owner = owner
        self._is_open = True

    @classmethod
    async def open(
        cls,
        devtools: DevTools,
        user_agent: str,
        *,
        proxy: str | None,
        owner: TabOwner,
    ) -> Self:
        """A tab in a new context, through the proxy if there is one. ``owner`` is told when it is closed."""
        through = {} if proxy is None else {"proxyServer": proxy}
        context = (await devtools.ask("Target.createBrowserContext", None, through))["browserContextId"]
        await devtools.ask("Browser.setDownloadBehavior", None, {"behavior": "deny", "browserContextId": context})
        wanted = {"url": "about:blank", "browserContextId": context}
        target = (await devtools.ask("Target.createTarget", None, wanted))["targetId"]
        attached = await devtools.ask("Target.attachToTarget", None, {"targetId": target, "flatten": True})
        tab = cls(devtools, user_agent, context=context, session=attached["sessionId"], owner=owner)
        tab.hear("Inspector.targetCrashed", lambda _: tab._crash())
        # A dialog holds the page until somebody answers, and here nobody would.
        tab.hear("Page.javascriptDialogOpening", lambda _: tab.tell("Page.handleJavaScriptDialog", accept=True))
        await tab.ask("Inspector.enable")
        return tab

    async def ask(self, method: str, /, **parameters: object) -> Mapping[str, Any]:
        """The answer to a command. Raises LookupError where the browser refuses it, ProbeFailure where it is gone."""
        if self.is_suspect:
            raise browser_failure("the page's process crashed")
        return await self._devtools.ask(method, self._session, parameters)

    def tell(self, method: str, /, **parameters: object) -> None:
        """Send a command whose answer nobody waits for."""
        if self._devtools.lost is None and self._is_open:
            self._devtools.send(method, self._session, parameters)

    def hear(self, event: str, hear: Hear) -> None:
        """Be told of every event of that name from now on."""
        self._devtools.hear(self._session, event, hear)

    async def close(self) -> None:
        """End the tab, and with it whatever its page still does."""
        if not self._is_open:
            return
        self._is_open = False
        self._devtools.forget(self._session, "the tab was closed")
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                if not self.is_suspect:
                    await self._devtools.ask("Target.disposeBrowserContext", None, {"browserContextId": self._context})
        except (ProbeFailure, LookupError, TimeoutError):
            self.is_suspect = True
        finally:
            await self._owner.closed(self)

    def abandon(self) -> None:
        """End it at once, with the browser: for a run that has no time left to close it."""
        if self._is_open:
            self._is_open = False
            self._owner.abandoned(self)

    def _crash(self) -> None:
        self.is_suspect = True
        self._devtools.forget(self._session, "the page's process crashed")
