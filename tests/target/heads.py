"""Status lines and headers that are slow, huge, endless or broken (faults H1 to H4, and connections that end early)."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.target.server import LONG, Behaviour, answer, hang, hang_up, head, read_request, reset

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HEADS"]

_PAGE = b"<!doctype html><title>zoo</title><p>All is well here.</p></html>"


def says(*pieces: bytes) -> Behaviour:
    """Read the request, send these bytes and close."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.writelines(pieces)
        await writer.drain()

    return behaviour


def healthy_after(seconds: float) -> Behaviour:
    """Answer with a page after this time."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(seconds)
        writer.write(answer(_PAGE, "Content-Type: text/html; charset=utf-8"))

    return behaviour


async def _slow_loris(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(int(LONG / 0.05)):
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _informational_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    flood = head(status="100 Continue") * 1000
    while True:
        writer.write(flood)
        await writer.drain()


async def _blank_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    while True:
        writer.write(b"\r\n" * 65536)
        await writer.drain()


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a TLS handshake as a web server does that expects plain HTTP."""
    await reader.read(16384)
    writer.write(answer(b"<h1>Bad Request</h1>", "Connection: close", status="400 Bad Request"))


async def _reset_unanswered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    reset(writer)


async def _reset_unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    reset(writer)


HEADS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "healthy": healthy_after(0.02),
        "slow": healthy_after(1.5),
        "hang": hang,
        "hang-up": hang_up,
        "reset": _reset_unanswered,
        "reset-unread": _reset_unread,
        "plain": _plain,
        "slow-loris": _slow_loris,
        "long-header": says(head("X-Long: " + "a" * 100_000)),
        "many-headers": says(head(*(f"X-{i}: {'a' * 90}" for i in range(5000)))),
        "long-status": says(b"HTTP/1.1 200 " + b"O" * 100_000 + b"\r\n\r\n"),
        "some-informational": says(head("Link: </x.css>", status="103 Early Hints") * 8, answer(_PAGE)),
        "informational-flood": _informational_flood,
        "blank-flood": _blank_flood,
        "blank-first": says(b"\r\n\r\n", answer(_PAGE)),
        "garbage": says(bytes(range(256)) * 4 + b"\r\n\r\n"),
        "status-99": says(answer(b"", status="099 Low")),
        "no-number": says(b"HTTP/1.1 fine OK\r\nContent-Length: 0\r\n\r\n"),
        "another-protocol": says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
        "nul": says(head("X-Nul: a\0b", "Content-Length: 0")),
        "space-in-name": says(head("X Space: a", "Content-Length: 0")),
        "no-colon": says(head("no colon in here", "Content-Length: 0")),
        "length-and-chunked": says(head("Content-Length: 5", "Transfer-Encoding: chunked"), b"5\r\nhello\r\n0\r\n\r\n"),
        "two-lengths": says(head("Content-Length: 5", "Content-Length: 7"), b"hello"),
        "negative-length": says(head("Content-Length: -5"), b"hello"),
        "cut-head": says(b"HTTP/1.1 200 OK\r\nContent-Type: te"),
        "odd-reason": says(answer(_PAGE, status="200 \xff\xfe")),
        "bare-lf": says(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    }
)
"""By name; every one sees the whole request before it answers."""
