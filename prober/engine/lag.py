"""How late the event loop is: what else may have been slow when a measurement looks slow."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model.clock import Clock

__all__ = ["LagMonitor"]

_PERIOD_NS = 20_000_000
_WORTH_KEEPING_NS = 10_000_000  # shorter ones cannot taint a run
_KEPT = 512


def _ignore(_lag_ns: int) -> None:
    """Nobody asked for every single lag."""


class LagMonitor:
    """Ticks every 20 ms and remembers when a tick came late, and by how much.

    ``observe`` is handed the lag of every tick. Before :meth:`serve` runs there is no lag to report.
    """

    __slots__ = ("_clock", "_due_ns", "_late", "_observe", "last_tick_ns")

    def __init__(self, *, clock: Clock, observe: Callable[[int], None] = _ignore) -> None:
        self._clock = clock
        self._observe = observe
        self._due_ns: int | None = None
        # (tick, lag): ticks rise and lags fall, as a lag makes every earlier one irrelevant that was no longer
        self._late: deque[tuple[int, int]] = deque(maxlen=_KEPT)
        self.last_tick_ns: int | None = None

    async def serve(self) -> None:
        """Tick until cancelled."""
        while True:
            self._due_ns = self._clock.monotonic_ns() + _PERIOD_NS
            await asyncio.sleep(_PERIOD_NS / 1e9)
            now_ns = self._clock.monotonic_ns()
            self._note(now_ns, max(0, now_ns - self._due_ns))

    def _note(self, now_ns: int, lag_ns: int) -> None:
        self.last_tick_ns = now_ns
        self._observe(lag_ns)
        if lag_ns < _WORTH_KEEPING_NS:
            return
        while self._late and self._late[-1][1] <= lag_ns:
            self._late.pop()
        self._late.append((now_ns, lag_ns))

    def worst_ns(self, since_ns: int) -> int:
        """The longest time that the loop has been late since then, the lateness of right now included.

        Of a lag that began earlier only the part after ``since_ns`` counts.
        """
        now_ns = self._clock.monotonic_ns()
        worst = 0 if self._due_ns is None else min(now_ns - self._due_ns, now_ns - since_ns)
        for tick_ns, lag_ns in reversed(self._late):
            if tick_ns <= since_ns:
                break
            worst = max(worst, min(lag_ns, tick_ns - since_ns))
        return max(0, worst)
