"""The one browser of a process: started when it is needed, used by one run at a time, started anew before it is old."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from prober.browser.command import browser_command, browser_environment
from prober.browser.failure import browser_failure
from prober.browser.process import BrowserProcess, start
from prober.browser.tab import DevToolsTab
from prober.model.errors import ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["HostBrowser"]

_START_SECONDS = 15.0
_MOST_TABS = 100
_MOST_BYTES = 768 << 20
_EVENTS_OF_A_TAB = 20_000


class HostBrowser:
    """Gives out tabs of a Chromium that ``environment`` finds. An async context manager."""

    def __init__(
        self, environment: Mapping[str, str], *, most_tabs: int = _MOST_TABS, most_bytes: int = _MOST_BYTES
    ) -> None:
        self.starts = 0
        self._environment = environment
        self._most_tabs = most_tabs
        self._most_bytes = most_bytes
        self._turn = asyncio.Lock()
        self._process: BrowserProcess | None = None
        self._user_agent = ""
        self._tabs = 0
        self._owner: DevToolsTab | None = None
        self._lease: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._lease is not None:
            self._lease.cancel()
        await self._end()

    @property
    def pid(self) -> int | None:
        """The process id of the browser that runs now."""
        return self._process.pid if self._process is not None else None

    async def tab(self, *, seconds: float, proxy: str | None = None) -> DevToolsTab:
        """A fresh tab, once nobody else has one. It is taken away if it is not closed after so many seconds."""
        await self._turn.acquire()
        try:
            process = await self._running()
            self._tabs += 1
            process.devtools.most_events = _EVENTS_OF_A_TAB
            tab = await DevToolsTab.open(process.devtools, self._user_agent, proxy=proxy, owner=self)
        except BaseException:
            self._kill()
            self._turn.release()
            raise
        self._owner = tab
        self._lease = asyncio.get_running_loop().call_later(seconds, self._take_back)
        return tab

    async def closed(self, tab: DevToolsTab) -> None:
        """The next one's turn, after what this one did to the browser is known."""
        if self._owner is not tab:
            return  # it was taken away
        self._owner = None
        assert self._lease is not None
        self._lease.cancel()
        try:
            if tab.is_suspect or self._tabs >= self._most_tabs or await self._is_too_large():
                await self._end()
        finally:
            self._turn.release()

    def abandoned(self, tab: DevToolsTab) -> None:
        """The next one's turn, with a fresh browser."""
        if self._owner is tab and self._lease is not None:
            self._lease.cancel()
            self._take_back()

    def _take_back(self) -> None:
        """End the browser under whoever still has a tab; the next one gets a fresh browser."""
        self._owner = None
        self._kill()
        self._turn.release()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    async def _is_too_large(self) -> bool:
        process = self._process
        return process is not None and await asyncio.to_thread(process.memory_bytes) > self._most_bytes

    async def _running(self) -> BrowserProcess:
        """The browser, started if it does not run."""
        if self._process is not None and self._process.devtools.lost is None:
            return self._process
        await self._end()
        command, environment = browser_command(self._environment), browser_environment(self._environment)
        self._process = process = await start(command, environment)
        try:
            async with asyncio.timeout(_START_SECONDS):
                version = await process.devtools.ask("Browser.getVersion")
        except (ProbeFailure, LookupError, TimeoutError):
            complaint = process.complaint()
            await self._end()
            raise browser_failure(f"{command[0]} did not start" + (f": {complaint}" if complaint else "")) from None
        self._user_agent = str(version["userAgent"])
        self._tabs = 0
        self.starts += 1
        return process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()
