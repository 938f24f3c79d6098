"""What a run may ask of the one browser of its process: a tab of its own, and through it the DevTools protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["Browser", "Capture", "Hear", "Tab"]

Hear = Callable[[Mapping[str, Any]], None]
"""Is told the parameters of an event. It must neither raise nor take long."""


class Tab(Protocol):
    """A page in a context without cookies, cache or storage, which is gone when the tab is closed.

    Whatever goes wrong with the browser itself is raised as ProbeFailure, prober_error with detail ``browser``.
    """

    @property
    def user_agent(self) -> str:
        """What the browser calls itself."""

    async def ask(self, method: str, /, **parameters: object) -> Mapping[str, Any]:
        """The answer to a command of the DevTools protocol. Raises LookupError where the browser refuses it."""

    def tell(self, method: str, /, **parameters: object) -> None:
        """Send a command whose answer nobody waits for."""

    def hear(self, event: str, hear: Hear) -> None:
        """Be told of every event of that name from now on."""

    async def close(self) -> None:
        """End the tab, and with it whatever its page still does."""

    def abandon(self) -> None:
        """End it at once, with the browser: for a run that has no time left to close it."""


class Browser(Protocol):
    """The browser of this process. It is started when it is first needed, and there is one tab at a time."""

    async def tab(self, *, seconds: float, proxy: str | None = None) -> Tab:
        """A fresh tab, once nobody else has one. It is taken away if it is not closed after so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a page looked like when it failed, without secrets. Either may be missing."""

    screenshot: bytes | None = field(default=None, repr=False)
    html: str | None = field(default=None, repr=False)
