"""Tables of metrics, from the catalogue that renders them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.probe import BUCKETS_CHAT, BUCKETS_HTTP, BUCKETS_JOB, Probe
from prober.probes import KINDS
from prober.sinks.metrics import closed
from prober.sinks.metrics.catalogue import FAMILIES
from prober.sinks.metrics.family import Family, Setup, Type
from prober.sinks.metrics.own_catalogue import BUCKETS_LOOP, OWN_FAMILIES, PROCESS_FAMILIES, SERVICE_STATE

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GROUPS", "bucket_list", "label_values", "metric_table"]

GROUPS: dict[str, Callable[[Family], bool]] = {
    "probe": lambda family: family in FAMILIES and family.kinds is None,
    "http": lambda family: family.kinds in {closed.HTTP, closed.LIMITED},
    "chat": lambda family: family.kinds == closed.CHAT,
    "login": lambda family: family.kinds == closed.LOGIN,
    "page": lambda family: family.kinds == closed.PAGE,
    "service": lambda family: family is SERVICE_STATE,
    "own": lambda family: family in OWN_FAMILIES and family not in {SERVICE_STATE, *PROCESS_FAMILIES},
    "process": lambda family: family in PROCESS_FAMILIES,
}
"""Which metrics stand in which table."""

_OPEN = {"phase", "step"}
"""Labels whose values depend on the kind or on the configuration."""

_FEW = 10


def _sample(family: Family) -> Probe:
    """A probe that has the family."""
    kind = next(kind for kind in KINDS.values() if family.kinds is None or kind.name in family.kinds)
    once = 10**9
    return Probe(
        name="p",
        kind=kind,
        provider="p",
        service="s",
        interval_ns=once,
        timeout_ns=once,
        retry_interval_ns=once,
        info={"currency": "USD"},
        steps=("step",),
    )


def label_values(family: Family, label: str) -> tuple[str, ...]:
    """The values of a label that is a short closed set; nothing for the others."""
    if family is SERVICE_STATE:
        return closed.SERVICE_STATES
    if label in _OPEN or label not in family.labels or family not in FAMILIES:
        return ()
    keys = family.series(_sample(family), Setup(location="here", connectivity=True))
    values = tuple(dict.fromkeys(key[family.labels.index(label)] for key in keys))
    return values if len(values) <= _FEW else ()


def _label(family: Family, label: str) -> str:
    values = label_values(family, label)
    return f"`{label}`" + (f" ({', '.join(values)})" if values else "")


def metric_table(group: str) -> str:
    """The metrics of one group with their type, labels beside the common ones, and help text."""
    lines = ["| metric | type | further labels | |", "|---|---|---|---|"]
    for family in (*FAMILIES, *OWN_FAMILIES):
        if GROUPS[group](family):
            labels = ", ".join(_label(family, label) for label in (*family.own, *family.labels))
            kind = "summary without quantiles" if family.type is Type.SUMMARY else str(family.type)
            lines.append(f"| `{family.name}` | {kind} | {labels} | {family.help} |")
    return "\n".join(lines)


def bucket_list() -> str:
    """The bounds of the histograms, and the kinds that have them."""
    bounds = {"http": BUCKETS_HTTP, "chat": BUCKETS_CHAT, "job": BUCKETS_JOB}
    lines = ["| of | bounds in seconds |", "|---|---|"]
    for buckets in bounds.values():
        kinds = [f"`{kind.name}`" for kind in KINDS.values() if kind.buckets == buckets]
        if kinds:
            lines.append(f"| {', '.join(kinds)} | {_numbers(buckets)} |")
    return "\n".join([*lines, f"| event-loop lag, schedule delay | {_numbers(BUCKETS_LOOP)} |"])


def _numbers(buckets: tuple[float, ...]) -> str:
    return " ".join(f"{bound:g}" for bound in buckets)
