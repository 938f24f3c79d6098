"""Whose turn it is to run: at most so many at once, and fewer of those that sign in with the same account."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.engine.entry import Entry
    from prober.model.probe import Probe

__all__ = ["Share", "Turns"]

Share = tuple[str, int]
"""What a probe has in common with others, and how many of them may run at once."""


class Turns:
    """Entries that are due, in their order. ``share`` is asked whenever one might begin, since its answer changes."""

    __slots__ = ("_going", "_now", "_room", "_share", "_sharing", "_waiting")

    def __init__(self, *, limit: int, share: Callable[[Probe], Share | None], now: Callable[[], int]) -> None:
        self._room = limit
        self._share = share
        self._now = now
        self._going: Counter[str] = Counter()
        self._waiting: deque[Entry] = deque()
        self._sharing: dict[str, list[Entry]] = {}

    def wait(self, entry: Entry) -> None:
        """Put it at the end of the line."""
        self._waiting.append(entry)

    def next(self) -> Entry | None:
        """The next whose turn it is; None if nobody may begin now. It has its turn until :meth:`end`."""
        while self._waiting and self._room:
            entry = self._waiting.popleft()
            if not entry.gone and self._begins(entry):
                self._room -= 1
                return entry
        return None

    def end(self, entry: Entry) -> None:
        """The turn is over. Those that waited for who shares something with it are the next."""
        self._room += 1
        shared, entry.shared = entry.shared, None
        if shared is None:
            return
        self._going[shared] -= 1
        if not self._going[shared]:
            del self._going[shared]
        released = self._sharing.pop(shared, [])
        for waiting in released:
            waiting.waiting_ns = self._now()  # this wait was no delay of ours
        self._waiting.extendleft(reversed(released))

    def _begins(self, entry: Entry) -> bool:
        share = self._share(entry.probe)
        if share is None:
            return True
        key, most = share
        if self._going[key] >= most:
            self._sharing.setdefault(key, []).append(entry)
            return False
        self._going[key] += 1
        entry.shared = key
        return True
