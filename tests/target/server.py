"""What a behaviour is: a coroutine that is handed one connection and does its worst."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = [
    "LONG",
    "Asked",
    "Behaviour",
    "answer",
    "chunk",
    "hang",
    "hang_up",
    "head",
    "read_request",
    "reset",
    "served",
]

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LONG = 30.0
"""Seconds: longer than any client in the tests waits, and the end of every behaviour that lasts for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    head: bytes
    body: bytes

    @property
    def target(self) -> str:
        """The path and query of the request line."""
        return self.head.split(b" ", 2)[1].decode("latin-1")


async def read_request(reader: asyncio.StreamReader) -> Asked:
    """The whole request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return Asked(head=head, body=await reader.readexactly(int(length[1])) if length else b"")


def head(*fields: str, status: str = "200 OK") -> bytes:
    """A status line and header fields."""
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """A whole response with the length that it has."""
    return head(f"Content-Length: {len(body)}", *fields, status=status) + body


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; empty data ends it."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def hang(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accept, and never answer."""
    await asyncio.sleep(LONG)


async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Read the request, or the beginning of a handshake, and close without a word."""
    await reader.read(16384)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a RST instead of a FIN."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def served(behaviour: Behaviour) -> Behaviour:
    """The behaviour as the handler of a listening socket: it ends with the connection, and a client may leave early."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        early = (OSError, asyncio.IncompleteReadError, TimeoutError)  # the client left, or nobody will come any more
        with contextlib.suppress(*early, asyncio.CancelledError):  # cancelled: the zoo closes
            async with asyncio.timeout(LONG):
                await behaviour(reader, writer)
                writer.close()
                await writer.wait_closed()
        writer.transport.abort()

    return handle
