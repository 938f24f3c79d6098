"""A bounded store: the oldest thing goes when there are too many, whatever has expired is not found."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Shelf"]

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things by their id, at most ``size`` of them, each for ``seconds``."""

    __slots__ = ("_clock", "_seconds", "_size", "_things")

    def __init__(self, size: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._things: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def put(self, id_: str, thing: T) -> None:
        """Store a thing, or store it again as the newest."""
        self._things[id_] = (self._clock() + self._seconds, thing)
        self._things.move_to_end(id_)
        if len(self._things) > self._size:
            self._things.popitem(last=False)

    def get(self, id_: str) -> T | None:
        """The thing, if it is still there."""
        until, thing = self._things.get(id_, (0.0, None))
        if thing is not None and until <= self._clock():
            del self._things[id_]
            return None
        return thing

    def drop(self, id_: str) -> T | None:
        """Take the thing away and return it."""
        thing = self.get(id_)
        self._things.pop(id_, None)
        return thing

    def __iter__(self) -> Iterator[T]:
        """The things, newest first."""
        now = self._clock()
        return iter([thing for until, thing in reversed(self._things.values()) if until > now])

    def __len__(self) -> int:
        return len(self._things)
