"""Forward proxies: some that open tunnels, and some that are a trouble of our own (fault H13)."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.target.heads import says
from tests.target.server import Behaviour, answer, hang, head, read_request

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROXIES"]


def tunnel(status: str) -> Behaviour:
    """Open a tunnel to wherever the client asks, with this status."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = (await read_request(reader)).target.rpartition(":")
        answers, asks = await asyncio.open_connection(host, int(port))
        writer.write(head("Via: 1.1 zoo", status=status))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_carry(reader, asks))
                group.create_task(_carry(answers, writer))
        finally:
            asks.transport.abort()

    return behaviour


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.write_eof()


PROXIES: Mapping[str, Behaviour] = MappingProxyType(
    {
        "proxy": tunnel("200 Connection established"),
        "proxy-201": tunnel("201 Created"),
        "proxy-407": says(answer(b"", status="407 Proxy Authentication Required")),
        "proxy-502": says(answer(b"", status="502 Bad Gateway")),
        "proxy-silent": hang,
    }
)
"""By name."""
