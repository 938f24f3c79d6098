"""Small stand-ins: probes around a function, and a network that knows nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.network import Address, TlsKey
from prober.model.probe import Kind, Probe
from prober.model.run import Outcome, Result, Run

if TYPE_CHECKING:
    import socket
    import ssl

MS = 1_000_000
SECOND = 10**9

RunFunction = Callable[[object, Run], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSettings:
    """No settings."""


class NoNetwork:
    """A host without names; a numeric address is its own."""

    async def resolve(self, host: str, family: socket.AddressFamily) -> Sequence[Address]:
        import socket as sockets

        return (Address(sockets.AF_INET, host),)

    def tls_context(self, key: TlsKey) -> ssl.SSLContext:
        raise OSError("no trust store")


async def succeed(_settings: object, _run: Run) -> None:
    """A run that ends well at once."""


def kind_of(run: RunFunction = succeed) -> Kind[object]:
    """A kind that runs this function."""
    return Kind(name="fake", doc="A fake.", settings=FakeSettings, run=run, phases=("connect",))


FAKE = kind_of()


def probe(
    name: str = "fake",
    run: RunFunction | None = None,
    *,
    interval: float = 10.0,
    timeout: float = 5.0,
    retry: float | None = None,
    slow: Mapping[str, float] | None = None,
    disabled: str | None = None,
) -> Probe:
    """A probe around a function; times in seconds."""
    return Probe(
        name=name,
        kind=FAKE if run is None else kind_of(run),
        provider="acme",
        service="api",
        interval_ns=round(interval * SECOND),
        timeout_ns=round(timeout * SECOND),
        retry_interval_ns=round((interval if retry is None else retry) * SECOND),
        slow_ns={key: round(value * SECOND) for key, value in (slow or {}).items()},
        settings=FakeSettings(),
        disabled=disabled,
    )


def result(name: str = "fake", outcome: Outcome = Outcome.OK) -> Result:
    """A result with nothing in it."""
    return Result(probe=name, outcome=outcome, started_at_ns=0, duration_ns=0)
