"""A tunnel through a forward proxy, and the headers that only the proxy sees."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiodns.error import DNSError
from yarl import URL

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from prober.model.run import Run

__all__ = ["authorization", "open_tunnel", "own_trouble"]

_MAX_HEAD = 65_536


def authorization(proxy: str) -> str | None:
    """The Proxy-Authorization value of the URL's user and password, if it has any."""
    url = URL(proxy)
    if url.raw_user is None:
        return None
    pair = f"{unquote(url.raw_user)}:{unquote(url.raw_password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


@contextmanager
def own_trouble(run: Run) -> Iterator[None]:
    """A block in which only our proxy is spoken to: whatever goes wrong in it is ours, not the target's."""
    run.deadline_verdict = lambda: _proxy_failure(f"our proxy did not answer in time, in {run.phase_name}")
    try:
        yield
        run.deadline_verdict = None
    except (OSError, TimeoutError, DNSError) as error:
        run.deadline_verdict = None
        raise _proxy_failure(f"our proxy could not be used: {_reason(error)} in {run.phase_name}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__


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
    if len(status) < 2 or not re.fullmatch(rb"2[0-9][0-9]", status[1]):  # any success opens it (RFC 9110, 9.3.6)
        seen = status[1].decode("latin-1")[:10] if len(status) > 1 else "no status"
        raise _proxy_failure(f"the proxy answered {seen} to CONNECT")


def _proxy_failure(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="proxy")
