"""A tunnel through a forward proxy, and the headers that only the proxy sees."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote

from yarl import URL

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    import socket

__all__ = ["authorization", "open_tunnel"]

_MAX_HEAD = 65_536


def authorization(proxy: str) -> str | None:
    """The Proxy-Authorization value of the URL's user and password, if it has any."""
    url = URL(proxy)
    if url.raw_user is None:
        return None
    pair = f"{unquote(url.raw_user)}:{unquote(url.raw_password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


async def open_tunnel(sock: socket.socket, url: URL, proxy: str) -> None:
    """Ask the proxy on a connected socket for a tunnel to the URL's host. Raises ProbeFailure with detail ``proxy``."""
    loop = asyncio.get_running_loop()
    target = f"[{url.host}]:{url.port}" if ":" in (url.host or "") else f"{url.host}:{url.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    credentials = authorization(proxy)
    if credentials is not None:
        lines.append(f"Proxy-Authorization: {credentials}")
    await loop.sock_sendall(sock, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = await loop.sock_recv(sock, 1)  # by bytes: what follows the head belongs to the tunnel
        head += byte
        if not byte or len(head) > _MAX_HEAD:
            raise _proxy_failure("the proxy closed the connection instead of opening a tunnel")
    status = bytes(head.split(b"\r\n", 1)[0]).split(b" ", 2)
    if len(status) < 2 or status[1] != b"200":
        seen = status[1].decode("latin-1")[:10] if len(status) > 1 else "no status"
        raise _proxy_failure(f"the proxy answered {seen} to CONNECT")


def _proxy_failure(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="proxy")
