"""Runs a probe as the engine does and watches the process meanwhile: loop, memory, file descriptors, complaints."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.network import Network
from prober.model.run import Result
from prober.model.secret import Redactor
from tests.faults.case import load, row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from prober.model.probe import Probe
    from tests.target.zoo import Zoo

__all__ = ["Bench", "Seen", "bench", "observe", "said"]

_TICK = 0.005


@dataclass(slots=True, kw_only=True)
class Seen:
    """What went on in the process while a run lasted."""

    result: Result
    seconds: float
    worst_lag: float
    grown_bytes: int
    left_open: int
    complaints: list[str]


@dataclass(slots=True, kw_only=True)
class Bench:
    """What a run needs, and what the loop complained of."""

    network: Network
    lag: LagMonitor
    clock: Clock = field(default_factory=Clock)
    complaints: list[str] = field(default_factory=list)

    async def run(self, probe: Probe, secrets: tuple[str, ...] = ()) -> Result:
        """One run."""
        return await execute(
            probe,
            clock=self.clock,
            network=self.network,
            redactor=Redactor(secrets),
            connected=lambda: True,
            lag=self.lag,
        )


@asynccontextmanager
async def bench(zoo: Zoo) -> AsyncIterator[Bench]:
    """A bench whose names come from the zoo; it has done one healthy run, so that nothing is imported later."""
    clock = Clock()
    async with HostNetwork(nameservers=[zoo.name_server]) as network, asyncio.TaskGroup() as group:
        lag = LagMonitor(clock=clock)
        ticking = group.create_task(lag.serve())
        made = Bench(network=network, lag=lag, clock=clock)

        def complain(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
            made.complaints.append(f"{context.get('message')}: {context.get('exception')!r}")

        asyncio.get_running_loop().set_exception_handler(complain)
        for case in (row("healthy", host="healthy.test"), row("chat", kind="chat")):
            await made.run(*load(case.keys(zoo), zoo))
        yield made
        ticking.cancel()


class _Watch:
    """Samples the lateness of the loop and the memory of the process. A wait for a processor is nobody's lateness."""

    def __init__(self) -> None:
        self.worst_lag = 0.0
        self.began_bytes = self.most_bytes = _resident_bytes()

    async def serve(self) -> None:
        while True:
            due, waited = time.perf_counter() + _TICK, _waited_seconds()
            await asyncio.sleep(_TICK)
            self.worst_lag = max(self.worst_lag, time.perf_counter() - due - (_waited_seconds() - waited))
            self.most_bytes = max(self.most_bytes, _resident_bytes())


def _waited_seconds() -> float:
    """How long this thread was ready to run while no processor was free."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - iterating a Path would open it for longer


async def _closed_again(base: int) -> int:
    """How many more file descriptors are open than before, after the loop had time to close them."""
    for _ in range(50):
        if _open_files() <= base:
            return 0
        await asyncio.sleep(0.01)
    return _open_files() - base


async def observe(keys: Mapping[str, object], zoo: Zoo) -> Seen:
    """One run of the probe with these keys, and what it did to its process."""
    async with bench(zoo) as made, asyncio.TaskGroup() as group:
        probe, secrets = load(keys, zoo)
        gc.collect()
        gc.freeze()  # what is looked for afterwards is this run's garbage, not that of all the tests before it
        base, watch = _open_files(), _Watch()
        watching = group.create_task(watch.serve())
        await asyncio.sleep(2 * _TICK)
        began = time.perf_counter()
        result = await made.run(probe, secrets)
        seconds = time.perf_counter() - began
        await asyncio.sleep(2 * _TICK)
        watching.cancel()
        left_open = await _closed_again(base)
        return Seen(
            result=result,
            seconds=seconds,
            worst_lag=watch.worst_lag,
            grown_bytes=watch.most_bytes - watch.began_bytes,
            left_open=left_open,
            complaints=made.complaints,
        )


def said(result: Result) -> str:
    """Class, detail, phase and fault of a result; empty for a healthy one."""
    failure = result.failure
    if failure is None:
        return ""
    return f"{failure.error_class} {failure.detail} {failure.phase} {failure.fault}"
