"""Fetches over HTTP/1.1 on a fresh connection each time, measured, bounded, and true to its origin."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from prober import __version__
from prober.http.connect import Connector
from prober.http.cookies import Jar
from prober.http.decode import ACCEPTED
from prober.http.exchange import Stream, exchange
from prober.http.message import Hop, Request, Response
from prober.http.redirect import is_redirect, next_request, reachable, redirect_loop, seclusion, target
from prober.http.settings import RedirectsTo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from yarl import URL

    from prober.http.settings import HttpSettings
    from prober.model.network import Address
    from prober.model.run import Run

__all__ = ["USER_AGENT", "Client", "sent_headers"]

USER_AGENT = f"prober/{__version__}"
_ANYWHERE = RedirectsTo("any")
_DEFAULTS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding"})
"""Said by us alone, since twice is once too often: whose connection it is, and where a request ends."""
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class Client:
    """The requests of one run. Its cookie jar lives as long as it does.

    ``to`` is where redirects may lead unless the settings say it. The settings' ``headers`` go to the origin of the
    first request only, and a redirect carries nothing of ours to another origin.
    """

    __slots__ = ("_connector", "_home", "_run", "_seclusion", "_settings", "_to", "jar")

    def __init__(
        self, settings: HttpSettings, run: Run, *, jar: Jar | None = None, to: RedirectsTo = _ANYWHERE
    ) -> None:
        self._settings = settings
        self._run = run
        self._to = settings.redirects.to or to
        self._connector = Connector(settings=settings, run=run)
        self._home: URL | None = None
        self._seclusion = 0
        self.jar = Jar(limit=settings.limits.cookies) if jar is None else jar

    @property
    def seclusion(self) -> int:
        """How far inside the target's own addresses are; nothing that it names may lead further inside."""
        return self._seclusion

    async def fetch(
        self,
        request: Request,
        *,
        follow: int | None = None,
        until: Callable[[str], bool] | None = None,
        came_from: URL | None = None,
    ) -> Response:
        """The whole answer after redirects.

        At most ``follow`` redirects (the settings' ``max``); 0 makes a redirect the answer. A redirect to a URL that
        ``until`` is true of is not requested: the response then has that URL and an empty body. Raises ProbeFailure for
        what this probe must not take, and the transport's own exceptions; ``run.phase_name`` tells where. ``came_from``
        is the page that named the URL: then it may lead no further inside than a redirect from there.
        """
        began_ns = self._run.clock.monotonic_ns()
        limit = self._settings.redirects.max if follow is None else follow
        request, first, hops = self._at_home(request), came_from or request.url, list[Hop]()
        while True:
            hop_ns = self._run.clock.monotonic_ns()
            stream = await self._send(request, first)
            try:
                final = not self._follows(stream, limit)
                stops = not final and until is not None and until(str(target(request.url, stream.head)))
                if final or stops:
                    url = target(request.url, stream.head) if stops else request.url
                    body = b"" if stops else await stream.read()
                    return self._response(stream, url, body, hops=tuple(hops), began_ns=began_ns)
            finally:
                stream.close()
            if len(hops) >= limit:
                raise redirect_loop(limit)
            now_ns = self._run.clock.monotonic_ns()
            hops.append(
                Hop(method=request.method, url=request.url, status=stream.head.status, duration_ns=now_ns - hop_ns)
            )
            self._run.measures["redirects"] = len(hops)
            request = next_request(request, stream.head, to=self._to, first=first)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Stream]:
        """An answer to be read as it comes. A redirect is followed as by :meth:`fetch`."""
        limit = self._settings.redirects.max
        request, first = self._at_home(request), request.url
        for redirects in range(limit + 1):
            stream = await self._send(request, first, stamped=True)
            try:
                if not self._follows(stream, limit):
                    stream.redirects = self._run.measures["redirects"] = redirects
                    yield stream
                    return
            finally:
                stream.close()
            request = next_request(request, stream.head, to=self._to, first=first)
        raise redirect_loop(limit)

    def _follows(self, stream: Stream, limit: int) -> bool:
        return is_redirect(stream.head) and limit > 0 and self._to.rule != "none"

    def _at_home(self, request: Request) -> Request:
        """The request with the settings' headers, if it goes to the origin of the run's first request."""
        self._home = self._home or request.url.origin()
        if self._home != request.url.origin() or not self._settings.headers:
            return request
        given = {name.lower() for name in request.headers}
        ours = {name: value for name, value in self._settings.headers.items() if name.lower() not in given}
        return replace(request, headers={**ours, **request.headers})

    async def _send(self, request: Request, first: URL, *, stamped: bool = False) -> Stream:
        redirected = request.url.origin() != first.origin()

        def allow(addresses: Sequence[Address]) -> Sequence[Address]:
            if self._settings.proxy is not None or request.url.host in self._to.hosts:
                return addresses
            if redirected:
                return reachable(addresses, limit=self._seclusion)
            self._seclusion = max(seclusion(address) for address in addresses)
            return addresses

        headers = sent_headers(request, self.jar, now=self._run.clock.wall_ns() / 1e9, connection="close")
        stream = await exchange(self._connector, request, headers, allow, stamped=stamped)
        self._run.measures["http_status"] = stream.head.status
        self._run.measures["first_byte_seconds"] = (stream.head.first_byte_ns - stream.sent_ns) / 1e9
        cookies = stream.head.headers.getall("Set-Cookie", ())
        if cookies:
            self.jar.update(request.url, cookies, now=self._run.clock.wall_ns() / 1e9)
        return stream

    def _response(self, stream: Stream, url: URL, body: bytes, *, hops: tuple[Hop, ...], began_ns: int) -> Response:
        head, run = stream.head, self._run
        expiry = run.measures.get("certificate_expiry") if url.scheme == "https" else None
        run.measures["bytes"] = stream.wire_bytes
        run.measures["redirects"] = len(hops)
        return Response(
            status=head.status,
            reason=head.reason,
            http_version=head.http_version,
            headers=head.headers,
            url=url,
            body=body,
            wire_bytes=stream.wire_bytes,
            hops=hops,
            duration_ns=run.clock.monotonic_ns() - began_ns,
            first_byte_ns=head.first_byte_ns - began_ns,
            certificate_expiry=expiry if isinstance(expiry, float) else None,
            cookies=self.jar.for_url(url, now=run.clock.wall_ns() / 1e9),
        )


def sent_headers(request: Request, jar: Jar, *, now: float, connection: str) -> dict[str, str]:
    """What is sent with a request, by the spelling of whoever named it first; ``now`` is Unix time."""
    url = request.url
    host = f"[{url.host}]" if ":" in (url.host or "") else url.raw_host or ""
    headers = {"Host": host if url.is_default_port() else f"{host}:{url.port}"}
    given = {name.lower(): name for name in request.headers}
    if "host" in given:
        headers = {"Host": request.headers[given["host"]]}
    for name, value in {**_DEFAULTS, **request.defaults}.items():
        if name.lower() not in given:
            headers[name] = value
    headers.update((name, value) for name, value in request.headers.items() if name.lower() not in _OURS)
    cookies = jar.header(url, now=now)
    if cookies is not None:
        name = given.get("cookie", "Cookie")
        headers[name] = f"{headers[name]}; {cookies}" if name in headers else cookies
    if request.body or request.method in _BODY_METHODS:
        headers["Content-Length"] = str(len(request.body))
    headers["Connection"] = connection
    return headers
