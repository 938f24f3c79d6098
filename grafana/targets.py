"""What panels ask Prometheus: over the time that is shown, or at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grafana.fields import Json

__all__ = ["DATASOURCE", "cells", "now", "over_time", "rows"]

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}


def over_time(expr: str, legend: str) -> Json:
    """A query over the time that is shown."""
    return _target(expr, legendFormat=legend, range=True, instant=False, format="time_series")


def now(expr: str, legend: str = "") -> Json:
    """A query at the end of the time that is shown."""
    return _target(expr, legendFormat=legend, range=False, instant=True, format="time_series")


def rows(expr: str) -> Json:
    """A query whose series are the rows of a table."""
    return _target(expr, legendFormat="", range=False, instant=True, format="table")


def cells(expr: str) -> Json:
    """A query by ``le`` for a heatmap."""
    return _target(expr, legendFormat="{{le}}", range=True, instant=False, format="heatmap")


def _target(expr: str, **more: object) -> Json:
    return {"datasource": DATASOURCE, "editorMode": "code", "exemplar": False, "expr": expr, **more}
