"""Panels as Grafana's classic JSON, one function a type."""

from __future__ import annotations

from typing import Literal

from grafana.fields import GREY, NOTHING, STATES, Json, steps
from grafana.targets import DATASOURCE

__all__ = ["bars", "count", "heatmap", "history", "lines", "stat", "table", "timeline"]

_LEGEND: Json = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
_MANY: Json = {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
_PALETTE = {"mode": "palette-classic"}
_CONNECT_MS = 15 * 60 * 1000
"""Points of a probe that runs every few minutes are one line."""
_DISCONNECT_MS = 3 * 60 * 60 * 1000
"""More than a step of a month on the screen; ``queries.standing`` itself says where data end."""
_EMPTY_CELL = {
    "matcher": {"id": "byRegexp", "options": "/.*/"},
    "properties": [{"id": "noValue", "value": "–"}],
}
"""Else a cell without a value would say what the whole table says when it is empty."""
_HIDDEN = {"legend": False, "tooltip": False, "viz": False}


def stat(
    title: str, why: str, *targets: Json, unit: str, thresholds: Json, decimals: int | None = None, **defaults: object
) -> Json:
    """One number, or a few, on a coloured ground."""
    options = {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
        "wideLayout": True,
    }
    config = _defaults(unit=unit, thresholds=thresholds, decimals=decimals, **defaults)
    return _panel("stat", title, why, targets, defaults=config, options=options)


def count(title: str, why: str, target: Json, thresholds: Json) -> Json:
    """A whole number on a coloured ground."""
    return stat(title, why, target, unit="none", thresholds=thresholds, decimals=0)


def lines(
    title: str,
    why: str,
    *targets: Json,
    unit: str,
    thresholds: Json | None = None,
    overrides: tuple[Json, ...] = (),
    **defaults: object,
) -> Json:
    """Lines over time; with thresholds, those are drawn as dashed lines."""
    custom = {
        "axisSoftMin": 0,
        "drawStyle": "line",
        "fillOpacity": 8,
        "hideFrom": _HIDDEN,
        "lineWidth": 1,
        "pointSize": 5,
        "showPoints": "auto",
        "spanNulls": _CONNECT_MS,
        "stacking": {"group": "A", "mode": "none"},
        "thresholdsStyle": {"mode": "off" if thresholds is None else "dashed"},
    }
    config = _defaults(unit=unit, custom=custom, color=_PALETTE, thresholds=thresholds or steps(GREY), **defaults)
    return _panel("timeseries", title, why, targets, defaults=config, options=_MANY, overrides=overrides, interval="1m")


def bars(
    title: str, why: str, *targets: Json, unit: str = "none", overrides: tuple[Json, ...] = (), **defaults: object
) -> Json:
    """Bars on top of each other, for what adds up. Each stands for the time before it, as an ``increase`` does."""
    custom = {
        "axisSoftMin": 0,
        "barAlignment": -1,
        "drawStyle": "bars",
        "fillOpacity": 70,
        "hideFrom": _HIDDEN,
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal"},
        "thresholdsStyle": {"mode": "off"},
    }
    config = _defaults(unit=unit, custom=custom, color=_PALETTE, thresholds=steps(GREY), **defaults)
    return _panel("timeseries", title, why, targets, defaults=config, options=_MANY, overrides=overrides, interval="2m")


def timeline(
    title: str, why: str, *targets: Json, mappings: list[Json] | None = None, unit: str = "percentunit"
) -> Json:
    """A bar a series whose colour is its state. The mappings decide: thresholds would merge states of one colour."""
    config = _defaults(
        unit=unit,
        color={"mode": "fixed", "fixedColor": GREY},
        custom={
            "fillOpacity": 85,
            "hideFrom": _HIDDEN,
            "insertNulls": _DISCONNECT_MS,
            "lineWidth": 0,
            "spanNulls": False,
        },
        mappings=[*(STATES if mappings is None else mappings), NOTHING],
        thresholds=steps(GREY),
        min=0,
        max=1,
    )
    options = {
        "alignValue": "left",
        "legend": _LEGEND,
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "auto",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return _panel(
        "state-timeline", title, why, targets, defaults=config, options=options, interval="1m", maxDataPoints=300
    )


def history(title: str, why: str, *targets: Json, unit: str, thresholds: Json, interval: str) -> Json:
    """A cell a series and interval."""
    config = _defaults(
        unit=unit,
        decimals=1,
        color={"mode": "thresholds"},
        custom={"fillOpacity": 80, "hideFrom": _HIDDEN, "lineWidth": 1},
        thresholds=thresholds,
    )
    options = {
        "colWidth": 0.95,
        "legend": _LEGEND,
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return _panel(
        "status-history", title, why, targets, defaults=config, options=options, interval=interval, maxDataPoints=100
    )


def heatmap(title: str, why: str, target: Json, *, unit: str) -> Json:
    """A histogram over time: the darker, the more runs."""
    options = {
        "calculate": False,
        "cellGap": 1,
        "cellValues": {"unit": "none"},
        "color": {
            "exponent": 0.5,
            "fill": "dark-orange",
            "mode": "scheme",
            "reverse": False,
            "scale": "exponential",
            "scheme": "Oranges",
            "steps": 64,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto", "value": "runs"},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
    }
    custom = {"hideFrom": _HIDDEN, "scaleDistribution": {"type": "linear"}}
    config = _defaults(unit=unit, custom=custom, thresholds=steps(GREY))
    return _panel("heatmap", title, why, (target,), defaults=config, options=options, interval="1m", maxDataPoints=120)


def table(
    title: str,
    why: str,
    *targets: Json,
    columns: dict[str, str],
    looks: tuple[Json, ...] = (),
    sort: str,
    order: Literal["asc", "desc"] = "desc",
    nothing: str = "none",
    unit: str = "none",
) -> Json:
    """A row a series. ``columns`` names labels, ``Value`` or ``Value #A``, in order, and how they are called."""
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False, "inspect": False}
    config = _defaults(unit=unit, custom=custom, thresholds=steps(GREY), noValue=nothing, mappings=[])
    options = {
        "cellHeight": "sm",
        "footer": {"countRows": False, "fields": "", "reducer": ["sum"], "show": False},
        "showHeader": True,
        "sortBy": [{"desc": order == "desc", "displayName": sort}],
    }
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate(columns)},
        "renameByName": columns,
    }
    merge = [{"id": "merge", "options": {}}] if len(targets) > 1 else []
    transformations = [*merge, {"id": "organize", "options": organize}]
    return _panel(
        "table",
        title,
        why,
        targets,
        defaults=config,
        options=options,
        overrides=(_EMPTY_CELL, *looks),
        transformations=transformations,
    )


def _defaults(*, unit: str, thresholds: Json, **more: object) -> Json:
    chosen = {name: value for name, value in more.items() if value is not None}
    colour = {"mode": "thresholds"}
    return {
        "color": colour,
        "mappings": [NOTHING],
        "noValue": "no data",
        "thresholds": thresholds,
        "unit": unit,
        **chosen,
    }


def _panel(
    kind: str,
    title: str,
    why: str,
    targets: tuple[Json, ...],
    *,
    defaults: Json,
    options: Json,
    overrides: tuple[Json, ...] = (),
    **more: object,
) -> Json:
    named = [{"refId": chr(ord("A") + index), **target} for index, target in enumerate(targets)]
    return {
        "type": kind,
        "title": title,
        "description": why,
        "datasource": DATASOURCE,
        "targets": named,
        "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
        "options": options,
        "pluginVersion": "10.2.0",
        **more,
    }
