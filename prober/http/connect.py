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
from prober.http.handshake import Handshake
from prober.http.proxy import open_tunnel, own_trouble
from prober.http.settings import HttpSettings
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.network import Address, TlsKey
from prober.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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
        if self.settings.proxy is not None:
            return await self._through_proxy(url, factory, self.settings.proxy)
        assert url.host is not None
        assert url.port is not None
        with self.run.phase("resolve"):
            async with in_time(self.settings.deadlines.dns):
                family = _FAMILIES[self.settings.ip]
                addresses = await self.run.network.resolve(url.host, family)
            addresses = allow(_of_family(addresses, family))
        try:
            if len(addresses) == 1:
                return await self._dial(url, factory, addresses[0], url.port)
            with self.run.phase("connect"):
                async with in_time(self.settings.deadlines.connect):
                    sock = await _connected(addresses, url.port)
            return await self._wrap(url, factory, sock)
        except ssl.SSLCertVerificationError:
            await self._read_invalid_certificate(_connected(addresses, url.port), url)
            raise

    async def _through_proxy(self, url: URL, factory: Callable[[], ResponseProtocol], proxy: str) -> ResponseProtocol:
        """By way of our own proxy, whose troubles are ours. Raises ProbeFailure with detail ``proxy`` for them."""
        deadlines = self.settings.deadlines
        with own_trouble(self.run):
            with self.run.phase("resolve"):
                async with in_time(deadlines.dns):
                    addresses = await self.run.network.resolve(URL(proxy).host or "", socket.AF_UNSPEC)
            with self.run.phase("connect"):
                async with in_time(deadlines.connect):
                    sock = await _by_way_of(proxy, addresses, url)
        try:
            return await self._wrap(url, factory, sock)
        except ssl.SSLCertVerificationError:
            await self._read_invalid_certificate(_by_way_of(proxy, addresses, url), url)
            raise

    async def _dial(
        self, url: URL, factory: Callable[[], ResponseProtocol], address: Address, port: int
    ) -> ResponseProtocol:
        """One address, as in most runs: the loop's own connect spares system calls, and our context tells of TLS."""
        loop = asyncio.get_running_loop()
        if url.scheme == "http":
            with self.run.phase("connect"):
                async with in_time(self.settings.deadlines.connect):
                    _, protocol = await loop.create_connection(factory, address.host, port)
            return protocol
        context, name = self._tls(url)
        async with Handshake(self.run, self.settings.deadlines) as handshake:
            transport, protocol = await loop.create_connection(
                factory, address.host, port, ssl=context, server_hostname=name
            )
            handshake.done()
        note_expiry(transport, self.run)
        return protocol

    async def _wrap(self, url: URL, factory: Callable[[], ResponseProtocol], sock: socket.socket) -> ResponseProtocol:
        """A protocol on a connected socket, with TLS for https."""
        loop = asyncio.get_running_loop()
        try:
            if url.scheme == "http":
                _, protocol = await loop.create_connection(factory, sock=sock)
                return protocol
            with self.run.phase("tls"):
                context, name = self._tls(url)
                async with in_time(self.settings.deadlines.tls):
                    transport, protocol = await loop.create_connection(
                        factory, sock=sock, ssl=context, server_hostname=name
                    )
        except BaseException:
            sock.close()
            raise
        note_expiry(transport, self.run)
        return protocol

    def _tls(self, url: URL, *, verify: bool = True) -> tuple[ssl.SSLContext, str]:
        """The context, and the name to ask for and to verify."""
        name = self.settings.tls.server_name or url.host or ""
        return self.run.network.tls_context(self._key(verify=verify)), name.rstrip(".")

    def _key(self, *, verify: bool = True) -> TlsKey:
        tls = self.settings.tls
        return TlsKey(
            ca_file=tls.ca_file,
            client_cert_file=tls.client_cert_file,
            client_key_file=tls.client_key_file,
            verify=verify and tls.insecure is None,
        )

    async def _read_invalid_certificate(self, connecting: Awaitable[socket.socket], url: URL) -> None:
        """A second handshake that verifies nothing and sends nothing, only to export when the certificate ends.

        It is on a connection of its own, inside the run's deadline and outside its phases.
        """
        seconds = min(self.run.remaining_ns() / 1e9 * 0.9, _SECOND_HANDSHAKE)
        with contextlib.suppress(OSError, TimeoutError, ProbeFailure):
            async with asyncio.timeout(seconds):
                sock = await connecting
                with contextlib.closing(sock):
                    context, name = self._tls(url, verify=False)
                    transport, _ = await asyncio.get_running_loop().create_connection(
                        asyncio.Protocol, sock=sock, ssl=context, server_hostname=name
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


async def _by_way_of(proxy: str, addresses: Sequence[Address], url: URL) -> socket.socket:
    """A socket that is connected to the proxy, and for https through it to the URL's host."""
    sock = await _connected(addresses, URL(proxy).port or 80)
    try:
        if url.scheme == "https":
            await open_tunnel(sock, url, proxy)
    except BaseException:
        sock.close()
        raise
    return sock


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
