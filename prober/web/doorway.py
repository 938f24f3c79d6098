"""Connections with TLS, each with the context of the moment: a new certificate is used by the next handshake."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from prober.web.guard import Guard

__all__ = ["Doorway", "bound"]

_BACKLOG = 128
_NOT_HERE = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}  # a name may have an address of IPv6, and the host none
_HANDSHAKE_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_EXHAUSTED_SECONDS = 0.1


async def bound(host: str, port: int) -> Sequence[socket.socket]:
    """Listening sockets for every address of the host that there is here. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening: list[socket.socket] = []
    lacking: list[OSError] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            try:
                listening.append(socket.create_server(address[:2], family=family, backlog=_BACKLOG))
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                lacking.append(error)
            else:
                listening[-1].setblocking(False)
        if not listening:
            raise lacking[0]
    except OSError:
        for each in listening:
            each.close()
        raise
    return listening


class Doorway:
    """Accepts connections, asks the guard, and hands them to ``protocol`` after the handshake.

    Of connections that are in a handshake, or whose answer goes on, there are ``most`` at once; ``count`` knows those
    that are through.
    """

    def __init__(
        self, guard: Guard, *, protocol: Callable[[], asyncio.Protocol], count: Callable[[], int], most: int
    ) -> None:
        self._guard = guard
        self._protocol = protocol
        self._count = count
        self._most = most
        self._outside: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, listening: Sequence[socket.socket]) -> AsyncIterator[None]:
        """Accept while the block lasts."""
        async with asyncio.TaskGroup() as group:
            accepting = [group.create_task(self._accept(each, group)) for each in listening]
            try:
                yield
            finally:
                for task in (*accepting, *self._outside):
                    task.cancel()
                for each in listening:
                    each.close()

    async def _accept(self, listening: socket.socket, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # out of descriptors, or the client has gone already
                await asyncio.sleep(_EXHAUSTED_SECONDS)
                continue
            if self._count() + len(self._outside) < self._most:
                task = group.create_task(self._admit(connection))
                self._outside.add(task)
                task.add_done_callback(self._outside.discard)
            else:
                connection.close()

    async def _admit(self, connection: socket.socket) -> None:
        """Shake hands, or hang up. A client whose name is not allowed is hung up on, and gets no answer meanwhile."""
        is_in = False
        try:
            context = await self._guard.context()
            if context is None:
                return
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol,
                connection,
                ssl=context,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=_GOODBYE_SECONDS,
            )
            is_in = True
            if not self._guard.knows(transport.get_extra_info("ssl_object")):
                transport.abort()
        except OSError:  # no handshake: ssl.SSLError and TimeoutError are among them
            return
        finally:
            if not is_in:
                connection.close()
