"""A raw server that plays one script to everybody who asks: bytes, pauses, and the ways in which a connection ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.target.server import LONG, chunk, head, read_request, reset, served

__all__ = ["Act", "Asked", "End", "Pause", "Script", "Site", "body", "chunked", "head", "serving", "until_closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came: the line's target, headers in small letters, the body's JSON."""

    target: str
    headers: Mapping[str, str]
    json: Any


class End(Enum):
    """How a connection ends before its time."""

    RESET = auto()
    CLOSE = auto()
    SILENCE = auto()


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds in which nothing is sent."""

    seconds: float


Act = bytes | Pause | End
Script = Callable[[Asked], Iterable[Act]]


@dataclass(slots=True, kw_only=True)
class Site:
    """A server that listens, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[Site]:
    """A server that plays the script while the block runs."""
    site = Site(url="")

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.asked.append(_asked(await read_request(reader)))
        for act in script(site.asked[-1]):
            match act:
                case bytes():
                    writer.write(act)
                    await writer.drain()
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case End.RESET:
                    await asyncio.sleep(0.02)  # a reset may overtake what is still on its way
                    return reset(writer)
                case End.SILENCE:
                    await asyncio.wait_for(reader.read(), LONG)
                case End.CLOSE:
                    return None
        return None

    server = await asyncio.start_server(served(play), "127.0.0.1", 0, limit=1 << 20)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await server.wait_closed()


def _asked(request: Any) -> Asked:
    line, *fields = request.head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (each.partition(":") for each in fields)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Asked(target=line.split(" ")[1], headers=headers, json=json.loads(request.body) if request.body else None)


def body(content: bytes | object, *fields: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """A whole response: bytes as they are, anything else as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return head(f"Content-Type: {kind}", f"Content-Length: {len(data)}", *fields, status=status) + data


def chunked(pieces: Iterable[Act], *fields: str, kind: str = "text/event-stream") -> Iterable[Act]:
    """A chunked response, one chunk a piece, with its proper end unless the script ends it otherwise."""
    yield head(f"Content-Type: {kind}", "Transfer-Encoding: chunked", *fields)
    for piece in pieces:
        yield chunk(piece) if isinstance(piece, bytes) and piece else piece
    yield chunk(b"")


def until_closed(content: bytes, *fields: str, kind: str = "text/event-stream") -> Iterable[Act]:
    """A response that ends with the connection, so that nobody can tell a short one."""
    yield head(f"Content-Type: {kind}", "Connection: close", *fields) + content
