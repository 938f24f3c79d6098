"""Connections that are kept from one asset to the next, as a browser keeps them: six to an origin, 32 in all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.http.connect import Connector
from prober.http.protocol import ResponseProtocol
from prober.http.settings import HttpSettings
from prober.model.run import Run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from yarl import URL

    from prober.http.message import Head
    from prober.model.network import Address

__all__ = ["Line", "Lines"]

_AN_ORIGIN = 6  # as Chromium, Firefox and Safari have it for HTTP/1.1
_IN_ALL = 32


@dataclass(slots=True, kw_only=True)
class Line:
    """A connection for one request: one that was kept, or a fresh one. ``kept`` tells which."""

    settings: HttpSettings
    run: Run
    kept: ResponseProtocol | None = None
    protocol: ResponseProtocol | None = None

    async def open(
        self,
        url: URL,
        factory: Callable[[], ResponseProtocol],
        allow: Callable[[Sequence[Address]], Sequence[Address]],
    ) -> ResponseProtocol:
        """A connected protocol for the URL's origin."""
        if self.kept is None:
            self.protocol = await Connector(settings=self.settings, run=self.run).open(url, factory, allow)
            return self.protocol
        transport = self.kept.transport
        assert transport is not None
        self.protocol = factory()
        transport.set_protocol(self.protocol)
        self.protocol.connection_made(transport)
        return self.protocol


class Lines:
    """All connections of one page's assets."""

    __slots__ = ("_busy", "_idle", "_in_all", "_of_origin", "_settings")

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._busy = 0
        self._in_all = asyncio.Semaphore(_IN_ALL)
        self._of_origin: defaultdict[URL, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AN_ORIGIN))
        self._idle: dict[URL, list[ResponseProtocol]] = {}

    @asynccontextmanager
    async def turn(self, url: URL) -> AsyncIterator[None]:
        """A block in which one connection to the URL's origin may be used."""
        async with self._of_origin[url.origin()], self._in_all:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    def line(self, url: URL, run: Run, *, fresh: bool = False) -> Line:
        """A line to the URL's origin: a kept one if there is one, unless it must be ``fresh``."""
        idle = [] if fresh else self._idle.get(url.origin(), [])
        while idle:
            protocol = idle.pop()
            if protocol.transport is not None and not protocol.transport.is_closing():
                return Line(settings=self._settings, run=run, kept=protocol)
        self._make_room()
        return Line(settings=self._settings, run=run)

    def give_back(self, url: URL, line: Line, head: Head) -> bool:
        """Keep the connection for the next one, if its answer was read whole and the server keeps it as well."""
        protocol = line.protocol
        if protocol is None or protocol.transport is None or not _is_reusable(head, protocol):
            return False
        protocol.release()
        self._idle.setdefault(url.origin(), []).append(protocol)
        return True

    def close(self) -> None:
        """Give up what is kept."""
        for protocols in self._idle.values():
            for protocol in protocols:
                _hang_up(protocol)
        self._idle.clear()

    def _make_room(self) -> None:
        """Before a connection is opened: let go of one that is kept, if there are as many as may be."""
        if sum(map(len, self._idle.values())) + self._busy > _IN_ALL:
            _hang_up(next(idle for idle in self._idle.values() if idle).pop(0))


def _is_reusable(head: Head, protocol: ResponseProtocol) -> bool:
    payload, transport = protocol.payload, protocol.transport
    if payload is None or transport is None or not payload.is_eof() or protocol.error is not None:
        return False
    framed = "Content-Length" in head.headers or "chunked" in head.headers.get("Transfer-Encoding", "").lower()
    closes = "close" in head.headers.get("Connection", "").lower()
    return framed and not closes and head.http_version == "1.1" and not transport.is_closing()


def _hang_up(protocol: ResponseProtocol) -> None:
    """As a client does that wants no more: politely, where TLS does not wait for the peer's farewell."""
    transport = protocol.transport
    if transport is not None and transport.get_extra_info("ssl_object") is None:
        transport.close()
    elif transport is not None:
        protocol.abort()
