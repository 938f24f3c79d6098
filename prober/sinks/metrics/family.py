"""What a metric family is: its name, type and help, its labels, and which of its series a probe has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import cache

from prober.model.probe import Probe

__all__ = ["Family", "Key", "Setup", "Type", "key_of"]

Key = tuple[str, ...]
"""The values of a family's labels, in the order of ``Family.labels``."""


@cache
def key_of(*values: str) -> Key:
    """The one key of these values. All probes share it: that saves memory, and comparing what is identical is free."""
    return values


_UNITS = ("seconds", "bytes", "ratio")


class Type(StrEnum):
    """The type of a family, by its word in the ``# TYPE`` line. A summary here is a sum and a count."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the configuration says beside the probes."""

    location: str | None = None
    connectivity: bool = False


def _one(_probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    return ((),)


def _any_probe(_probe: Probe) -> bool:
    return True


def _kind_buckets(probe: Probe) -> tuple[float, ...]:
    return probe.kind.buckets


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric, with all its series.

    ``own`` are labels whose one value the probe's info knows, and ``labels`` those whose values ``series`` lists; both
    come after the labels that every series of a probe has. ``kinds`` restricts the family to probes of these kinds,
    ``only`` to some of them; ``fixed`` gives values that the configuration alone decides. Counters, histograms and
    summaries begin at zero. So does a gauge that is there ``from_start``; any other has no sample before it has a
    value, as a NaN would make every ``avg`` over it NaN, and a 0 would look like a failure.
    """

    name: str
    type: Type
    help: str
    _: KW_ONLY
    own: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    series: Callable[[Probe, Setup], tuple[Key, ...]] = _one
    kinds: frozenset[str] | None = None
    only: Callable[[Probe], bool] = _any_probe
    fixed: Callable[[Probe], Mapping[Key, float]] | None = None
    buckets: Callable[[Probe], tuple[float, ...]] = _kind_buckets
    from_start: bool = False

    def applies_to(self, probe: Probe) -> bool:
        """Whether the probe has the family."""
        return (self.kinds is None or probe.kind.name in self.kinds) and self.only(probe)

    def header(self, *, openmetrics: bool) -> str:
        """The lines that announce the family; OpenMetrics names a counter without ``_total`` and knows units."""
        if not openmetrics:
            return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.type}\n"
        name = self.name.removesuffix("_total") if self.type is Type.COUNTER else self.name
        unit = next((f"# UNIT {name} {unit}\n" for unit in _UNITS if name.endswith("_" + unit)), "")
        return f"# HELP {name} {self.help}\n# TYPE {name} {self.type}\n{unit}"
