"""The listening socket, and clients that mean no good or cannot do better."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from prober.web.application import make_app
from prober.web.exposition import SCRAPES
from prober.web.sending import SEND_LIMITS, SendLimits, send
from prober.web.server import ServerLimits, serving
from tests.sinks.makers import probe
from tests.web.world import World, realistic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.conftest import Runner

LARGE = b"x" * (24 * 1024 * 1024)  # more than the kernel buffers between two ends of a loopback connection


async def ask(port: int, request: bytes, *, seconds: float = 10) -> bytes:
    """Send raw bytes and read until the server hangs up."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def large_site(limits: SendLimits) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A site whose one page is large; the event is set when the page's handler has ended."""
    ended = asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        try:
            return await send(request, LARGE, headers={})
        finally:
            ended.set()

    app = web.Application()
    app[SEND_LIMITS] = limits
    app.router.add_get("/", page)
    async with serving(app, host="127.0.0.1", port=0) as ((_, port),):
        yield port, ended


def narrow_client(port: int) -> socket.socket:
    """A client that has asked, and whose kernel takes little at a time."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return client


def test_a_large_page_arrives_whole(run_loop: Runner[Any]) -> None:
    """A reader that reads gets every byte."""

    async def main() -> bytes:
        async with (
            large_site(SendLimits()) as (port, _),
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/") as response,
        ):
            return await response.read()

    assert run_loop(main()) == LARGE


def test_a_reader_that_does_not_read_is_cut_off(run_loop: Runner[Any]) -> None:
    """One byte a second is too slow: the handler ends, and the connection with it."""

    async def main() -> None:
        async with large_site(SendLimits(part_seconds=0.3)) as (port, ended):
            with narrow_client(port) as client:
                async with asyncio.timeout(10):
                    await ended.wait()
                client.settimeout(5)
                assert await asyncio.to_thread(drained, client) < len(LARGE)

    run_loop(main())


def drained(client: socket.socket) -> int:
    """How much comes until the end."""
    length = 0
    while piece := client.recv(1 << 20):
        length += len(piece)
    return length


def test_a_slow_trickle_ends_with_the_whole_time(run_loop: Runner[Any]) -> None:
    """Whoever reads just fast enough for every part is cut off by the bound on all of them."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with large_site(SendLimits(part_seconds=5, whole_seconds=0.5)) as (port, ended):
            began = loop.time()
            with narrow_client(port) as client:
                async with asyncio.timeout(10):
                    while not ended.is_set():
                        await asyncio.to_thread(client.recv, 65536)
                        await asyncio.sleep(0.02)
            return loop.time() - began

    assert 0.4 < run_loop(main()) < 5


def test_others_are_served_while_one_does_not_read(run_loop: Runner[Any]) -> None:
    """A stuck reader holds nobody up."""

    async def main() -> int:
        async with large_site(SendLimits(part_seconds=30)) as (port, _):
            with narrow_client(port):
                await asyncio.sleep(0.1)
                async with (
                    asyncio.timeout(10),
                    aiohttp.ClientSession() as session,
                    session.get(f"http://127.0.0.1:{port}/") as response,
                ):
                    return len(await response.read())

    assert run_loop(main()) == len(LARGE)


def test_connections_are_counted(run_loop: Runner[Any]) -> None:
    """Beyond the limit a client is told to come back, and room that is made is used."""

    async def main() -> list[bytes]:
        limits = ServerLimits(connections=3)
        request = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        async with serving(make_app(World().views()), host="127.0.0.1", port=0, limits=limits) as ((_, port),):
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.05)
            refused = await ask(port, b"")
            for _, writer in idle:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()
            await asyncio.sleep(0.05)
            return [refused, await ask(port, request)]

    refused, answered = run_loop(main())
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert answered.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "], ids=["nothing", "a line", "a header"]
)
def test_a_client_that_never_asks_is_hung_up_on(run_loop: Runner[Any], sent: bytes) -> None:
    """Idle connections and half requests end with the idle time."""

    async def main() -> bytes:
        limits = ServerLimits(idle_seconds=0.2)
        async with serving(make_app(World().views()), host="127.0.0.1", port=0, limits=limits) as ((_, port),):
            return await ask(port, sent, seconds=5)

    assert run_loop(main()) == b""


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 1_000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["long line", "long header", "many headers", "tls"],
)
def test_an_outsize_request_is_refused(run_loop: Runner[Any], request_head: bytes) -> None:
    """It is answered with 400, and the next client is served."""

    async def main() -> tuple[bytes, bytes]:
        limits = ServerLimits(idle_seconds=1)
        async with serving(make_app(World().views()), host="127.0.0.1", port=0, limits=limits) as ((_, port),):
            refused = await ask(port, request_head)
            return refused, await ask(port, b"GET /-/ready HTTP/1.0\r\n\r\n")

    refused, answered = run_loop(main())
    assert refused.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert answered.startswith(b"HTTP/1.0 200 ")


def test_pipelined_requests_are_answered_in_order(run_loop: Runner[Any]) -> None:
    """Several requests in one packet are several answers."""

    async def main() -> bytes:
        ready = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n"
        healthy = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        async with serving(make_app(World().views()), host="127.0.0.1", port=0) as ((_, port),):
            return await ask(port, ready + healthy)

    answers = run_loop(main())
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert answers.index(b"ready\n") < answers.index(b"healthy\n")


def test_a_storm_is_survived(run_loop: Runner[Any]) -> None:
    """Two hundred pages and scrapes at once: each is answered, whole or with 503, and then all is as before."""

    async def main() -> list[int]:
        async with serving(make_app(realistic().views()), host="127.0.0.1", port=0) as ((_, port),):
            connector = aiohttp.TCPConnector(limit=200)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector) as session:

                async def get(path: str) -> int:
                    async with session.get(path) as response:
                        body = await response.read()
                        assert response.status == 503 or len(body) > 500
                        return response.status

                async with asyncio.TaskGroup() as group:
                    paths = ["/", "/metrics", "/api/v1/probes", "/incidents"] * 50
                    storm = [group.create_task(get(path)) for path in paths]
                return [task.result() for task in storm] + [await get("/"), await get("/metrics")]

    *storm, page, scrape = run_loop(main())
    assert set(storm) <= {200, 503}
    assert storm.count(200) > 20
    assert (page, scrape) == (200, 200)


def test_too_many_scrapes_at_once_are_refused(run_loop: Runner[Any]) -> None:
    """Beyond the bound a scraper is told to come back."""

    async def main() -> tuple[bytes, int]:
        app = make_app(World((probe(),)).views())
        async with serving(app, host="127.0.0.1", port=0) as ((_, port),):
            app[SCRAPES].count = 16
            refused = await ask(port, b"GET /metrics HTTP/1.0\r\n\r\n")
            app[SCRAPES].count = 0
            await ask(port, b"GET /metrics HTTP/1.0\r\n\r\n")
            return refused, app[SCRAPES].count

    refused, count = run_loop(main())
    assert refused.startswith(b"HTTP/1.0 503 ")
    assert count == 0


def test_the_server_stops_although_clients_stay(run_loop: Runner[Any]) -> None:
    """Open connections do not keep the process."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with serving(make_app(World().views()), host="127.0.0.1", port=0) as ((_, port),):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            began = loop.time()
        writer.close()
        return loop.time() - began

    assert run_loop(main()) < 3


def test_an_address_in_use_is_an_error(run_loop: Runner[Any]) -> None:
    """Whoever starts a second prober on the same port is told."""

    async def main() -> None:
        app = make_app(World().views())
        async with serving(app, host="127.0.0.1", port=0) as ((host, port),):
            with pytest.raises(OSError, match="address"):
                async with serving(make_app(World().views()), host=host, port=port):
                    pass

    run_loop(main())
