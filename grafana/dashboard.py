"""A whole dashboard: its variables, links and annotations, and its panels in lines."""

from __future__ import annotations

from collections.abc import Sequence

from grafana.fields import Json
from grafana.queries import ALERTS, own, series
from grafana.targets import DATASOURCE

__all__ = ["Line", "Section", "dashboard", "line", "variable"]

Line = tuple[int, Sequence[tuple[int, Json]]]
"""A height, and the panels beside each other, each with its width."""
Section = tuple[str, Sequence[Line]]
"""A heading, which may be empty, and the lines below it."""

_WIDTH = 24
_TAG = "prober"


def variable(name: str, label: str, query: str, *, all_value: str = ".*", hide: int = 0) -> Json:
    """A variable that Prometheus fills, read again with the time. ``.*`` also takes series without the label."""
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"qryType": 1, "query": query, "refId": f"variable-{name}"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": all_value,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "hide": hide,
        "options": [],
        "regex": "",
        "skipUrlSync": False,
    }


def line(height: int, *panels: Json, widths: Sequence[int] = ()) -> Line:
    """Panels beside each other, equally wide unless ``widths`` says otherwise."""
    each = widths or [_WIDTH // len(panels)] * len(panels)
    if sum(each) != _WIDTH:
        raise ValueError(f"a line of {sum(each)} columns instead of {_WIDTH}: {[panel['title'] for panel in panels]}")
    return height, [*zip(each, panels, strict=True)]


def dashboard(uid: str, title: str, about: str, sections: Sequence[Section], *, more: Sequence[Json] = ()) -> Json:
    """The dashboard as Grafana's classic JSON."""
    return {
        "annotations": {"list": [_builtin(), _firing()]},
        "description": about,
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "links": [_links()],
        "panels": _placed(sections),
        "refresh": "1m",
        "schemaVersion": 41,
        "tags": [_TAG],
        "templating": {"list": [*_variables(), *more]},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": title,
        "uid": uid,
        "version": 1,
        "weekStart": "",
    }


def _placed(sections: Sequence[Section]) -> list[Json]:
    """The panels with their numbers and places."""
    found: list[Json] = []
    top = 0
    for heading, lines in sections:
        if heading:
            found.append(_heading(heading, len(found) + 1, top))
            top += 1
        for height, panels in lines:
            left = 0
            for width, panel in panels:
                place = {"h": height, "w": width, "x": left, "y": top}
                found.append({"id": len(found) + 1, "gridPos": place, **panel})
                left += width
            top += height
    return found


def _heading(title: str, number: int, top: int) -> Json:
    place = {"h": 1, "w": _WIDTH, "x": 0, "y": top}
    return {"id": number, "gridPos": place, "type": "row", "title": title, "collapsed": False, "panels": []}


def _variables() -> list[Json]:
    source = {
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "query": "prometheus",
        "refresh": 1,
        "multi": False,
        "includeAll": False,
        "current": {},
        "hide": 0,
        "options": [],
        "regex": "",
        "skipUrlSync": False,
    }
    job, instance = "prober_build_info", 'prober_build_info{job=~"$job"}'
    asked = {
        "location": own("prober_probe_interval_seconds"),
        "provider": own("prober_probe_interval_seconds", 'location=~"$location"'),
        "service": own("prober_probe_interval_seconds", 'location=~"$location"', 'provider=~"$provider"'),
        "probe": series("prober_probe_interval_seconds").replace(',probe=~"$probe"', ""),
    }
    return [
        source,
        variable("job", "Job", f"label_values({job}, job)", all_value=".+"),
        variable("instance", "Instance", f"label_values({instance}, instance)", all_value=".+"),
        *(variable(name, name.capitalize(), f"label_values({of}, {name})") for name, of in asked.items()),
    ]


def _links() -> Json:
    return {
        "type": "dashboards",
        "title": "prober",
        "tags": [_TAG],
        "asDropdown": False,
        "keepTime": True,
        "includeVars": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }


def _builtin() -> Json:
    return {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }


def _firing() -> Json:
    return {
        "datasource": DATASOURCE,
        "enable": True,
        "expr": ALERTS,
        "iconColor": "red",
        "name": "Firing alerts",
        "step": "60s",
        "tagKeys": "severity,fault",
        "textFormat": "{{provider}} {{service}} {{probe}} {{location}}",
        "titleFormat": "{{alertname}}",
        # Grafana asks whether it is set at all: any text here would draw each mark at its value, in 1970
        "useValueForTime": False,
    }
