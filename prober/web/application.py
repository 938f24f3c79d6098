"""The web application: every address and what answers there."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from prober.web import api, captures, exposition, html, lifecycle
from prober.web.answers import SHARED, VIEWS, header, plain
from prober.web.sending import SEND_LIMITS, SendLimits, send
from prober.web.sharing import Shared
from prober.web.templating import compile_templates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler, Middleware

    from prober.web.guard import Guard
    from prober.web.views import Views

__all__ = ["make_app"]

_MOST_BYTES_OF_A_REQUEST = 64 * 1024


def make_app(views: Views, *, send_limits: SendLimits | None = None, guard: Guard | None = None) -> web.Application:
    """The application that shows these views, to those whom the guard lets in."""
    compile_templates()
    middlewares = [_errors] if guard is None else [_guarded(guard), _errors]
    app = web.Application(middlewares=middlewares, client_max_size=_MOST_BYTES_OF_A_REQUEST)
    app[VIEWS] = views
    app[SHARED] = Shared()
    app[SEND_LIMITS] = send_limits or SendLimits()
    app[exposition.SCRAPES] = exposition.Scrapes()
    app[lifecycle.CONFIG_TURN] = asyncio.Lock()
    app.on_response_prepare.append(_name)
    if guard is not None:
        app.on_response_prepare.append(_dressed(guard))
    app.router.add_get("/", html.status_page)
    app.router.add_get("/probes/{name}", html.probe_page)
    app.router.add_get(r"/probes/{name}/captures/{at:\d{1,20}}.{part:jpg|html}", captures.capture)
    app.router.add_get("/incidents", html.incidents_page)
    app.router.add_get("/metrics", exposition.metrics)
    app.router.add_get("/api/v1/probes", api.probes)
    app.router.add_get("/api/v1/probes/{name}", api.probe)
    app.router.add_get("/api/v1/incidents", api.incidents)
    app.router.add_get("/-/healthy", lifecycle.healthy)
    app.router.add_get("/-/ready", lifecycle.ready)
    app.router.add_post("/-/reload", lifecycle.reload)
    app.router.add_get("/config", lifecycle.config)
    return app


async def _name(_request: web.Request, response: web.StreamResponse) -> None:
    """Say who answers, and not with which versions of what."""
    response.headers["Server"] = "prober"


def _guarded(guard: Guard) -> Middleware:
    """What stands before everything else: whoever is not let in learns nothing, not even which addresses there are."""

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = await guard.refusal(header(request, "Authorization"), request.get_extra_info("ssl_object"))
        if refusal is None:
            return await handler(request)
        return await plain(request, refusal.text, status=refusal.status, headers=refusal.headers)

    return admit


def _dressed(guard: Guard) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Give every answer the headers that the operator wants, also in place of ours."""

    async def dress(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(guard.headers)

    return dress


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in the form that the address speaks: JSON below /api, a page for a browser, else a line of text."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        text = error.text if isinstance(error, web.HTTPNotFound) and error.text != _DEFAULT_404 else error.reason
        if request.path.startswith("/api/"):
            body = json.dumps({"error": text}).encode() + b"\n"
            headers = {"Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": "nosniff", **allow}
            return await send(request, body, status=error.status, headers=headers)
        if error.status == 404 and "text/html" in request.headers.get("Accept", ""):
            return await html.message_page(request, 404, "There is no such page", "The address leads nowhere.")
        return await plain(request, f"{error.status}: {text}", status=error.status, headers=allow)


_DEFAULT_404 = web.HTTPNotFound().text
