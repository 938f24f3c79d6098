"""The panels of *Login and pages* on pages: assets and web vitals."""

from __future__ import annotations

from grafana.fields import GREEN, ORANGE, RED, Json, steps
from grafana.panels import lines
from grafana.queries import (
    series,
)
from grafana.targets import over_time

__all__ = ["assets", "vitals"]

_BROKEN = 'outcome="broken"'


def assets() -> list[Json]:
    """What pages weigh, and what of it is broken."""
    weight = (
        "Bytes of each page's last load by kind of asset, as they came. A step up is a deployment that made the page "
        "heavy; a step down may be an asset that is missing."
    )
    requests = (
        "Requests of each page's last load that a browser could not use, and their kinds if there are any. Red above "
        "zero: after a deployment mostly a script or stylesheet that is gone; `prober check NAME` names the first "
        "three."
    )
    size = f"avg by (probe, kind_of_asset) ({series('prober_page_bytes')})"
    broken = series("prober_page_requests", _BROKEN)
    return [
        lines("Weight of the pages", weight, over_time(size, "{{probe}}: {{kind_of_asset}}"), unit="bytes"),
        lines(
            "Broken assets",
            requests,
            over_time(f"sum by (probe) ({broken})", "{{probe}}"),
            over_time(f"sum by (probe, kind_of_asset) ({broken}) > 0", "{{probe}}: {{kind_of_asset}}"),
            unit="none",
            thresholds=steps(GREEN, (1, RED)),
            decimals=0,
        ),
    ]


def vitals() -> list[Json]:
    """When a person sees a page, and how much it moves."""
    paints = (
        "Web vitals of the last loads: ttfb, the first byte; fcp, the first paint; lcp, the largest. The paints need "
        "`engine: browser`. Red line: an lcp above 4 s is poor, above 2.5 s to be improved. High ttfb: the server; "
        "high lcp alone: assets."
    )
    shift = (
        "How much of the page moves while it loads (cumulative layout shift); needs `engine: browser`. Above 0.25 is "
        "poor: pictures without a size, fonts that come late, banners that push."
    )
    vital = f"avg by (probe, vital) ({series('prober_page_web_vital_seconds')})"
    moved = f"avg by (probe) ({series('prober_page_layout_shift')})"
    return [
        lines(
            "Web vitals",
            paints,
            over_time(vital, "{{probe}}: {{vital}}"),
            unit="s",
            thresholds=steps(GREEN, (2.5, ORANGE), (4, RED)),
        ),
        lines(
            "Layout shift",
            shift,
            over_time(moved, "{{probe}}"),
            unit="none",
            decimals=3,
            thresholds=steps(GREEN, (0.1, ORANGE), (0.25, RED)),
        ),
    ]
