"""Everything that goes on while probes are run by the clock: the schedule, the lag monitor, the connectivity check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prober.engine.breaker import Breaker
from prober.engine.connectivity import Connectivity
from prober.engine.execute import execute
from prober.engine.garbage import collect_rarely, settle
from prober.engine.lag import LagMonitor
from prober.engine.limits import concurrent_runs
from prober.engine.purse import Purse
from prober.engine.scheduler import Scheduler
from prober.model.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.engine.connectivity import Target
    from prober.model.browser import Browser
    from prober.model.clock import Clock
    from prober.model.network import Network
    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.model.secret import Redactor
    from prober.model.spending import WholeBudget

__all__ = ["Engine", "Gauges", "Sink"]

_STALE_NS = 5_000_000_000


class Sink(Protocol):
    """Where results go."""

    def record(self, probe: Probe, result: Result) -> None:
        """Take one result."""

    def skip(self, probe: Probe, reason: str) -> None:
        """Take note of a run that was due and did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Who is told of the engine's own numbers; ``connected`` is None without targets."""

    lag_ns: Callable[[int], None]
    delay_ns: Callable[[int], None]
    in_flight: Callable[[int], None]
    connected: Callable[[bool | None], None]


class Engine:
    """Runs probes and hands their results to the sinks, in their order."""

    def __init__(
        self,
        *,
        network: Network,
        clock: Clock,
        redactor: Redactor,
        sinks: Sequence[Sink],
        gauges: Gauges,
        browser: Browser | None = None,
        purse: Purse | None = None,
        breaker: Breaker | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._network = network
        self._clock = clock
        self._redactor = redactor
        self._sinks = tuple(sinks)
        self._gauges = gauges
        self._in_flight = 0
        self._has_targets = False
        self._probes: tuple[Probe, ...] = ()
        self._serving = False
        self._lag = LagMonitor(clock=clock, observe=gauges.lag_ns)
        self._connectivity = Connectivity(network=network, clock=clock, observe=self._observe_connected)
        self._breaker = breaker or Breaker(clock)
        self._purse = purse or Purse(clock)
        self._memory = memory or Memory()
        self._browser = browser
        self._scheduler = Scheduler(
            execute=self._execute,
            record=self._record,
            skip=self._skip,
            clock=clock,
            limit=concurrent_runs(),
            observe_delay=gauges.delay_ns,
            holds=self._held,
            share=self._breaker.share,
        )

    def replace(self, probes: Sequence[Probe], targets: Sequence[Target], *, budget: WholeBudget | None = None) -> None:
        """Run these probes from now on, within the budget, and check our own network by these targets."""
        self._has_targets = bool(targets)
        self._connectivity.replace(targets)
        self._observe_connected(self._connectivity.connected)
        self._purse.configure(probes, budget)
        self._probes = tuple(probes)
        if self._serving:
            self._scheduler.replace(self._probes)

    async def serve(self) -> None:
        """Run probes until :meth:`stop`, and until those in flight have ended or had their grace."""
        settle()
        self._serving = True
        self._scheduler.replace(self._probes)  # not before: ticks that go by during the start are nobody's delay
        async with asyncio.TaskGroup() as group:
            kept = (self._purse.keep(), self._breaker.keep())
            services = (collect_rarely(), self._lag.serve(), self._connectivity.serve(), *kept)
            beside = [group.create_task(service) for service in services]
            await self._scheduler.serve()
            for task in beside:
                task.cancel()

    def stop(self) -> None:
        """Start no more runs."""
        self._scheduler.stop()

    def next_run_seconds(self, name: str) -> float | None:
        """When that probe runs next, in Unix time; None if it does not."""
        at_ns = self._scheduler.next_run_ns(name)
        return None if at_ns is None else (self._clock.wall_ns() + at_ns - self._clock.monotonic_ns()) / 1e9

    def unready(self) -> str | None:
        """Why no probe is run now; None if all is well."""
        return "it is stopping" if self._scheduler.stopping else self.unhealthy()

    def unhealthy(self) -> str | None:
        """Why this process should be started again; None if all is well."""
        if self._scheduler.stopping:
            return None
        for what, tick_ns in (("event loop", self._lag.last_tick_ns), ("scheduler", self._scheduler.last_tick_ns)):
            if tick_ns is None:
                return f"the {what} has not begun"
            age_ns = self._clock.monotonic_ns() - tick_ns
            if age_ns > _STALE_NS:
                return f"the {what} has not ticked for {age_ns / 1e9:.0f} s"
        return None

    def _held(self, probe: Probe) -> str | None:
        """Why a probe must not run now, or None."""
        if self._breaker.holds(probe):
            return "breaker"
        return "budget" if self._purse.holds(probe) else None

    async def _execute(self, probe: Probe) -> Result:
        self._count(1)
        try:
            with self._purse.reserving(probe):
                result = await execute(
                    probe,
                    clock=self._clock,
                    network=self._network,
                    redactor=self._redactor,
                    connected=lambda: self._connectivity.connected,
                    lag=self._lag,
                    confirm=self._connectivity.confirm,
                    memory=self._memory,
                    browser=self._browser,
                )
            self._breaker.note(probe, result)
            self._purse.note(probe, result)  # also if a reload has replaced the probe meanwhile: it was paid
            return result
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        self._in_flight += more
        self._gauges.in_flight(self._in_flight)

    def _record(self, probe: Probe, result: Result) -> None:
        for sink in self._sinks:
            sink.record(probe, result)

    def _skip(self, probe: Probe, reason: str) -> None:
        for sink in self._sinks:
            sink.skip(probe, reason)

    def _observe_connected(self, connected: bool) -> None:
        self._gauges.connected(connected if self._has_targets else None)
