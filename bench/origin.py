"""A small web server in a process of its own, which knows how long it took for each answer.

It prints a line ``PORT TLS_PORT CA_FILE`` when it listens. ``GET /elapsed`` gives, for each path, the nanoseconds from
the last byte of a request to the first byte of its answer, in the order of the requests.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import time
from collections import defaultdict
from typing import cast

import trustme
import uvloop

__all__ = ["main"]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
_HELLO = _HEAD % 6 + b"hello\n"

Elapsed = dict[str, list[int]]


class _Origin(asyncio.Protocol):
    """Answers ``/slow/...`` after 20 ms and everything else at once."""

    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own are no subclass

    def data_received(self, data: bytes) -> None:
        asked_ns = time.perf_counter_ns()
        path = data.split(b" ", 2)[1].decode()
        if path == "/elapsed":
            body = json.dumps(self._elapsed).encode()
            self._answer(_HEAD % len(body) + body)
        elif path.startswith("/slow/"):
            asyncio.get_running_loop().call_later(0.020, self._slow, path, asked_ns)
        else:
            self._answer(_HELLO)

    def _slow(self, path: str, asked_ns: int) -> None:
        self._elapsed[path].append(time.perf_counter_ns() - asked_ns)
        self._answer(_HELLO)

    def _answer(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)
            self._transport.close()


async def _serve(ca_file: str, context: ssl.SSLContext) -> None:
    loop = asyncio.get_running_loop()
    elapsed: Elapsed = defaultdict(list)
    plain = await loop.create_server(lambda: _Origin(elapsed), "127.0.0.1", 0)
    secure = await loop.create_server(lambda: _Origin(elapsed), "127.0.0.1", 0, ssl=context)
    ports = [server.sockets[0].getsockname()[1] for server in (plain, secure)]
    print(*ports, ca_file, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        authority.cert_pem.write_to_path(file.name)
        uvloop.run(_serve(file.name, context))


if __name__ == "__main__":
    main()
