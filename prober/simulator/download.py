"""A file of an API, or the part of it that a Range header asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.exchange import Exchange

__all__ = ["download"]


def download(exchange: Exchange, kind: str, body: bytes, headers: Mapping[str, str]) -> web.Response:
    """The answer with the bytes that are asked for."""
    headers = {**headers, "Content-Type": kind, "Accept-Ranges": "bytes"}
    try:
        wanted = exchange.request.http_range
    except ValueError:
        return web.Response(body=body, headers=headers)
    start, stop, _ = wanted.indices(len(body))
    if wanted.start is None:
        return web.Response(body=body, headers=headers)
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
    return web.Response(status=206, body=body[start:stop], headers=headers)
