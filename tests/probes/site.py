"""A small site for the tests of pages: what it answers is a table, what it was asked is a list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

__all__ = ["CSS", "JS", "PNG", "Answer", "Asked", "Site", "css", "half_a_page", "html", "js", "serving", "stall"]

Answer = web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]]

JS = "console.log('here');"
CSS = "body { color: black }"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that came. ``connection`` tells which ones came over the same."""

    path: str
    host: str
    headers: Mapping[str, str]
    connection: int


@dataclass(slots=True, kw_only=True)
class Site:
    """A running site; ``most_open`` is how many requests it answered at the same time."""

    url: str
    answers: Mapping[str, Answer]
    asked: list[Asked] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    def headers_of(self, path: str) -> Mapping[str, str]:
        """The headers of the one request for a path."""
        (asked,) = (asked for asked in self.asked if asked.path == path)
        return asked.headers

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """What the table has for the path; 404 for what it has not."""
        self.asked.append(
            Asked(
                path=request.path_qs,
                host=request.host,
                headers=dict(request.headers),
                connection=id(request.transport),
            )
        )
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            found = self.answers.get(request.path_qs)
            if found is None:
                return web.Response(status=404, text="<!doctype html><p>nothing here", content_type="text/html")
            if isinstance(found, web.Response):
                return web.Response(status=found.status, headers=found.headers, body=found.body)
            return await found(request)  # type: ignore[arg-type]  # no answer here needs an application
        finally:
            self.open -= 1


def html(text: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A page."""
    return web.Response(status=status, text=f"<!doctype html>\n{text}", content_type="text/html", headers=headers)


def js(text: str = JS, **headers: str) -> web.Response:
    """A script."""
    return web.Response(text=text, headers={"Content-Type": "text/javascript", **headers})


def css(text: str = CSS) -> web.Response:
    """A stylesheet."""
    return web.Response(text=text, content_type="text/css")


async def stall(_request: web.Request) -> web.StreamResponse:
    """An answer that does not come."""
    await asyncio.sleep(60)
    return web.Response()


async def half_a_page(request: web.Request) -> web.StreamResponse:
    """A page that is cut off after its first words."""
    response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b"<h1>Half a page")
    assert request.transport is not None
    request.transport.abort()
    return response


@asynccontextmanager
async def serving(
    answers: Mapping[str, Answer], *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """A site that listens while the block runs. Its loop's clients may go without being waited for."""
    site = Site(url="", answers=answers)
    runner = web.ServerRunner(web.Server(site.answer), handler_cancellation=True, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0, ssl_context=tls).start()
        port = runner.addresses[0][1]
        site.url = f"{'http' if tls is None else 'https'}://{host}:{port}"
        yield site
    finally:
        await runner.cleanup()
