"""Bodies that are short, endless, broken or bombs (faults C6 and H5 to H8)."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.target.heads import says
from tests.target.server import LONG, Behaviour, answer, chunk, head, read_request, reset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BODIES"]

_MIB = 1 << 20
_CHUNKED = "Transfer-Encoding: chunked"
_GZIP = "Content-Encoding: gzip"


def endless(*fields: str, framed: bool) -> Behaviour:
    """Send a body without end, as fast as the client takes it."""
    block = b"x" * 65536

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head(*fields))
        while True:
            writer.write(chunk(block) if framed else block)
            await writer.drain()

    return behaviour


async def _tiny_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(head(_CHUNKED))
    while True:
        writer.write(chunk(b"x") * 50_000)
        await writer.drain()


def drip(*fields: str, framed: bool) -> Behaviour:
    """Send a body a byte at a time, for ever."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head(*fields))
        for _ in range(int(LONG / 0.05)):
            writer.write(chunk(b"x") if framed else b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    return behaviour


def stops(*fields: str, after: bytes) -> Behaviour:
    """Send the beginning of a body, then nothing more; the connection stays open."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(head(*fields) + after)
        await writer.drain()
        await asyncio.sleep(LONG)

    return behaviour


async def _reset_inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(head("Content-Length: 1000") + b"x" * 100)
    await writer.drain()
    await asyncio.sleep(0.05)  # a RST overtakes what the client has not read yet
    reset(writer)


async def _bad_chunk_later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(head(_CHUNKED) + chunk(b"hello"))
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"zz\r\nhello\r\n0\r\n\r\n")
    await writer.drain()


def _deflated(size: int) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for _ in range(size // _MIB):
        yield packer.compress(bytes(_MIB))
    yield packer.flush()


@cache
def _bomb() -> bytes:
    """A quarter of a gigabyte of zeros, packed."""
    return b"".join(_deflated(256 * _MIB))


async def _gzip_bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(answer(_bomb(), _GZIP))
    await writer.drain()


_PACKED = gzip.compress(b"<p>All is well here.</p>" * 100)

BODIES: Mapping[str, Behaviour] = MappingProxyType(
    {
        "reset-body": _reset_inside,
        "short-body": says(head("Content-Length: 1000"), b"x" * 100),
        "cut-chunked": says(head(_CHUNKED), chunk(b"hello")),
        "cut-chunk": says(head(_CHUNKED), b"ff\r\nhello"),
        "bad-chunk": says(head(_CHUNKED), b"zz\r\nhello\r\n0\r\n\r\n"),
        "bad-chunk-end": says(head(_CHUNKED), chunk(b"hello"), b"5\r\nhelloXX0\r\n\r\n"),
        "bad-chunk-later": _bad_chunk_later,
        "no-length": says(head("Content-Type: text/html"), b"<!doctype html><p>All is well here.</p></html>"),
        "no-length-cut": says(head("Content-Type: text/html"), b"<!doctype html><p>All is we"),
        "endless": endless(framed=False),
        "endless-chunks": endless(_CHUNKED, framed=True),
        "endless-length": endless("Content-Length: 1000000000000", framed=False),
        "tiny-chunks": _tiny_chunks,
        "drip": drip(framed=False),
        "drip-chunks": drip(_CHUNKED, framed=True),
        "body-stops": stops("Content-Length: 1000", after=b"x" * 100),
        "gzip": says(answer(_PACKED, _GZIP)),
        "gzip-bomb": _gzip_bomb,
        "gzip-members": says(answer(gzip.compress(b"") * 40_000, _GZIP)),
        "gzip-broken": says(answer(_PACKED[:-8] + bytes(8), _GZIP)),
        "gzip-not": says(answer(b"<p>This is not packed.</p>", _GZIP)),
        "gzip-cut": says(answer(_PACKED[:-12], _GZIP)),
        "unasked-encoding": says(answer(b"\x0b\x02\x80hello\x03", "Content-Encoding: br")),
    }
)
"""By name."""
