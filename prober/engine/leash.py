"""A coroutine on a leash: one that goes on after its cancellation is let go of."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

__all__ = ["Abandoned", "Leash"]

T = TypeVar("T")
Sent = TypeVar("Sent")

_SLACK_SECONDS = 0.4  # leaves a tenth of the half second that a run may last beyond its timeout


class Abandoned(Exception):
    """The coroutine swallowed its cancellation and was closed while it still waited for something."""


class Leash(Generator[object, None, T]):
    """Awaits a coroutine inside the task at hand. Cancelled, it has 0.4 s to clean up; then ``Abandoned`` is raised.

    A second task would do the same, at the price of one more task for every run, and stay behind in its group.
    """

    __slots__ = ("_before", "_coroutine", "_let_go", "_task", "_timer")

    def __init__(self, coroutine: Coroutine[object, None, T], task: asyncio.Task[object]) -> None:
        self._coroutine = coroutine
        self._task = task
        self._before = task.cancelling()
        self._timer: asyncio.TimerHandle | None = None
        self._let_go = False

    def __await__(self) -> Generator[object, None, T]:
        """The leash itself: it hands on what the coroutine waits for, as the task would."""
        return self

    def __next__(self) -> object:
        return self._resume(self._coroutine.send, None)

    def send(self, value: None) -> object:
        """Let the coroutine go on."""
        return self._resume(self._coroutine.send, value)

    def throw(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        at: TracebackType | None = None,  # noqa: ARG002 - the protocol of generators before Python 3.12
    ) -> object:
        """Let the coroutine go on with this exception; after its time is up, close it instead."""
        if self._let_go:
            self._abandon()
        return self._resume(self._coroutine.throw, value if isinstance(value, BaseException) else kind)

    def close(self) -> None:
        """Close the coroutine."""
        self._watch(cancelled=False)
        self._coroutine.close()

    def _resume(self, resume: Callable[[Sent], object], sent: Sent) -> object:
        try:
            awaited = resume(sent)
        except BaseException:  # it has ended, StopIteration carries its value
            self._watch(cancelled=False)
            raise
        cancelled = self._task.cancelling() > self._before
        if cancelled or self._timer is not None:
            self._watch(cancelled=cancelled)
        return awaited

    def _watch(self, *, cancelled: bool) -> None:
        """Have a timer while a cancellation is neither obeyed nor taken back, as `asyncio.timeout` does its own."""
        if not cancelled and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif cancelled and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SLACK_SECONDS, self._expire)

    def _expire(self) -> None:
        self._let_go = True
        self._task.cancel()

    def _abandon(self) -> NoReturn:
        self._task.uncancel()  # that of `_expire`; the others belong to others
        self._watch(cancelled=False)
        try:
            self._coroutine.close()
        finally:
            raise Abandoned
