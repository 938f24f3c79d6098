"""Tests of the leash: an obedient coroutine does not feel it, a deaf one is let go of."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from prober.engine.leash import Abandoned, Leash
from tests.engine.fakes import SECOND
from tests.engine.virtual import VirtualTime

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


async def _led(coroutine: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    assert task is not None
    return await Leash(coroutine, task)


def _run(coroutine: Coroutine[Any, Any, T], *, cancel_at: float | None = None) -> tuple[T | str, float]:
    """What it returned, or the name of what it raised, and when."""
    time = VirtualTime()

    async def main() -> T | str:
        task = asyncio.current_task()
        assert task is not None
        if cancel_at is not None:
            asyncio.get_running_loop().call_later(cancel_at, task.cancel)
        try:
            return await _led(coroutine)
        except asyncio.CancelledError:
            task.uncancel()
            return "CancelledError"
        except (Abandoned, ValueError) as error:
            return type(error).__name__

    return time.run(main), round(time.now_ns / SECOND, 3)


async def _deaf(pieces: list[str]) -> None:
    with contextlib.closing(_Closes(pieces)):
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(1)


class _Closes:
    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces

    def close(self) -> None:
        self._pieces.append("closed")


def test_a_value_passes() -> None:
    """What the coroutine returns is what awaiting the leash gives."""

    async def seven() -> int:
        await asyncio.sleep(1)
        return 7

    assert _run(seven()) == (7, 1.0)


def test_an_exception_passes() -> None:
    """What the coroutine raises is raised."""

    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError

    assert _run(fail()) == ("ValueError", 1.0)


def test_a_cancellation_passes() -> None:
    """An obedient coroutine ends at once."""
    assert _run(asyncio.sleep(9), cancel_at=2) == ("CancelledError", 2.0)


def test_cleanup_has_time() -> None:
    """What takes less than 0.4 s after the cancellation is waited for."""

    async def tidy() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.sleep(0.3)

    assert _run(tidy(), cancel_at=2) == ("CancelledError", 2.3)


def test_one_that_swallows_its_cancellation_is_let_go_of() -> None:
    """After 0.4 s it is closed, so that its files and sockets are."""
    pieces: list[str] = []
    assert _run(_deaf(pieces), cancel_at=2) == ("Abandoned", 2.4)
    assert pieces == ["closed"]


def test_a_cleanup_that_hangs_is_let_go_of() -> None:
    """A `finally` that awaits for ever is the usual way to swallow a cancellation."""

    async def stuck() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.Event().wait()

    assert _run(stuck(), cancel_at=2) == ("Abandoned", 2.4)


def test_a_cleanup_that_raises_when_closed_is_let_go_of() -> None:
    """What a `finally` raises on the way out changes nothing."""

    async def sore() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError

    assert _run(sore(), cancel_at=2) == ("Abandoned", 2.4)


def test_its_own_timeouts_are_its_own_business() -> None:
    """A timeout inside that expires and is handled does not shorten the leash."""

    async def patient() -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                try:
                    await asyncio.sleep(9)
                finally:
                    await asyncio.sleep(0.2)
        await asyncio.sleep(3)
        return "done"

    assert _run(patient()) == ("done", 4.2)


def test_the_task_is_not_left_cancelled() -> None:
    """After a deadline that ended in letting go, the task goes on as any other."""
    time = VirtualTime()

    async def main() -> int:
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(Abandoned):
            async with asyncio.timeout(1):
                await _led(_deaf([]))
        await asyncio.sleep(1)
        return task.cancelling()

    assert time.run(main) == 0
