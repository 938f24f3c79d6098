"""The host's side of a run: names to addresses, and TLS contexts."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Self

import aiodns
from aiodns.error import ARES_EBADRESP, DNSError

from prober.http.handshake import WatchedContext
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.network import Address, TlsKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import pycares

__all__ = ["HostNetwork"]

_FORGET_AFTER = 1.0  # seconds


class _Resolver(aiodns.DNSResolver):
    """c-ares, which tells NXDOMAIN from SERVFAIL and needs no thread for a look-up that is stuck."""

    def forget(self) -> None:
        """Drop the answers that c-ares keeps for their TTL, and read resolv.conf again."""
        self._channel.reinit()


class HostNetwork:
    """Resolves with c-ares and keeps one TLS context for each way of verifying. An async context manager.

    c-ares keeps answers as long as their TTL says, which would hide a name server that fails meanwhile; so what it
    knows is forgotten a second after it was learnt. ``nameservers`` replaces those of resolv.conf, as ``ADDRESS:PORT``.
    """

    def __init__(self, *, nameservers: Sequence[str] | None = None, timeout: float = 2.0, tries: int = 3) -> None:
        self._nameservers = nameservers
        self._timeout = timeout
        self._tries = tries
        self._resolver: _Resolver | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._contexts: dict[TlsKey, tuple[object, ssl.SSLContext]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None

    async def resolve(self, host: str, family: socket.AddressFamily) -> Sequence[Address]:
        """The addresses of a name, IPv4 first. A numeric address is its own. Raises aiodns' DNSError."""
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        # ADDRCONFIG would hide a family that this host has no address for, and with it the reason of a failure.
        try:
            found = await self._channel().getaddrinfo(host, family=family, type=socket.SOCK_STREAM)
        except DNSError as error:
            if error.args[0] != ARES_EBADRESP:
                raise
            found = await self._asked_alone(host, family)
        finally:
            if self._forgetting is None:
                self._forgetting = asyncio.get_running_loop().call_later(_FORGET_AFTER, self._forget)
        addresses = [
            Address(socket.AddressFamily(node.family), node.addr[0].decode())
            for node in found.nodes
            if node.family in {socket.AF_INET, socket.AF_INET6}
        ]
        addresses.sort(key=lambda address: address.family != socket.AF_INET)
        return tuple(dict.fromkeys(addresses))

    def tls_context(self, key: TlsKey) -> ssl.SSLContext:
        """A client context for the key; made once for each state of its files. Raises OSError, also as ssl.SSLError.

        While the files cannot be used, as in the middle of being replaced, the context that they made before goes on.
        """
        known = self._contexts.get(key)
        try:
            state = _state_of(key)
            if known is None or known[0] != state:
                known = self._contexts[key] = (state, _context(key))
        except OSError:  # ssl.SSLError is one
            if known is None:
                raise
        return known[1]

    async def _asked_alone(self, host: str, family: socket.AddressFamily) -> pycares.AddrInfoResult:
        """What an own socket hears: a broken answer spoils all that was asked over the same one, whoever it is for."""
        resolver = self._new_resolver()
        try:
            return await resolver.getaddrinfo(host, family=family, type=socket.SOCK_STREAM)
        finally:
            await resolver.close()

    def _channel(self) -> _Resolver:
        if self._resolver is None:
            self._resolver = self._new_resolver()
        return self._resolver

    def _new_resolver(self) -> _Resolver:
        return _Resolver(nameservers=self._nameservers, timeout=self._timeout, tries=self._tries)

    def _forget(self) -> None:
        self._forgetting = None
        if self._resolver is not None:
            self._resolver.forget()


@lru_cache(maxsize=4096)
def _literal(host: str) -> Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return Address(socket.AF_INET if address.version == 4 else socket.AF_INET6, host)


def _state_of(key: TlsKey) -> object:
    """What is another as soon as a certificate or key has been replaced. Raises OSError."""
    files = (key.ca_file, key.client_cert_file, key.client_key_file)
    looks = [os.stat(file) for file in files if file is not None]  # noqa: PTH116 - for every run, so it is to be quick
    return [(look.st_dev, look.st_ino, look.st_size, look.st_mtime_ns, look.st_ctime_ns) for look in looks]


def _context(key: TlsKey) -> ssl.SSLContext:
    context = WatchedContext(ssl.PROTOCOL_TLS_CLIENT)
    if key.ca_file is None:
        _trust_as_the_host_does(context, verify=key.verify)
    else:
        context.load_verify_locations(key.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if key.client_cert_file is not None:
        context.load_cert_chain(key.client_cert_file, key.client_key_file)
    if not key.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trust_as_the_host_does(context: ssl.SSLContext, *, verify: bool) -> None:
    """Load the host's authorities; SSL_CERT_FILE and SSL_CERT_DIR count. Without any, no target is to blame."""
    context.load_default_certs()
    if not verify or context.cert_store_stats()["x509"]:
        return
    places = ssl.get_default_verify_paths()
    folders = os.environ.get(places.openssl_capath_env, places.openssl_capath).split(os.pathsep)
    if not any(any(Path(folder).glob("*")) for folder in folders):  # OpenSSL looks into them when a certificate comes
        said = "this host trusts no authority: install ca-certificates, or set SSL_CERT_FILE or `tls: {ca_file: ...}`"
        raise ProbeFailure(ErrorClass.PROBER_ERROR, said, detail="config", phase="tls")
