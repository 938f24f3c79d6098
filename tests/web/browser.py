"""A client for the tests: one request to an application that serves a world."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from lxml import html
from multidict import CIMultiDictProxy

from prober.web.application import make_app
from prober.web.server import serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.web.world import World

__all__ = ["Reply", "fetch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def page(self) -> html.HtmlElement:
        """The body as a document."""
        return html.document_fromstring(self.text)

    def words(self, selector: str) -> list[str]:
        """The text of all elements that the CSS selector finds, with single spaces."""
        return [" ".join(" ".join(element.itertext()).split()) for element in self.page().cssselect(selector)]


def fetch(
    world: World,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    decompress: bool = True,
) -> Reply:
    """One request, and the whole answer."""

    async def main() -> Reply:
        async with (
            serving(make_app(world.views()), host="127.0.0.1", port=0) as ((host, port),),
            aiohttp.ClientSession(f"http://{host}:{port}", auto_decompress=decompress) as session,
            session.request(method, path, headers=headers, allow_redirects=False) as response,
        ):
            return Reply(status=response.status, headers=response.headers, body=await response.read())

    return asyncio.run(main())
