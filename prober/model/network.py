"""What a run may ask of the host it runs on: addresses of names, and TLS contexts."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

__all__ = ["Address", "Network", "TlsKey"]


@dataclass(frozen=True, slots=True)
class Address:
    """One numeric address of a name."""

    family: socket.AddressFamily
    host: str


@dataclass(frozen=True, slots=True)
class TlsKey:
    """What decides a TLS context: equal keys share one context, since loading a trust store costs milliseconds."""

    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None
    verify: bool = True


class Network(Protocol):
    """The host's resolver and trust store, shared by all runs of a process."""

    async def resolve(self, host: str, family: socket.AddressFamily) -> Sequence[Address]:
        """The addresses of a name, IPv4 first for AF_UNSPEC. Raises aiodns' DNSError; the caller sets the deadline."""

    def tls_context(self, key: TlsKey) -> ssl.SSLContext:
        """A client context for the key, made once. Raises OSError or ssl.SSLError for unreadable files."""
