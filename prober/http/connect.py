"""From a URL to a connection, with resolve, connect and tls measured apart."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohappyeyeballs
from yarl import URL

from prober.http.certificate import note_expiry
from prober.http.proxy import open_tunnel
from prober.http.settings import HttpSettings
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.network import Address, TlsKey
from prober.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prober.http.protocol import ResponseProtocol

__all__ = ["Connector", "in_time"]

_FAMILIES = {"auto": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
_HAPPY_EYEBALLS_DELAY = 0.25  # seconds, RFC 8305
_MOST_ADDRESSES = 8  # of a name with a hundred of them; the rest would only lengthen a failure
_SECOND_HANDSHAKE = 2.0  # seconds at most, inside the run's deadline


def in_time(limit_ns: int | None) -> contextlib.AbstractAsyncContextManager[object]:
    """A deadline for a phase, or none."""
    return contextlib.nullcontext() if limit_ns is None else asyncio.timeout(limit_ns / 1e9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """Opens one fresh connection at a time. ``allow`` sees the addresses first and may refuse some of them."""

    settings: HttpSettings
    run: Run

    async def open(
        self,
        url: URL,
        factory: Callable[[], ResponseProtocol],
        allow: Callable[[Sequence[Address]], Sequence[Address]],
    ) -> ResponseProtocol:
        """A connected protocol for the URL's origin, through the proxy and TLS where they apply."""
        host, port = self._peer(url)
        with self.run.phase("resolve"):
            async with in_time(self.settings.deadlines.dns):
                family = _FAMILIES[self.settings.ip] if self.settings.proxy is None else socket.AF_UNSPEC
                addresses = await self.run.network.resolve(host, family)
            addresses = allow(_of_family(addresses, family))
        if url.scheme == "http" and len(addresses) == 1:
            return await self._connect_plainly(addresses[0], port, factory)
        sock = await self._connect(addresses, port)
        try:
            if self.settings.proxy is not None and url.scheme == "https":
                with self.run.phase("connect"):
                    await open_tunnel(sock, url, self.settings.proxy)
            return await self._wrap(sock, url, factory, addresses, port)
        except BaseException:
            sock.close()
            raise

    def _peer(self, url: URL) -> tuple[str, int]:
        if self.settings.proxy is not None:
            url = URL(self.settings.proxy)
        assert url.host is not None
        assert url.port is not None
        return url.host, url.port

    async def _connect_plainly(
        self, address: Address, port: int, factory: Callable[[], ResponseProtocol]
    ) -> ResponseProtocol:
        """One address and no TLS, as most runs of most probers: the loop's own connect spares several system calls."""
        with self.run.phase("connect"):
            async with in_time(self.settings.deadlines.connect):
                _, protocol = await asyncio.get_running_loop().create_connection(factory, address.host, port)
        return protocol

    async def _connect(self, addresses: Sequence[Address], port: int) -> socket.socket:
        with self.run.phase("connect"):
            async with in_time(self.settings.deadlines.connect):
                return await _connected(addresses, port)

    async def _wrap(
        self,
        sock: socket.socket,
        url: URL,
        factory: Callable[[], ResponseProtocol],
        addresses: Sequence[Address],
        port: int,
    ) -> ResponseProtocol:
        loop = asyncio.get_running_loop()
        if url.scheme != "https":
            _, protocol = await loop.create_connection(factory, sock=sock)
            return protocol
        name = self.settings.tls.server_name or url.host or ""
        with self.run.phase("tls"):
            context = self.run.network.tls_context(self._key())
            try:
                async with in_time(self.settings.deadlines.tls):
                    transport, protocol = await loop.create_connection(
                        factory, sock=sock, ssl=context, server_hostname=name.rstrip(".")
                    )
            except ssl.SSLCertVerificationError:
                await self._read_invalid_certificate(addresses, port, url, name)
                raise
        note_expiry(transport, self.run)
        return protocol

    def _key(self, *, verify: bool = True) -> TlsKey:
        tls = self.settings.tls
        return TlsKey(
            ca_file=tls.ca_file,
            client_cert_file=tls.client_cert_file,
            client_key_file=tls.client_key_file,
            verify=verify and tls.insecure is None,
        )

    async def _read_invalid_certificate(self, addresses: Sequence[Address], port: int, url: URL, name: str) -> None:
        """A second handshake that verifies nothing and sends nothing, only to export when the certificate ends."""
        seconds = min(self.run.remaining_ns() / 1e9 * 0.9, _SECOND_HANDSHAKE)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(seconds):
                sock = await _connected(addresses, port)
                with contextlib.closing(sock):
                    if self.settings.proxy is not None:
                        await open_tunnel(sock, url, self.settings.proxy)
                    transport, _ = await asyncio.get_running_loop().create_connection(
                        asyncio.Protocol,
                        sock=sock,
                        ssl=self.run.network.tls_context(self._key(verify=False)),
                        server_hostname=name.rstrip("."),
                    )
                    note_expiry(transport, self.run)
                    transport.abort()


async def _connected(addresses: Sequence[Address], port: int) -> socket.socket:
    """A connected socket: the first address that answers, a later one where an earlier one is slow or refuses."""
    if len(addresses) == 1:
        return await _connected_to(addresses[0], port)
    infos = [
        (address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address.host, port))
        for address in addresses[:_MOST_ADDRESSES]
    ]
    return await aiohappyeyeballs.start_connection(
        infos, happy_eyeballs_delay=_HAPPY_EYEBALLS_DELAY, loop=asyncio.get_running_loop()
    )


async def _connected_to(address: Address, port: int) -> socket.socket:
    sock = socket.socket(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address.host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _of_family(addresses: Sequence[Address], family: int) -> Sequence[Address]:
    kept = [address for address in addresses if family in {socket.AF_UNSPEC, address.family}]
    if not kept:
        version = 6 if family == socket.AF_INET6 else 4
        raise ProbeFailure(
            ErrorClass.DNS_ERROR, f"the host has no IPv{version} address", detail="nodata", phase="resolve"
        )
    return kept
