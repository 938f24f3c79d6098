"""How every answer leaves: made in turn, shared in a storm, compressed where that is asked for, sent in parts."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

from aiohttp import web

from prober.sinks.metrics.accept import accepts_gzip
from prober.web.sending import send
from prober.web.sharing import Crowded, Shared
from prober.web.views import Views

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["SHARED", "VIEWS", "answer", "busy", "header", "plain"]

VIEWS = web.AppKey("views", Views)
SHARED = web.AppKey("shared", Shared)

_COMPRESS_FROM_BYTES = 1_400
_GZIP_LEVEL = 3
_GZIP_WINDOW = 31  # a gzip header around a 32 KiB window
_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def header(request: web.Request, name: str) -> str:
    """All values of a request header as one list."""
    return ", ".join(request.headers.getall(name, []))


async def answer(
    request: web.Request,
    key: str,
    make: Callable[[], Awaitable[bytes]],
    *,
    status: int = 200,
    headers: Mapping[str, str],
) -> web.StreamResponse:
    """Make the body, or share one under this key, and send it."""
    shared = request.app[SHARED]
    gzip = accepts_gzip(header(request, "Accept-Encoding"))

    async def packed() -> bytes:
        body = await make()
        return await asyncio.to_thread(_gzip, body) if len(body) >= _COMPRESS_FROM_BYTES else body

    try:
        body = await shared.body(f"gzip {key}" if gzip else key, packed if gzip else make)
    except Crowded:
        return await busy(request)
    encoding = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
    return await send(request, body, status=status, headers={**headers, **encoding, "Vary": "Accept-Encoding"})


async def plain(
    request: web.Request, text: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Send a line of text."""
    return await send(
        request, f"{text}\n".encode("utf-8", "replace"), status=status, headers=_PLAIN | dict(headers or {})
    )


async def busy(request: web.Request) -> web.StreamResponse:
    """Send away whoever asks for too much at once."""
    return await plain(request, "too many requests at once", status=503, headers={"Retry-After": "1"})


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return packer.compress(body) + packer.flush()
