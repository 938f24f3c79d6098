"""A result from a calm moment: on a busy machine anything may be late by some tens of milliseconds once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["acalmly", "calmly"]

T = TypeVar("T")

_TRIES = 20
_LONG_TRIES = 4


def calmly(act: Callable[[], T], fits: Callable[[T], bool]) -> T:
    """The first of a few results that fits, else the last of them, for the test to say what is wrong with it."""
    result = act()
    for _ in range(_TRIES - 1):
        if fits(result):
            break
        result = act()
    return result


async def acalmly(act: Callable[[], Awaitable[T]], fits: Callable[[T], bool]) -> T:
    """The same for what takes long, as a page in a browser does, and is kept for several tests: fewer tries."""
    result = await act()
    for _ in range(_LONG_TRIES - 1):
        if fits(result):
            break
        result = await act()
    return result
