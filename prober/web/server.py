"""The listening socket: how many connections there may be, and how long an idle one may stay."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

__all__ = ["ServerLimits", "authority", "serving"]

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """Bounds on clients. A connection that has sent no whole request for ``idle_seconds`` is closed."""

    connections: int = 256
    idle_seconds: float = 75.0
    line_bytes: int = 8_190
    header_bytes: int = 16_380
    headers: int = 64
    shutdown_seconds: float = 2.0


class _Refusal(asyncio.Protocol):
    """Says that there is no room, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass of it
        stream.write(_FULL)
        stream.close()


@asynccontextmanager
async def serving(
    app: web.Application,
    *,
    host: str,
    port: int,
    limits: ServerLimits | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[tuple[str, int], ...]]:
    """Serve the application while the block lasts; gives the addresses that are bound. OSError if that is refused."""
    limits = limits or ServerLimits()
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=limits.idle_seconds,
        max_line_size=limits.line_bytes,
        max_field_size=limits.header_bytes,
        max_headers=limits.headers,
        shutdown_timeout=limits.shutdown_seconds,
    )
    await runner.setup()
    try:
        handlers = runner.server
        assert handlers is not None

        def accept() -> asyncio.BaseProtocol:
            return handlers() if len(handlers.connections) < limits.connections else _Refusal()

        listening = await asyncio.get_running_loop().create_server(accept, host, port, ssl=tls)
        try:
            yield tuple(socket.getsockname()[:2] for socket in listening.sockets)
        finally:
            listening.close()
    finally:
        await runner.cleanup()


def authority(host: str, port: int) -> str:
    """Host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
