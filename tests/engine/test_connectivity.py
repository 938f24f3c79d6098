"""Tests of the connectivity check: who counts as connected, how often it looks, and how fast it confirms."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiodns.error
import pytest

from prober.engine.connectivity import Connectivity
from prober.engine.execute import execute
from prober.engine.lag import LagMonitor
from prober.model.errors import ErrorClass, Fault, ProbeFailure
from prober.model.network import Address, TlsKey
from prober.model.secret import Redactor
from tests.engine.fakes import SECOND, probe
from tests.engine.virtual import VirtualTime

if TYPE_CHECKING:
    import ssl

    from prober.model.run import Run
    from tests.conftest import Runner

Names = Callable[[str], Awaitable[Sequence[Address]]]


@dataclass(frozen=True)
class Target:
    """Where to connect to."""

    host: str
    port: int


class Net:
    """A network in which names behave as the test wants; `fails` is no name, `hangs` never answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False

    async def resolve(self, host: str, family: socket.AddressFamily) -> Sequence[Address]:
        self.asked.append(host)
        if host == "hangs":
            await asyncio.Event().wait()
        if host == "fails" or self.down:
            raise aiodns.error.DNSError(4, "not found")
        return (Address(socket.AF_INET, "127.0.0.1"),)

    def tls_context(self, key: TlsKey) -> ssl.SSLContext:
        raise OSError("no trust store")


@contextmanager
def listening() -> Iterator[int]:
    """A port of loopback that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def closed() -> Iterator[int]:
    """A port of loopback that refuses connections."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize(
    ("hosts", "connected"),
    [
        pytest.param([], True, id="no targets"),
        pytest.param(["open"], True, id="one answers"),
        pytest.param(["closed"], False, id="one refuses"),
        pytest.param(["fails"], False, id="no name"),
        pytest.param(["closed", "open"], True, id="one of two answers"),
        pytest.param(["fails", "closed"], False, id="none of two answers"),
    ],
)
def test_one_answer_is_enough(run_loop: Runner[bool], hosts: list[str], connected: bool) -> None:
    """We are connected if any target takes a connection."""

    async def main() -> bool:
        targets = [Target(host, ports.get(host, 1)) for host in hosts]
        checks = Connectivity(targets, network=Net(), clock=VirtualTime().clock)
        assert checks.connected
        assert await checks.confirm() is checks.connected
        return checks.connected

    with listening() as open_port, closed() as closed_port:
        ports = {"open": open_port, "closed": closed_port}
        assert run_loop(main()) is connected


def test_it_looks_every_ten_seconds_and_more_often_while_down() -> None:
    """A network that comes back is noticed soon."""
    time, net = VirtualTime(), Net()
    seen: list[bool] = []

    async def main() -> None:
        checks = Connectivity([Target("name", port)], network=net, clock=time.clock, observe=seen.append)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(checks.serve())
            await asyncio.sleep(25)
            net.down = True
            await asyncio.sleep(20)
            task.cancel()

    with listening() as port:
        time.run(main)
    assert seen == [True] * 3 + [False] * 5


def test_a_confirmation_takes_a_second_at_most() -> None:
    """A network that swallows packets counts as down; the runs that wait do not wait for its timeout."""
    time = VirtualTime()

    async def main() -> bool:
        return await Connectivity([Target("hangs", 1)], network=Net(), clock=time.clock).confirm()

    assert time.run(main) is False
    assert time.now_ns == SECOND


def test_many_confirmations_share_one_check() -> None:
    """A thousand probes that fail at once do not make a thousand connections."""
    time, net = VirtualTime(), Net()

    async def main() -> None:
        checks = Connectivity([Target("fails", 1)], network=net, clock=time.clock)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(checks.confirm()) for _ in range(1000)]
        assert {task.result() for task in tasks} == {False}

    time.run(main)
    assert len(net.asked) == 1


def test_a_verdict_is_not_confirmed_by_an_old_check() -> None:
    """What was true a second ago says nothing about the failure of right now."""
    time, net = VirtualTime(), Net()

    async def main() -> None:
        checks = Connectivity([Target("name", port)], network=net, clock=time.clock)
        assert await checks.confirm()
        net.down = True
        await asyncio.sleep(1)
        assert not await checks.confirm()

    with listening() as port:
        time.run(main)


def test_without_targets_we_are_connected_again() -> None:
    """A reload that takes the targets out ends the outage that they saw."""
    time = VirtualTime()

    async def main() -> None:
        checks = Connectivity([Target("fails", 1)], network=Net(), clock=time.clock)
        assert not await checks.confirm()
        checks.replace([])
        assert checks.connected

    time.run(main)


def test_the_first_failure_of_an_own_outage_is_local() -> None:
    """No regular check has noticed yet, and the failure blames our network all the same."""
    time, net = VirtualTime(), Net()

    async def unresolved(_settings: object, run: Run) -> None:
        with run.phase("resolve"):
            raise ProbeFailure(ErrorClass.DNS_ERROR, "no answer", detail="timeout")

    async def main() -> Fault | None:
        checks = Connectivity([Target("name", port)], network=net, clock=time.clock)
        assert await checks.confirm()
        net.down = True
        await asyncio.sleep(2)
        result = await execute(
            probe("a", unresolved),
            clock=time.clock,
            network=net,
            redactor=Redactor(),
            connected=lambda: checks.connected,
            lag=LagMonitor(clock=time.clock),
            confirm=checks.confirm,
        )
        return None if result.failure is None else result.failure.fault

    with listening() as port:
        assert time.run(main) is Fault.LOCAL
