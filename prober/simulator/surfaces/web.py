"""The web app: landing page, chat page, assets."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.exchange import Route
from prober.simulator.faults.pages import (
    ASSETS,
    Blank,
    EmptyAsset,
    MissingAsset,
    ScriptError,
    SlowAsset,
    WrongTypeAsset,
)
from prober.simulator.pages import app_page, page, redirect, text_page

if TYPE_CHECKING:
    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
    "ico": "image/x-icon",
}
_FILES = {name: files("prober.simulator").joinpath("site", "assets", name).read_bytes() for name in ASSETS}


async def _home(exchange: Exchange) -> web.Response:
    """The app at ``/`` and, as single-page apps are served, at any path under ``/app/``."""
    return page(exchange, "blank") if exchange.fault(Blank) else app_page(exchange)


async def _chat(exchange: Exchange) -> web.Response:
    if exchange.session is None or exchange.session.account is None:
        return redirect(f"{exchange.prefix}/login?next={exchange.prefix}/chat")
    return await _home(exchange)


async def _asset(exchange: Exchange) -> web.Response:
    name = exchange.request.match_info.get("name", "favicon.ico")
    body = _FILES.get(name)
    for slow in exchange.faults(SlowAsset):
        if slow.asset == name:
            await asyncio.sleep(slow.seconds)
    if body is None or any(fault.asset == name for fault in exchange.faults(MissingAsset)):
        return text_page(exchange, "Not found", "There is nothing here.", status=404)
    if any(fault.asset == name for fault in exchange.faults(WrongTypeAsset)):
        return app_page(exchange)
    if any(fault.asset == name for fault in exchange.faults(EmptyAsset)):
        body = b""
    if name == "app.js" and exchange.fault(ScriptError):
        body = b"throw new Error('the app could not start');\n" + body
    kind = _TYPES[name.rpartition(".")[2]]
    return web.Response(body=body, headers={"Content-Type": kind, "Cache-Control": "public, max-age=300"})


ROUTES = (
    Route(method="GET", path="/", surfaces=("web",), handler=_home),
    Route(method="GET", path="/chat", surfaces=("web",), handler=_chat),
    Route(method="GET", path="/app/{path:.*}", surfaces=("web",), handler=_home),
    Route(method="GET", path="/assets/{name}", surfaces=("web",), handler=_asset),
    Route(method="GET", path="/favicon.ico", surfaces=("web",), handler=_asset),
)
