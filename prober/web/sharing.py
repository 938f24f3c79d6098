"""Pages made one at a time, and in a storm made once for many."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Crowded", "Shared"]

_SHARE_OF_TIME = 0.2
_BURST_NS = 100_000_000
_WAITING_AT_MOST = 32
_KEPT = 8


class Crowded(Exception):
    """Too many wait for a page already."""


class Shared:
    """Makes bodies by key, one after the other.

    Every request gets a body made for it, as long as making them takes less than a fifth of the time and a burst of
    100 ms. Beyond that a body is given again: whoever reloads a page a hundred times a second does not slow a probe.
    """

    def __init__(self, monotonic_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self._monotonic_ns = monotonic_ns
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._spent_ns = 0.0
        self._spent_at_ns = monotonic_ns()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def body(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The body for the key. Raises :class:`Crowded` where too many wait."""
        if self._waiting >= _WAITING_AT_MOST:
            raise Crowded
        self._waiting += 1
        try:
            async with self._turn:
                kept = self._kept.get(key)
                return kept if kept is not None and self._overspent() else await self._made(key, make)
        finally:
            self._waiting -= 1

    async def _made(self, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        began_ns = self._monotonic_ns()
        body = await make()
        self._spent_ns += self._monotonic_ns() - began_ns
        self._kept[key] = body
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return body

    def _overspent(self) -> bool:
        now_ns = self._monotonic_ns()
        self._spent_ns = max(0.0, self._spent_ns - (now_ns - self._spent_at_ns) * _SHARE_OF_TIME)
        self._spent_at_ns = now_ns
        return self._spent_ns > _BURST_NS
