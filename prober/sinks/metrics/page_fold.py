"""What one load of a page changes in the series of its probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.sinks.metrics import page_catalogue as metric
from prober.sinks.metrics.closed import ASSETS, VITALS
from prober.sinks.metrics.family import key_of
from prober.sinks.metrics.number import number_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Measure
    from prober.sinks.metrics.series import Series

__all__ = ["fold_page"]


def fold_page(series: Series, measures: Mapping[str, Measure], *, timed: bool) -> None:
    """Take over the weights of a load that came to its assets, and the vitals of one whose times count.

    What a load did not have, it has no more: a page that paints nothing must not keep the paint of yesterday.
    """
    if "page_requests" in measures:
        series.clear(metric.PAGE_BYTES)
        series.clear(metric.PAGE_REQUESTS)
        for kind in ASSETS:
            _fold_weight(series, measures, kind)
    series.clear(metric.WEB_VITAL)
    series.clear(metric.LAYOUT_SHIFT)
    for vital in VITALS if timed else ():
        seconds = number_in(measures, f"{vital}_seconds")
        if seconds is not None:
            series.set(metric.WEB_VITAL, key_of(vital), seconds)
    shift = number_in(measures, "layout_shift")
    if timed and shift is not None:
        series.set(metric.LAYOUT_SHIFT, (), shift)


def _fold_weight(series: Series, measures: Mapping[str, Measure], kind: str) -> None:
    requests = number_in(measures, f"requests_{kind}")
    if requests is None:
        return
    broken = min(requests, number_in(measures, f"broken_{kind}") or 0.0)
    series.set(metric.PAGE_BYTES, key_of(kind), number_in(measures, f"bytes_{kind}") or 0.0)
    series.set(metric.PAGE_REQUESTS, key_of(kind, "ok"), requests - broken)
    series.set(metric.PAGE_REQUESTS, key_of(kind, "broken"), broken)
