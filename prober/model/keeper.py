"""Has a file follow what is in memory: written beside the event loop as it changes, and once more at the end."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Keeper"]

T = TypeVar("T")

_AFTER_FAILURE_SECONDS = 30.0


class Keeper(Generic[T]):
    """Writes snapshots of what has changed, at most one in ``every_seconds``, and never an older one over a newer.

    ``snapshot`` is asked on the event loop. ``write`` gets what it gave, in a thread and one call at a time, and tells
    whether the disk let it; where that is None nothing is kept.
    """

    __slots__ = ("_every_seconds", "_saved", "_snapshot", "_version", "_write", "_writing")

    def __init__(self, snapshot: Callable[[], T], write: Callable[[T], bool] | None, *, every_seconds: float) -> None:
        self._snapshot = snapshot
        self._write = write
        self._every_seconds = every_seconds
        self._version = 0
        self._saved = 0
        self._writing = threading.Lock()

    def changed(self) -> None:
        """What is in memory is not what was written."""
        self._version += 1

    async def keep(self) -> None:
        """Write whenever something has changed, until cancelled, and then once more."""
        saved = True
        try:
            while True:
                await asyncio.sleep(self._every_seconds if saved else _AFTER_FAILURE_SECONDS)
                saved = self._is_saved() or await asyncio.to_thread(self._put, self._snapshot(), self._version)
        finally:
            self.save()

    def save(self) -> bool:
        """Write now, if anything has changed; whether the disk has all of it."""
        return self._is_saved() or self._put(self._snapshot(), self._version)

    def _is_saved(self) -> bool:
        return self._write is None or self._version == self._saved

    def _put(self, snapshot: T, version: int) -> bool:
        assert self._write is not None
        with self._writing:  # a thread that was cancelled goes on, and may come to write after the last words
            if version > self._saved and self._write(snapshot):
                self._saved = version
            return version <= self._saved
