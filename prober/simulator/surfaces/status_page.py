"""The company's status page, in the format of Statuspage v2: it says what it is told to say, not what is."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from prober.simulator.exchange import Route
from prober.simulator.faults.status_page import COMPONENTS, Declare
from prober.simulator.pages import page
from prober.simulator.surfaces.session import json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES", "component_id"]

_DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}
_HEALTHY = Declare()


def component_id(provider: str, surface: str) -> str:
    """The id of a component, which is what configurations match on."""
    return f"{provider}-{surface}"


def _summary(exchange: Exchange) -> dict[str, list[dict[str, object]] | dict[str, object]]:
    declared = exchange.fault(Declare) or _HEALTHY
    provider = exchange.company.provider
    now = _timestamp(time.time())
    components: list[dict[str, object]] = [
        {
            "id": component_id(provider.name, surface),
            "name": name,
            "status": declared.components.get(surface, "operational"),
            "created_at": _timestamp(exchange.company.created_at),
            "updated_at": now,
            "position": position,
            "description": None,
            "showcase": True,
            "group_id": None,
            "page_id": provider.name,
            "group": False,
            "only_show_if_degraded": False,
        }
        for position, (surface, name) in enumerate(COMPONENTS.items(), start=1)
    ]
    return {
        "page": {
            "id": provider.name,
            "name": provider.title,
            "url": str(exchange.request.url.origin().with_path(f"{provider.prefix}/status")),
            "time_zone": "Etc/UTC",
            "updated_at": now,
        },
        "status": {
            "indicator": declared.indicator,
            "description": declared.description or _DESCRIPTIONS[declared.indicator],
        },
        "components": components,
        "incidents": _incidents(exchange, declared, components),
        "scheduled_maintenances": [],
    }


def _incidents(exchange: Exchange, declared: Declare, components: list[dict[str, object]]) -> list[dict[str, object]]:
    incident = declared.incident
    if incident is None:
        return []
    updated = exchange.set_at(Declare) or exchange.company.created_at
    began = exchange.company.incidents.get(incident["name"]) or updated
    exchange.company.incidents.put(incident["name"], began)
    affected = [each for each in components if each["status"] != "operational"]
    times = {"created_at": _timestamp(began), "updated_at": _timestamp(updated)}
    closed = incident["status"] in {"resolved", "postmortem"}
    return [
        {
            "id": "incident-1",
            "name": incident["name"],
            "status": incident["status"],
            "impact": incident.get("impact", "major"),
            **times,
            "resolved_at": times["updated_at"] if closed else None,
            "shortlink": None,
            "incident_updates": [_update(incident, affected, times["updated_at"])],
            "components": affected,
        }
    ]


def _update(incident: Mapping[str, str], affected: list[dict[str, object]], at: str) -> dict[str, object]:
    return {
        "id": "update-1",
        "status": incident["status"],
        "body": incident.get("body", "We are looking into it."),
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": [
            {"code": each["id"], "name": each["name"], "old_status": "operational", "new_status": each["status"]}
            for each in affected
        ],
    }


def _timestamp(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _page(exchange: Exchange) -> web.Response:
    return page(exchange, "status", summary=_summary(exchange))


_PARTS = {
    "summary": ("page", "status", "components", "incidents", "scheduled_maintenances"),
    "status": ("page", "status"),
    "components": ("page", "components"),
    "incidents": ("page", "incidents"),
    "incidents/unresolved": ("page", "incidents"),
    "scheduled-maintenances": ("page", "scheduled_maintenances"),
}


async def _json(exchange: Exchange) -> web.Response:
    name = exchange.request.path.partition("/api/v2/")[2].removesuffix(".json")
    summary = _summary(exchange)
    if name == "incidents/unresolved":
        incidents = summary["incidents"]
        assert isinstance(incidents, list)
        summary["incidents"] = [each for each in incidents if each["resolved_at"] is None]
    return json_answer({part: summary[part] for part in _PARTS[name]})


ROUTES = (
    Route(method="GET", path="/status", surfaces=("status_page",), handler=_page),
    *(
        Route(method="GET", path=f"/status/api/v2/{name}.json", surfaces=("status_page",), handler=_json)
        for name in _PARTS
    ),
)
