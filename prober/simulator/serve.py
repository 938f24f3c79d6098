"""A running simulator: ``async with running(settings, host, port) as simulator``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.app import build
from prober.simulator.faults.store import Faults
from prober.simulator.scenario import Stage, load
from prober.simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from prober.simulator.scenario import Scenario

__all__ = ["Simulator", "running"]

_SHUTDOWN_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """Where it listens, and the handles to make things go wrong without asking over HTTP.

    ``urls`` has the base URL of every provider by name, without a slash at the end; ``url`` is the first one's.
    """

    host: str
    port: int
    urls: Mapping[str, str]
    faults: Faults
    stage: Stage
    settings: SimulatorSettings

    @property
    def url(self) -> str:
        """The base URL of the first provider."""
        return self.urls[self.settings.providers[0].name]

    async def play(self, scenario: Scenario | str, *, speed: float = 1.0) -> None:
        """Play a scenario, given itself or its name. Runs until its end; to play beside other work, give it a task."""
        chosen = load(scenario, self.faults.providers) if isinstance(scenario, str) else scenario
        await self.stage.play(chosen, speed=speed)


@asynccontextmanager
async def running(settings: SimulatorSettings, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Simulator]:
    """A simulator that listens while the block runs; port 0 takes a free one. It uses the running event loop."""
    names = [provider.name for provider in settings.providers]
    faults = Faults(names, seed=settings.seed)
    stage = Stage(faults)
    # With handler_cancellation a stalled stream ends when its client goes, instead of waiting for ever.
    runner = web.AppRunner(
        build(settings, faults=faults, stage=stage),
        handler_cancellation=True,
        access_log=None,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        bound = runner.addresses[0][1]
        base = f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
        yield Simulator(
            host=host,
            port=bound,
            urls={provider.name: base + provider.prefix for provider in settings.providers},
            faults=faults,
            stage=stage,
            settings=settings,
        )
    finally:
        await runner.cleanup()
