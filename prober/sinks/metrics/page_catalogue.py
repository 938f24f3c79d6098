"""The metrics of pages: what they weigh, how much of it failed, and how fast a person saw them."""

from __future__ import annotations

from prober.sinks.metrics import closed
from prober.sinks.metrics.family import Family, Type

__all__ = ["LAYOUT_SHIFT", "PAGE_BYTES", "PAGE_FAMILIES", "PAGE_REQUESTS", "WEB_VITAL"]

PAGE_BYTES = Family(
    "prober_page_bytes",
    Type.GAUGE,
    "Bytes of the page's last load as they came, by kind of asset.",
    labels=("kind_of_asset",),
    kinds=closed.PAGE,
    series=closed.each(closed.ASSETS),
)
PAGE_REQUESTS = Family(
    "prober_page_requests",
    Type.GAUGE,
    "Requests of the page's last load, by kind of asset and whether a browser could use the answer.",
    labels=("kind_of_asset", "outcome"),
    kinds=closed.PAGE,
    series=closed.assets_by_outcome,
)
WEB_VITAL = Family(
    "prober_page_web_vital_seconds",
    Type.GAUGE,
    "Web vitals of the page's last load: first byte, first and largest contentful paint; the paints in a browser only.",
    labels=("vital",),
    kinds=closed.PAGE,
    series=closed.each(closed.VITALS),
)
LAYOUT_SHIFT = Family(
    "prober_page_layout_shift",
    Type.GAUGE,
    "Cumulative layout shift of the page's last load in a browser.",
    kinds=closed.PAGE,
)

PAGE_FAMILIES = (PAGE_BYTES, PAGE_REQUESTS, WEB_VITAL, LAYOUT_SHIFT)
