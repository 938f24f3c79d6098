"""Whether our own network is up, asked of the `connectivity` targets by TCP beside all probes."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Protocol

import aiodns.error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prober.model.clock import Clock
    from prober.model.network import Address, Network

__all__ = ["Connectivity", "Target"]

_INTERVAL_SECONDS = 10.0
_INTERVAL_DOWN_SECONDS = 3.0
_TIMEOUT_SECONDS = 3.0
_CONFIRM_SECONDS = 1.0
_FRESH_NS = 250_000_000
_ADDRESSES_TRIED = 2


class Target(Protocol):
    """Where a TCP connection shows that our network is up."""

    @property
    def host(self) -> str:
        """A name or a numeric address."""

    @property
    def port(self) -> int:
        """The TCP port."""


def _ignore(_connected: bool) -> None:
    """Nobody asked."""


class Connectivity:
    """Whether any of the targets takes a connection. Without targets, and before the first answer, we are connected."""

    __slots__ = ("_began_ns", "_clock", "_lock", "_network", "_observe", "_targets", "connected")

    def __init__(
        self,
        targets: Sequence[Target] = (),
        *,
        network: Network,
        clock: Clock,
        observe: Callable[[bool], None] = _ignore,
    ) -> None:
        self._targets = tuple(targets)
        self._network = network
        self._clock = clock
        self._observe = observe
        self._lock = asyncio.Lock()
        self._began_ns: int | None = None
        self.connected = True

    def replace(self, targets: Sequence[Target]) -> None:
        """Ask these from now on."""
        self._targets = tuple(targets)
        if not self._targets:
            self._conclude(connected=True)

    async def serve(self) -> None:
        """Check every 10 s, and every 3 s while the network is down, until cancelled."""
        while True:
            async with self._lock:
                await self._check()
            await asyncio.sleep(_INTERVAL_SECONDS if self.connected else _INTERVAL_DOWN_SECONDS)

    async def confirm(self) -> bool:
        """Whether we are connected right now, by a check that is fresh; takes at most a second.

        A network that does not answer in that second counts as down until the next check.
        """
        asked_ns = self._clock.monotonic_ns()
        try:
            async with asyncio.timeout(_CONFIRM_SECONDS), self._lock:
                if self._began_ns is None or self._began_ns < asked_ns - _FRESH_NS:
                    await self._check()
        except TimeoutError:
            self._conclude(connected=False)
        return self.connected

    async def _check(self) -> None:
        if not self._targets:
            return
        self._began_ns = self._clock.monotonic_ns()
        self._conclude(connected=await self._any_answers())

    def _conclude(self, *, connected: bool) -> None:
        self.connected = connected
        self._observe(connected)

    async def _any_answers(self) -> bool:
        async with asyncio.TaskGroup() as group:
            attempts = [group.create_task(self._answers(target)) for target in self._targets]
            for attempt in asyncio.as_completed(attempts):
                if await attempt:
                    for other in attempts:
                        other.cancel()
                    return True
        return False

    async def _answers(self, target: Target) -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                addresses = await self._network.resolve(target.host, socket.AF_UNSPEC)
                for address in addresses[:_ADDRESSES_TRIED]:
                    if await _connects(address, target.port):
                        return True
        except (OSError, aiodns.error.DNSError):  # TimeoutError is an OSError
            return False
        return False


async def _connects(address: Address, port: int) -> bool:
    try:
        transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, address.host, port)
    except OSError:
        return False
    transport.abort()
    return True
