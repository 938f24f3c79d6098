"""What supervisors ask: is it alive, is it ready, load the configuration again, what is the configuration."""

from __future__ import annotations

import asyncio

from aiohttp import web
from yarl import URL

from prober.web.answers import VIEWS, plain

__all__ = ["CONFIG_TURN", "config", "healthy", "ready", "reload"]

CONFIG_TURN = web.AppKey("config_turn", asyncio.Lock)
"""Whoever holds it has the configuration written: one at a time, so that scrapes find a thread that is free."""


async def healthy(request: web.Request) -> web.StreamResponse:
    """200 while the loop lives and ticks; 503 with the reason when the process should be restarted."""
    return await _verdict(request, request.app[VIEWS].unhealthy(), "healthy")


async def ready(request: web.Request) -> web.StreamResponse:
    """200 while probes run by a valid configuration; 503 with the reason otherwise."""
    return await _verdict(request, request.app[VIEWS].unready(), "ready")


async def reload(request: web.Request) -> web.StreamResponse:
    """Load the configuration again; 500 with what is wrong with it, and the old one stays."""
    if _is_from_another_site(request):
        return await plain(request, "a page of another site must not do this", status=403)
    wrong = await request.app[VIEWS].reload()
    return await plain(request, wrong or "reloaded", status=200 if wrong is None else 500)


async def config(request: web.Request) -> web.StreamResponse:
    """The configuration that runs now, redacted. A thread writes it: for thousands of probes that takes seconds."""
    async with request.app[CONFIG_TURN]:
        text = await asyncio.to_thread(request.app[VIEWS].config_text)
    return await plain(request, text.rstrip("\n"))


async def _verdict(request: web.Request, reason: str | None, word: str) -> web.StreamResponse:
    return await plain(
        request, word if reason is None else f"not {word}: {reason}", status=200 if reason is None else 503
    )


def _is_from_another_site(request: web.Request) -> bool:
    """Whether a browser says that this request was not made by a page of ours."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return True
    origin = request.headers.get("Origin")
    try:
        return origin is not None and URL(origin).authority != request.host
    except ValueError:  # no URL at all
        return True
