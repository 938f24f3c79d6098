"""The whole simulator as one web application: the companies, and the routes that control them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.company import Company
from prober.simulator.control import add_control
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Exchange, Route
from prober.simulator.mishap import respond
from prober.simulator.scenario import Stage
from prober.simulator.surfaces import ROUTES

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from prober.simulator.faults.store import Faults
    from prober.simulator.settings import SimulatorSettings

__all__ = ["build"]

_LARGEST_REQUEST = 16 * 1024 * 1024


def build(settings: SimulatorSettings, *, faults: Faults, stage: Stage | None = None) -> web.Application:
    """The application. ``stage`` is what ``GET /-/scenario`` tells about."""
    app = web.Application(client_max_size=_LARGEST_REQUEST, middlewares=[_api_answers_in_json])
    add_control(app, faults, stage or Stage(faults))
    for provider in settings.providers:
        company = Company(provider, settings.pace)
        for route in ROUTES:
            handler = _served(route, company, faults)
            app.router.add_route(route.method, provider.prefix + route.path, handler)
            if route.method == "GET":
                app.router.add_route("HEAD", provider.prefix + route.path, handler)
    return app


def _served(route: Route, company: Company, faults: Faults) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await respond(Exchange(request, company, faults, route.surfaces), route.handler)

    return handle


@web.middleware
async def _api_answers_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What no route answers: under ``/v1/`` an error in the API's format, elsewhere a plain page."""
    try:
        return await handler(request)
    except web.HTTPError as refused:
        what = f"{request.method} {request.path}"
        if "/v1/" not in request.path:
            raise
        match refused.status:
            case 404:
                return ApiError(404, f"Invalid URL ({what})").response()
            case 405:
                return ApiError(405, f"Not allowed to {request.method} on {request.path}.").response()
            case status:
                return ApiError(status, refused.reason).response()
