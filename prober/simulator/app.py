"""The whole simulator as one web application: the companies, and the routes that control them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.company import Company
from prober.simulator.control import add_control
from prober.simulator.dialects import Trouble, dialect_of
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
        return await respond(Exchange(request, company, faults, route), route.handler)

    return handle


_TROUBLES = {404: Trouble.UNKNOWN_URL, 405: Trouble.WRONG_METHOD, 413: Trouble.TOO_LARGE}


@web.middleware
async def _api_answers_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What no route answers: on an API's path an error in that API's format, elsewhere a plain page."""
    try:
        return await handler(request)
    except web.HTTPError as refused:
        dialect = dialect_of(request.path)
        if dialect is None:
            raise
        trouble = _TROUBLES.get(refused.status, Trouble.INVALID)
        return dialect.refusal(trouble, f"{request.method} {request.path}").response()
