"""What a page looked like when it failed: the picture, and the HTML as text that no browser runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.web.answers import VIEWS, answer
from prober.web.templating import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["capture"]

_TYPES: Mapping[str, str] = {"jpg": "image/jpeg", "html": "text/plain; charset=utf-8"}
_POLICY = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=3600"}


async def capture(request: web.Request) -> web.StreamResponse:
    """One part of one capture."""
    name, at, part = (request.match_info[key] for key in ("name", "at", "part"))
    content = request.app[VIEWS].captures.content(name, int(at), part)
    if content is None:
        raise web.HTTPNotFound(text="There is no such capture; only the last ones are kept.")

    async def make() -> bytes:
        return content

    headers = {**SECURITY_HEADERS, **_POLICY, "Content-Type": _TYPES[part]}
    return await answer(request, request.path, make, headers=headers)
