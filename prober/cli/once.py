"""Every probe once, now, all at the same time."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Protocol

from prober.browser.host import HostBrowser
from prober.engine import Connectivity, LagMonitor, execute
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.secret import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.config import Config
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["Audience", "run_once"]

_IN_FLIGHT = 256
_PACE_SECONDS = 0.001  # so that the work of starting many is in no connection's time


class Audience(Protocol):
    """Who is told while runs go on."""

    def started(self, probe: Probe) -> None:
        """A run begins."""

    def finished(self, probe: Probe, result: Result) -> None:
        """A run has come to its result."""


async def run_once(config: Config, probes: Sequence[Probe], audience: Audience) -> dict[str, Result]:
    """The result of each of these probes by name, as soon as all are there; disabled ones have none."""
    clock = Clock()
    redactor = Redactor(config.secrets)
    lag = LagMonitor(clock=clock)
    slots = asyncio.Semaphore(_IN_FLIGHT)
    memory = Memory()
    results: dict[str, Result] = {}
    async with HostNetwork() as network, HostBrowser(os.environ) as browser:
        connectivity = Connectivity(config.connectivity, network=network, clock=clock)

        async def run(probe: Probe) -> None:
            async with slots:
                audience.started(probe)
                results[probe.name] = await execute(
                    probe,
                    clock=clock,
                    network=network,
                    redactor=redactor,
                    connected=lambda: connectivity.connected,
                    lag=lag,
                    confirm=connectivity.confirm,
                    memory=memory,
                    browser=browser,
                )
            audience.finished(probe, results[probe.name])

        async with asyncio.TaskGroup() as beside:
            monitor = beside.create_task(lag.serve())
            async with asyncio.TaskGroup() as runs:
                for probe in probes:
                    if probe.disabled is None:
                        runs.create_task(run(probe))
                        await asyncio.sleep(_PACE_SECONDS)
            monitor.cancel()
    return results
