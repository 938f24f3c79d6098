"""A token bucket: one request in so much time, and some at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bucket"]


class Bucket:
    """Full at first; a request takes one token, and one comes in every interval. An interval of 0 has no limit."""

    __slots__ = ("_burst", "_filled_ns", "_interval_ns", "_now")

    def __init__(self, interval_ns: int, burst: int, monotonic_ns: Callable[[], int]) -> None:
        self._interval_ns = interval_ns
        self._burst = burst
        self._now = monotonic_ns
        self._filled_ns = monotonic_ns() - interval_ns * burst  # the time that is worth the tokens in the bucket

    def take(self) -> bool:
        """Whether there was a token."""
        now_ns = self._now()
        filled_ns = max(self._filled_ns, now_ns - self._interval_ns * self._burst)
        if filled_ns + self._interval_ns > now_ns:
            return False
        self._filled_ns = filled_ns + self._interval_ns
        return True
