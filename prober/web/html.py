"""The pages for people: status, one probe, incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.sinks.document import timestamp
from prober.sinks.state_rules import SEVERITY, State
from prober.web.answers import VIEWS, answer
from prober.web.detail import detail
from prober.web.overview import overview
from prober.web.pace import joined
from prober.web.stories import story
from prober.web.survey import look, survey
from prober.web.templating import SECURITY_HEADERS, rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.model.probe import Probe
    from prober.web.views import Views

__all__ = ["incidents_page", "message_page", "probe_page", "status_page"]

_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **SECURITY_HEADERS}


async def status_page(request: web.Request) -> web.StreamResponse:
    """All services and probes, what needs a person first."""
    views = request.app[VIEWS]

    async def make() -> bytes:
        seen = await survey(views)
        page = await overview(views, seen)
        return await _page(views, "status.html", here="/", tone=page.verdict.state, page=page, problem=views.problem())

    return await answer(request, "/", make, headers=_HEADERS)


async def probe_page(request: web.Request) -> web.StreamResponse:
    """One probe: its last run, its past, its failures."""
    views = request.app[VIEWS]
    probe = next((probe for probe in views.probes() if probe.name == request.match_info["name"]), None)
    if probe is None:
        return await message_page(request, 404, "There is no such probe", "It may have been removed by a reload.")

    async def make() -> bytes:
        return await _probe(views, probe)

    return await answer(request, f"/probes/{probe.name}", make, headers=_HEADERS)


async def _probe(views: Views, probe: Probe) -> bytes:
    page = detail(views, look(views, probe), views.clock.wall_ns())
    return await _page(views, "probe.html", tone=page.row.state, page=page, disabled=probe.disabled)


async def incidents_page(request: web.Request) -> web.StreamResponse:
    """Every outage that is remembered."""
    views = request.app[VIEWS]

    async def make() -> bytes:
        now_ns = views.clock.wall_ns()
        incidents = views.incidents.all()
        ongoing = [incident.now for incident in incidents if incident.closed_at_ns is None]
        tone = min(ongoing, key=SEVERITY.index, default=State.UP)
        title = (
            "No incident now"
            if not ongoing
            else "1 incident now"
            if len(ongoing) == 1
            else f"{len(ongoing)} incidents now"
        )
        stories = (story(incident, now_ns) for incident in incidents)
        return await _page(views, "incidents.html", here="/incidents", tone=tone, title=title, incidents=stories)

    return await answer(request, "/incidents", make, headers=_HEADERS)


async def message_page(request: web.Request, status: int, title: str, text: str) -> web.StreamResponse:
    """A page that says one thing."""
    views = request.app[VIEWS]

    async def make() -> bytes:
        return await _page(views, "message.html", live=False, tone=State.UNKNOWN, title=title, text=text)

    return await answer(request, f"message {status} {title}", make, status=status, headers=_HEADERS)


async def _page(views: Views, template: str, *, here: str = "", live: bool = True, **context: object) -> bytes:
    now = timestamp(views.clock.wall_ns())
    shared: Mapping[str, object] = {
        "here": here,
        "live": live,
        "location": views.location(),
        "iso": now,
        "at": now[11:19],
    }
    return await joined(rendered(template, {**shared, **context}))
