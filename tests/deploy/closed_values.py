"""The values of labels that are closed sets, by the catalogue of the metrics."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from prober.model.probe import Kind, Probe
from prober.probes import KINDS
from prober.sinks.metrics.catalogue import FAMILIES
from prober.sinks.metrics.family import Family, Setup

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["closed_values"]

_ANY = "*"
_SETUP = Setup(location="here", connectivity=True)


@cache
def closed_values() -> Mapping[str, frozenset[str]]:
    """The values of each label whose values the configuration does not decide."""
    found: dict[str, set[str]] = defaultdict(set)
    for family in FAMILIES:
        for kind in KINDS.values():
            for key in _keys(family, kind):
                for label, value in zip(family.labels, key, strict=True):
                    found[label].add(value)
    return {label: frozenset(values) for label, values in found.items() if _ANY not in values}


def _keys(family: Family, kind: Kind[object]) -> tuple[tuple[str, ...], ...]:
    """The keys that a probe of this kind has, with all that can be configured."""
    probe = Probe(
        name="p",
        kind=kind,
        provider="p",
        service="s",
        interval_ns=1,
        timeout_ns=1,
        retry_interval_ns=1,
        slow_ns=dict.fromkeys(("total", *kind.slow), 1),
        info={"currency": "USD", "model": "m"},
        steps=(_ANY,),
    )
    return family.series(probe, _SETUP) if family.applies_to(probe) else ()
