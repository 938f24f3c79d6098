"""The listening socket: how many connections there may be, and how long an idle one may stay."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiohttp import web

from prober.web.doorway import Doorway, bound

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Sequence

    from prober.web.guard import Guard

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
    app: web.Application, *, host: str, port: int, limits: ServerLimits | None = None, guard: Guard | None = None
) -> AsyncIterator[tuple[tuple[str, int], ...]]:
    """Serve the application while the block lasts; gives the addresses that are bound. OSError if that is refused.

    A guard who speaks TLS stands at the door.
    """
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
    handlers = runner.server
    assert handlers is not None
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        listening: Sequence[socket.socket]
        if guard is not None and guard.speaks_tls:
            listening = await bound(host, port)
            doorway = Doorway(
                guard, protocol=handlers, count=lambda: len(handlers.connections), most=limits.connections
            )
            await stack.enter_async_context(doorway.open(listening))
        else:
            listening = await _listen(stack, handlers, host, port, limits)
        yield tuple(each.getsockname()[:2] for each in listening)


async def _listen(
    stack: AsyncExitStack, handlers: web.Server, host: str, port: int, limits: ServerLimits
) -> Sequence[socket.socket]:
    """Listen without TLS until the stack ends."""

    def accept() -> asyncio.BaseProtocol:
        return handlers() if len(handlers.connections) < limits.connections else _Refusal()

    server = await asyncio.get_running_loop().create_server(accept, host, port)
    stack.callback(server.close)
    return server.sockets


def authority(host: str, port: int) -> str:
    """Host and port as they stand in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
