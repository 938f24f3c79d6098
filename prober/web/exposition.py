"""The answer to a scrape."""

from __future__ import annotations

from aiohttp import web

from prober.web.answers import VIEWS, busy, header
from prober.web.sending import send_pieces

__all__ = ["SCRAPES", "Scrapes", "metrics"]

_AT_ONCE = 16


class Scrapes:
    """How many scrapes are being answered."""

    def __init__(self) -> None:
        self.count = 0


SCRAPES = web.AppKey("scrapes", Scrapes)


async def metrics(request: web.Request) -> web.StreamResponse:
    """All metrics, in the format and encoding that the scraper asks for."""
    scrapes = request.app[SCRAPES]
    if scrapes.count >= _AT_ONCE:
        return await busy(request)
    scrapes.count += 1
    try:
        scrape = request.app[VIEWS].metrics.scrape(
            accept=header(request, "Accept"), accept_encoding=header(request, "Accept-Encoding")
        )
        headers = {"Content-Type": scrape.content_type, "Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding"}
        if scrape.content_encoding is not None:
            headers["Content-Encoding"] = scrape.content_encoding
        return await send_pieces(request, scrape.pieces, headers=headers)
    finally:
        scrapes.count -= 1
