"""What asyncio and uvloop really raise when a peer misbehaves, classified: the two must not differ."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from prober.classify import failure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Runner

AUTHORITY = trustme.CA()
LEAF = AUTHORITY.issue_cert("localhost")


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def after_first_bytes(act: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def handle(peer: socket.socket) -> None:
        peer.recv(65536)
        act(peer)
        peer.close()

    return handle


def over_tls(**limits: Any) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    LEAF.configure_cert(context)
    for name, value in limits.items():
        setattr(context, name, value)
    if limits.get("verify_mode") is ssl.CERT_REQUIRED:
        AUTHORITY.configure_trust(context)

    def handle(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True, do_handshake_on_connect=False) as wrapped:
            try:
                wrapped.do_handshake()
                wrapped.recv(1000)
            except ssl.SSLError:
                while os.read(wrapped.fileno(), 65536):  # closing with unread bytes would reset the alert away
                    pass

    return handle


@contextmanager
def serving(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that handles one connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(10)

        def accept() -> None:
            peer, _ = listener.accept()
            handle(peer)

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


async def exchange(port: int, **options: Any) -> str:
    """Connect, ask, read: class and detail of what went wrong, in the phase in which it did."""
    phase = "tls"
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="localhost", **options
            )
            phase = "processing"
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await writer.drain()
            await reader.readexactly(1)
    except (OSError, EOFError) as error:
        failure = failure_of(error, phase)
        return f"{phase}: {failure.error_class} {failure.detail}"
    finally:
        if phase == "processing":
            writer.transport.abort()
    return "ok"


PEERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "reset": (after_first_bytes(reset), "tls: connection_reset reset"),
    "end": (after_first_bytes(lambda peer: None), "tls: tls_error protocol"),
    "plain-http": (
        after_first_bytes(lambda peer: peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        "tls: tls_error protocol",
    ),
    "ssh": (after_first_bytes(lambda peer: peer.sendall(b"SSH-2.0-x\r\n")), "tls: tls_error protocol"),
    "client-certificate-1.3": (
        over_tls(verify_mode=ssl.CERT_REQUIRED),
        "processing: tls_error client_cert_required",
    ),
    "no-answer": (over_tls(), "processing: connection_reset closed"),
}


@pytest.mark.parametrize(("handle", "expected"), PEERS.values(), ids=PEERS)
def test_peers(handle: Callable[[socket.socket], None], expected: str, run_loop: Runner[str]) -> None:
    """The same fault has the same class on both loops."""
    with serving(handle) as port:
        assert run_loop(exchange(port)) == expected


def test_a_handshake_that_stalls(run_loop: Runner[str]) -> None:
    """Both loops raise ConnectionAbortedError when their own limit for the handshake is over."""
    done = threading.Event()

    def hold(peer: socket.socket) -> None:
        done.wait(5)
        peer.close()

    with serving(hold) as port:
        assert run_loop(exchange(port, ssl_handshake_timeout=0.2)) == "tls: tls_error handshake_timeout"
        done.set()


def test_nobody_listens(run_loop: Runner[str]) -> None:
    """A closed port refuses."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert run_loop(exchange(held.getsockname()[1])) == "tls: connect_refused refused"
