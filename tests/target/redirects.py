"""Redirects that lead in circles or away, the recorder they lead to, and floods of cookies (faults H9 to H11)."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.target.heads import says
from tests.target.server import Behaviour, answer, head, read_request

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["REDIRECTS", "recorder"]


def _redirect(status: str) -> Behaviour:
    """Lead to what follows /to/ in the path, quoted, and set a cookie on the way."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_request(reader)
        to = unquote(asked.target.split("/")[2])
        writer.write(head(f"Location: {to}", "Set-Cookie: session=c00kie-of-home", "Content-Length: 0", status=status))

    return behaviour


async def _chain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Lead from /1 to /2 to /3 and on."""
    asked = await read_request(reader)
    number = int(asked.target.strip("/") or 0)
    writer.write(head(f"Location: /{number + 1}", "Content-Length: 0", status="302 Found"))


def recorder(path: Path) -> Behaviour:
    """Answer 200 and append what was asked to a file, one JSON line each: nothing secret may ever be in it."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_request(reader)
        line = json.dumps({"head": asked.head.decode("latin-1"), "body": asked.body.decode("latin-1")})
        with path.open("a") as file:
            file.write(line + "\n")
        writer.write(answer(b"<p>You are elsewhere now.</p>", "Content-Type: text/html"))

    return behaviour


def _cookies(count: int) -> Behaviour:
    return says(answer(b"<p>All is well here.</p>", *(f"Set-Cookie: c{i}=v; Path=/" for i in range(count))))


REDIRECTS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "redirect": _redirect("302 Found"),
        "redirect-307": _redirect("307 Temporary Redirect"),
        "redirect-loop": says(head("Location: /", "Content-Length: 0", status="302 Found")),
        "redirect-chain": _chain,
        "redirect-nowhere": says(head("Location: http://", "Content-Length: 0", status="302 Found")),
        "cookies": _cookies(1000),
        "cookie-flood": _cookies(30_000),
        "huge-cookie": says(answer(b"<p>All is well here.</p>", "Set-Cookie: big=" + "v" * 50_000)),
    }
)
"""By name."""
