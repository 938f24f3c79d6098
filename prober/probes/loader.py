"""Loads the assets of a page, all at once and within bounds, and says of each what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp.client_exceptions import ServerDisconnectedError
from yarl import URL

from prober.classify import EVIDENCE, failure_of
from prober.http.client import sent_headers
from prober.http.cookies import Jar
from prober.http.exchange import exchange
from prober.http.expect import text_of
from prober.http.message import Request
from prober.http.redirect import is_redirect, next_request, redirect_loop, seclusion
from prober.http.settings import HttpSettings, RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.probes.asset import SNIFFED, Asset, AssetKind, IgnoredUrl
from prober.probes.asset_verdict import Seen, broken, problem_of
from prober.probes.lines import Lines
from prober.probes.reference import is_mixed
from prober.probes.stylesheet import READ, named_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.http.exchange import Stream
    from prober.model.network import Address
    from prober.probes.lines import Line

__all__ = ["Loaded", "Loader", "Visit"]

_MOST = 500
_MOST_BYTES = 64 << 20  # of one page's assets together
_ERROR_PAGE = 1 << 16  # so much of an error page is read for what it says
_IMAGES = "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
_ACCEPT: Mapping[AssetKind, str] = {
    "style": "text/css,*/*;q=0.1",
    "image": _IMAGES,
    "icon": _IMAGES,
    "frame": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
_ANYWHERE = RedirectsTo("any")
_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, ExceptionGroup, *EVIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the document's own request says about those for its assets.

    ``home`` is the origin that the settings' headers are for, ``page`` the document's last URL; ``headers`` are those
    of the client, ``seclusion`` how far inside the target is. With ``deep`` what stylesheets name is loaded as well.
    """

    settings: HttpSettings
    run: Run
    jar: Jar
    home: URL
    page: URL
    seclusion: int
    headers: Mapping[str, str]
    ignore: Sequence[IgnoredUrl] = ()
    deep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of one asset. ``wire_bytes`` are those of its body as they came; ``failure`` is None if all is well."""

    wire_bytes: int = 0
    failure: ProbeFailure | None = None


class Loader:
    """The loading of one page's assets.

    ``results`` has what came of each asset, None for what was not done in time. ``mixed`` is how many a browser would
    refuse as mixed content, ``left_out`` how many exceed the bounds; neither is loaded.
    """

    def __init__(self, visit: Visit) -> None:
        self.results: dict[Asset, Loaded | None] = {}
        self.mixed = 0
        self.left_out = 0
        self._visit = visit
        self._seen: set[URL] = set()
        self._bytes = 0
        self._lines = Lines(visit.settings)

    async def load(self, assets: Iterable[Asset], *, seconds: float) -> None:
        """Load these, and what their stylesheets name, for at most so long."""
        try:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                self._begin(assets, group)
        except TimeoutError:
            return  # what is not done has no result
        finally:
            self._lines.close()

    def _begin(self, assets: Iterable[Asset], group: asyncio.TaskGroup) -> None:
        for asset in assets:
            if asset.url in self._seen or self._is_ignored(asset.url):
                continue
            self._seen.add(asset.url)
            if is_mixed(self._visit.page, asset.url):
                self.mixed += 1
            elif len(self.results) >= _MOST:
                self.left_out += 1
            else:
                self.results[asset] = None
                group.create_task(self._load(asset, group))

    def _is_ignored(self, url: URL) -> bool:
        utf8 = str(url).encode("utf-8", "replace")
        return any(pattern.found(utf8) for pattern in self._visit.ignore)

    async def _load(self, asset: Asset, group: asyncio.TaskGroup) -> None:
        """Fetch one asset into its result. Whatever comes of it is about the asset and not about the run."""
        visit = self._visit
        run = Run(
            clock=visit.run.clock,
            network=visit.run.network,
            timeout_ns=visit.run.remaining_ns(),
            redactor=visit.run.redactor,
        )
        try:
            seen = await self._fetched(asset, run)
        except _FAILURES as error:
            self.results[asset] = Loaded(failure=broken(failure_of(error, run.phase_name)))
            return
        if seen is None:
            del self.results[asset]
            self.left_out += 1
            return
        failure = problem_of(asset, seen)
        self.results[asset] = Loaded(wire_bytes=seen.wire_bytes, failure=failure)
        if failure is None and self._is_deep(asset):
            self._begin(named_in(text_of(seen.kept, seen.headers.get("Content-Type")), seen.url), group)

    def _is_deep(self, asset: Asset) -> bool:
        return asset.kind == "style" and self._visit.deep and not asset.by_stylesheet

    async def _fetched(self, asset: Asset, run: Run) -> Seen | None:
        """The last answer, after redirects; None where the assets before it came to all that may be loaded."""
        request = self._request(asset)
        for _ in range(self._visit.settings.redirects.max + 1):
            async with self._lines.turn(request.url):
                if self._bytes > _MOST_BYTES:
                    return None
                stream, line = await self._sent(request, run)
                try:
                    if not is_redirect(stream.head):
                        return await self._read(asset, request.url, stream)
                finally:
                    if not self._lines.give_back(request.url, line, stream.head):
                        stream.close()
            request = next_request(request, stream.head, to=_ANYWHERE, first=asset.url)
        raise redirect_loop(self._visit.settings.redirects.max)

    def _request(self, asset: Asset) -> Request:
        """To another origin than the probe's own it carries nothing of ours but what any browser says."""
        visit = self._visit
        at_home = asset.url.origin() == visit.home
        near = asset.url.origin() == visit.page.origin()
        referer = visit.page.with_query(None).with_fragment(None) if near else visit.page.origin().with_path("/")
        headers = {**visit.headers, "Accept": _ACCEPT.get(asset.kind, "*/*")}
        if visit.page.scheme == "http" or asset.url.scheme == "https":
            headers["Referer"] = str(referer)
        ours = visit.settings.headers if at_home else {}
        given = {name.lower() for name in ours}
        kept = {name: value for name, value in headers.items() if name.lower() not in given}
        return Request(url=asset.url, headers={**kept, **ours})

    async def _sent(self, request: Request, run: Run) -> tuple[Stream, Line]:
        """The answer's head. A kept connection that turns out to be closed is replaced by a fresh one, once."""
        now = run.clock.wall_ns() / 1e9
        headers = sent_headers(request, self._visit.jar, now=now, connection="keep-alive")
        line = self._lines.line(request.url, run)
        try:
            stream = await exchange(line, request, headers, self._allow(request.url))
        except (ConnectionError, ServerDisconnectedError):
            if line.kept is None or line.protocol is None or line.protocol.first_byte_ns:
                raise
            run.phase_name = None
            line = self._lines.line(request.url, run, fresh=True)
            stream = await exchange(line, request, headers, self._allow(request.url))
        self._visit.jar.update(request.url, stream.head.headers.getall("Set-Cookie", ()), now=now)
        return stream, line

    def _allow(self, url: URL) -> Callable[[Sequence[Address]], Sequence[Address]]:
        """A page may not send us further inside than it is itself, as a redirect may not."""
        visit = self._visit
        anywhere = visit.settings.proxy is not None or url.origin() == visit.home

        def allow(addresses: Sequence[Address]) -> Sequence[Address]:
            kept = [address for address in addresses if anywhere or seclusion(address) <= visit.seclusion]
            if not kept:
                raise ProbeFailure(
                    ErrorClass.UNEXPECTED_RESPONSE, "further inside than the page", detail="redirect_blocked"
                )
            return kept

        return allow

    async def _read(self, asset: Asset, url: URL, stream: Stream) -> Seen:
        wanted = _ERROR_PAGE if stream.head.status >= 400 else READ if self._is_deep(asset) else SNIFFED
        kept, size = bytearray(), 0

        def take(_arrived_ns: int, piece: bytes) -> bool:
            nonlocal size
            size += len(piece)
            kept.extend(piece[: max(wanted - len(kept), 0)])
            return False

        await stream.drain(take, limit=self._visit.settings.limits.body)
        self._bytes += size
        return Seen(
            url=url,
            status=stream.head.status,
            headers=stream.head.headers,
            kept=bytes(kept),
            size=size,
            wire_bytes=stream.wire_bytes,
        )
