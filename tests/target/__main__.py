"""Open the zoo: listen on a free port for every behaviour, print the ports as JSON, close when standard input ends."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.target import certificates
from tests.target.bodies import BODIES
from tests.target.chats import CHATS
from tests.target.doorman import doorman
from tests.target.heads import HEADS, says
from tests.target.names import NameServer
from tests.target.proxies import PROXIES
from tests.target.redirects import REDIRECTS, recorder
from tests.target.server import Behaviour, reset, served

if TYPE_CHECKING:
    import ssl

_ELSEWHERE = "127.0.0.2"
_TLS_1_1_ONLY = b"\x15\x03\x02\x00\x02\x02\x46"  # a fatal alert: protocol_version


class _Zoo:
    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.ports: dict[str, int] = {}

    async def listen(
        self, name: str, behaviour: Behaviour, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        server = await asyncio.start_server(served(behaviour), host, 0, ssl=tls, backlog=512, limit=1 << 20)
        await self._stack.enter_async_context(server)
        self.ports[name] = server.sockets[0].getsockname()[1]

    def client_certificate(self, context: ssl.SSLContext) -> None:
        """A port that wants to know who we are."""
        self.ports["tls-client-cert"] = self._stack.enter_context(doorman(context))

    def closed_port(self) -> None:
        """A port that refuses: bound, so that nobody else gets it, and not listening."""
        sock = self._stack.enter_context(socket.socket())
        sock.bind(("127.0.0.1", 0))
        self.ports["closed"] = sock.getsockname()[1]

    def black_hole(self) -> None:
        """A port whose queue is full, so that the kernel drops every further SYN."""
        sock = self._stack.enter_context(socket.socket())
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        self.ports["black-hole"] = sock.getsockname()[1]
        for _ in range(3):
            filler = self._stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(sock.getsockname())

    async def name_server(self) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
        self._stack.callback(transport.close)
        self.ports["dns"] = transport.get_extra_info("sockname")[1]


async def _reset_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(16384)
    reset(writer)


async def _tls_1_1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(16384)
    writer.write(_TLS_1_1_ONLY)
    await writer.drain()


async def _open(zoo: _Zoo, folder: Path) -> None:
    for name, behaviour in {**HEADS, **BODIES, **REDIRECTS, **CHATS, **PROXIES}.items():
        await zoo.listen(name, behaviour)
    certs = certificates.make(folder)
    for name, context in certs.contexts.items():
        await zoo.listen(name, HEADS["healthy"], tls=context)
    await zoo.listen("tls-redirect", REDIRECTS["redirect"], tls=certs.contexts["tls"])
    await zoo.listen(
        "tls-cut", says(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello"), tls=certs.contexts["tls"]
    )
    await zoo.listen("tls-reset", _reset_handshake)
    await zoo.listen("tls-1-1", _tls_1_1)
    await zoo.listen("elsewhere", recorder(folder / "elsewhere"), host=_ELSEWHERE)
    await zoo.listen("tls-elsewhere", recorder(folder / "elsewhere"), host=_ELSEWHERE, tls=certs.contexts["tls"])
    zoo.client_certificate(certs.asks_for_one)
    zoo.closed_port()
    zoo.black_hole()
    await zoo.name_server()


async def _main() -> None:
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            zoo = _Zoo(stack)
            await _open(zoo, Path(name))
            print(json.dumps({"folder": name, "ports": zoo.ports}), flush=True)
            await asyncio.to_thread(sys.stdin.read)
            # The behaviours that last for ever would be waited for; the process ends instead.
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()


if __name__ == "__main__":
    asyncio.run(_main())
