"""A histogram while it fills: counts by bucket, and the sum."""

from __future__ import annotations

from bisect import bisect_left

__all__ = ["Histogram"]


class Histogram:
    """Observations counted by upper bound; the last count is of those above all bounds."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value; a bound is inside its bucket."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total = round(self.total + value, 9)  # in whole nanoseconds: exact, and short to write
