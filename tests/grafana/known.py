"""What the exporter says of itself: every sample name with the labels it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.sinks.metrics.catalogue import BASE_LABELS, FAMILIES
from prober.sinks.metrics.family import Type
from prober.sinks.metrics.own_catalogue import OWN_FAMILIES, SERVICE_STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.sinks.metrics.family import Family

__all__ = ["COUNTERS", "OF_PROMETHEUS", "SAMPLES"]

_SCRAPED = frozenset({"job", "instance"})
_SERVICE = frozenset({"provider", "service", "location"})
_ALERT = frozenset({"alertname", "alertstate", "severity", "fault", *BASE_LABELS})


def _samples(family: Family) -> Iterator[str]:
    match family.type:
        case Type.HISTOGRAM:
            yield from (f"{family.name}_{part}" for part in ("bucket", "count", "sum"))
        case Type.SUMMARY:
            yield from (f"{family.name}_{part}" for part in ("count", "sum"))
        case _:
            yield family.name


def _labels(family: Family) -> frozenset[str]:
    bucket = {"le"} if family.type is Type.HISTOGRAM else set()
    base = BASE_LABELS if family in FAMILIES else _SERVICE if family is SERVICE_STATE else ()
    return _SCRAPED | {*base, *family.own, *family.labels, *bucket}


SAMPLES = {name: _labels(family) for family in (*FAMILIES, *OWN_FAMILIES) for name in _samples(family)}
"""Everything that prober exposes."""

COUNTERS = frozenset(family.name for family in (*FAMILIES, *OWN_FAMILIES) if family.type is Type.COUNTER)

OF_PROMETHEUS = {
    **dict.fromkeys(("up", "scrape_duration_seconds", "scrape_samples_scraped"), _SCRAPED),
    **dict.fromkeys(("ALERTS", "ALERTS_FOR_STATE"), _ALERT),
}
"""What Prometheus itself adds for each target, and for each alert of the shipped rules."""
