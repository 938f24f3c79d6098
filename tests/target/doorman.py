"""A TLS server that lets in only who shows a certificate (fault T5).

It is a thread with blocking sockets: asyncio's own server closes without sending the alert that says why.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from typing import TYPE_CHECKING

from tests.target.server import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["doorman"]


def _refuse(sock: socket.socket) -> None:
    """Close so that the alert is read: a close with data unread would send a RST, which may overtake it."""
    sock.shutdown(socket.SHUT_WR)
    while sock.recv(4096):
        pass


@contextlib.contextmanager
def doorman(context: ssl.SSLContext) -> Iterator[int]:
    """The port at which it listens."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(5)
            with contextlib.suppress(OSError):
                try:
                    tls = context.wrap_socket(self.request.dup(), server_side=True)
                except ssl.SSLError:
                    _refuse(self.request)
                    return
                with tls:
                    tls.recv(65536)
                    tls.sendall(answer(b"<p>Come in.</p>", "Content-Type: text/html"))

    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = 512
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
