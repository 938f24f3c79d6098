"""What is counted and last seen of one probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.sinks.metrics.catalogue import DURATION
from prober.sinks.metrics.family import Type
from prober.sinks.metrics.histogram import Histogram

if TYPE_CHECKING:
    from prober.model.probe import Probe
    from prober.sinks.metrics.family import Family, Key
    from prober.sinks.metrics.layout import Cells

__all__ = ["Series"]


class Series:
    """The values of one probe, by family and label values."""

    __slots__ = ("_histograms", "_location", "_values", "probe")

    def __init__(self, probe: Probe, location: str | None) -> None:
        self.probe = probe
        self._location = location
        self._values: dict[Family, dict[Key, float]] = {}
        self._histograms: dict[Family, dict[Key, Histogram]] = {}

    def identity(self) -> tuple[object, ...]:
        """What makes these series other ones when a reload changes it."""
        probe = self.probe
        names = (probe.kind.name, probe.provider, probe.service, self._location)
        return *names, tuple(probe.labels.items()), probe.info.get("model"), probe.info.get("currency")

    def succeed(self, older: Series) -> None:
        """Take over what was counted under an earlier configuration of the same probe."""
        self._values = older._values
        self._histograms = older._histograms
        if older.probe.buckets != self.probe.buckets:
            self._histograms.pop(DURATION, None)

    def cells(self, family: Family) -> Cells:
        """What is held of a family; later changes are seen in it."""
        if family.type is Type.HISTOGRAM:
            return self._histograms.setdefault(family, {})
        return self._values.setdefault(family, {})

    def add(self, family: Family, key: Key, amount: float) -> None:
        """Raise a counter."""
        values = self._values.setdefault(family, {})
        values[key] = values.get(key, 0.0) + amount

    def add_seconds(self, family: Family, key: Key, duration_ns: int) -> None:
        """Raise a sum of seconds. It stays one of whole nanoseconds: exact, and short to write."""
        values = self._values.setdefault(family, {})
        values[key] = round(values.get(key, 0.0) + duration_ns / 1e9, 9)

    def set(self, family: Family, key: Key, value: float) -> None:
        """Set a gauge."""
        self._values.setdefault(family, {})[key] = value

    def choose(self, family: Family, key: Key) -> None:
        """Set one series of a gauge to 1 and all others to 0."""
        values = self._values.setdefault(family, {})
        if key not in values:
            values.clear()
            values[key] = 1.0

    def clear(self, family: Family) -> None:
        """Forget a gauge: it has no value now."""
        values = self._values.get(family)
        if values:
            values.clear()

    def observe(self, family: Family, key: Key, seconds: float) -> None:
        """Add one observation to a histogram."""
        histograms = self._histograms.setdefault(family, {})
        histogram = histograms.get(key)
        if histogram is None:
            histogram = histograms[key] = Histogram(family.buckets(self.probe))
        histogram.observe(seconds)
