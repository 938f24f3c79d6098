"""Virtual time: an event loop that never waits but moves its clock to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

from prober.model.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

SECOND = 10**9
WALL_NS = 1_700_000_000 * SECOND


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for time to pass, lets it pass."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self._time.now_ns += max(1, round(timeout * SECOND))
        elif not ready and timeout is None:
            raise AssertionError("nothing will ever happen any more")
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__(_Selector(time))
        self._virtual = time

    def time(self) -> float:
        return self._virtual.now_ns / SECOND


class VirtualTime:
    """Integer nanoseconds that pass only while everybody waits; ``clock`` shows them."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns
        self.clock = Clock(monotonic_ns=lambda: self.now_ns, wall_ns=lambda: WALL_NS + self.now_ns)

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the coroutine, in no time."""
        with asyncio.Runner(loop_factory=lambda: _Loop(self)) as runner:
            return runner.run(main())

    def pause(self, seconds: float) -> None:
        """The process stands still, as after SIGSTOP."""
        self.now_ns += round(seconds * SECOND)
