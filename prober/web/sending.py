"""Answers that a slow reader cannot turn into a burden: written in parts, each within a time limit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["SEND_LIMITS", "SendLimits", "send", "send_pieces"]

_PART_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SendLimits:
    """How long a reader may take: for one part of 128 KiB, and for all of them."""

    part_seconds: float = 10.0
    whole_seconds: float = 60.0


SEND_LIMITS = web.AppKey("send_limits", SendLimits)


async def send(
    request: web.Request, body: bytes, *, status: int = 200, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send a whole body."""

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    return await send_pieces(request, pieces(), status=status, headers=headers, length=len(body))


async def send_pieces(
    request: web.Request,
    pieces: AsyncIterator[bytes],
    *,
    status: int = 200,
    headers: Mapping[str, str],
    length: int | None = None,
) -> web.StreamResponse:
    """Send a body that is made while it is read. Whoever reads too slowly is cut off; one who goes away is no news."""
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = length
    transport = request.transport
    limits = request.app[SEND_LIMITS]
    if transport is not None:
        # A part is written when the kernel has all of it. To TLS in asyncio and uvloop an empty buffer is full at 0.
        transport.set_write_buffer_limits(high=1, low=0)
    try:
        async with asyncio.timeout(limits.whole_seconds):
            await response.prepare(request)
            if request.method != "HEAD":
                async for piece in pieces:
                    await _write(response, piece, limits)
            async with asyncio.timeout(limits.part_seconds):
                await response.write_eof()
    except (TimeoutError, ConnectionError):
        if transport is not None:
            transport.abort()
    return response


async def _write(response: web.StreamResponse, piece: bytes, limits: SendLimits) -> None:
    for start in range(0, len(piece), _PART_BYTES):
        async with asyncio.timeout(limits.part_seconds):
            await response.write(piece[start : start + _PART_BYTES])
