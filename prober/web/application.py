"""The web application: every address and what answers there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from prober.web import api, captures, exposition, html, lifecycle
from prober.web.answers import SHARED, VIEWS, plain
from prober.web.sending import SEND_LIMITS, SendLimits, send
from prober.web.sharing import Shared
from prober.web.templating import compile_templates

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from prober.web.views import Views

__all__ = ["make_app"]

_MOST_BYTES_OF_A_REQUEST = 64 * 1024


def make_app(views: Views, *, send_limits: SendLimits | None = None) -> web.Application:
    """The application that shows these views."""
    compile_templates()
    app = web.Application(middlewares=[_errors], client_max_size=_MOST_BYTES_OF_A_REQUEST)
    app[VIEWS] = views
    app[SHARED] = Shared()
    app[SEND_LIMITS] = send_limits or SendLimits()
    app[exposition.SCRAPES] = exposition.Scrapes()
    app.on_response_prepare.append(_name)
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
