"""The prober as a whole: engine, sinks and web around one configuration."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

from prober import __version__
from prober.app.reload import Reloader
from prober.app.start import listen_error
from prober.app.supervisor import Supervisor
from prober.app.watch import Watch
from prober.browser.host import HostBrowser
from prober.config import Config, Sources, dump
from prober.engine import HELD_BACK, LEDGER, Breaker, Engine, Gauges, Purse, Shard, Sink
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.secret import Redactor
from prober.probes.rotation import Rotations
from prober.sinks.captures import Captures
from prober.sinks.history import History
from prober.sinks.incidents import Incidents
from prober.sinks.metrics import Metrics
from prober.sinks.state import States
from prober.web.application import make_app
from prober.web.server import authority, serving
from prober.web.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prober.app.reload import Load
    from prober.model.probe import Probe
    from prober.web.guard import Guard

__all__ = ["App", "ConfiguredSink"]

_log = logging.getLogger("prober")

_BEAT_SECONDS = 1.0
_START_SECONDS = 0.05
_MOST_NAMED = 10
_REMEMBERED = 16  # configurations whose secrets an answer to a run of theirs may still quote


class ConfiguredSink(Sink, Protocol):
    """A sink that is told of every configuration."""

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:
        """Take over a configuration."""


class App:
    """Runs the probes of a configuration and serves what came of them.

    ``reload`` loads the configuration, in a thread; ``sources`` are those that it was loaded from. With ``watch`` it is
    loaded again when a file of it has changed; secrets are read again in any case. ``beat`` is called while the event
    loop ticks. ``guard`` decides who may see the web interface.
    """

    def __init__(
        self,
        config: Config,
        *,
        reload: Load,
        sources: Sources | None = None,
        shard: Shard | None = None,
        data_dir: Path | None = None,
        watch: bool = False,
        guard: Guard | None = None,
        supervisor: Supervisor | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self.clock = Clock()
        self.redactor = Redactor(config.secrets)
        self._secrets: deque[frozenset[str]] = deque(maxlen=_REMEMBERED)
        self.config = config
        self.probes: tuple[Probe, ...] = ()
        self._shard = shard or Shard()
        self._guard = guard
        self._supervisor = supervisor or Supervisor({})
        self._beat = beat
        self._pause = min(_BEAT_SECONDS, (self._supervisor.watchdog_seconds or _BEAT_SECONDS) / 2)
        self._hangup = asyncio.Event()
        self._stopping = False
        self.states = States(self.clock)
        self.incidents = Incidents(self.states, clock=self.clock, data_dir=data_dir)
        self.history = History()
        self.captures = Captures(folder=None if data_dir is None else data_dir / "captures")
        self._purse = Purse(self.clock, path=None if data_dir is None else data_dir / LEDGER)
        self._breaker = Breaker(self.clock, path=None if data_dir is None else data_dir / HELD_BACK)
        self._memory = Memory()
        self._memory.put(Rotations(None if data_dir is None else data_dir / "refresh-tokens.json"))
        self.metrics = Metrics(version=__version__, states=self.states)
        self._sinks: list[ConfiguredSink] = [self.states, self.incidents, self.history, self.captures]
        self._engine: Engine | None = None
        self._reloader = Reloader(
            load=reload,
            apply=self._apply,
            begin=self._supervisor.reloading,
            end=self._note_reload,
            redactor=self.redactor,
            sources=sources or Sources(),
        )
        self._watch = Watch(self._reloader, documents=watch)

    def add_sink(self, sink: ConfiguredSink) -> None:
        """Hand results to this sink too, after the others have them."""
        self._sinks.append(sink)

    async def serve(self, *, host: str, port: int, listening: Callable[[str], None]) -> None:
        """Run until :meth:`stop`. ``listening`` is told the address. Raises :class:`StartError` if that is taken."""
        async with AsyncExitStack() as stack:
            network = await stack.enter_async_context(HostNetwork())
            browser = await stack.enter_async_context(HostBrowser(os.environ))
            self._engine = self._make_engine(network, browser)
            self._apply(self.config)
            self._note_reload()
            url = await self._listen(stack, host, port)
            listening(url)
            if self._stopping:
                self._engine.stop()
            async with asyncio.TaskGroup() as group:
                services = (
                    self.incidents.keep(),
                    self.captures.keep(),
                    self._reload_on_hangup(),
                    self._watch.keep(),
                    self._tell_that_we_live(self._engine),
                )
                beside = [group.create_task(service) for service in services]
                await self._engine.serve()
                for task in beside:
                    task.cancel()

    def stop(self) -> None:
        """Start no more runs, let those in flight end, then return from :meth:`serve`."""
        self._stopping = True
        self._supervisor.stopping()
        if self._engine is not None:
            self._engine.stop()

    def hang_up(self) -> None:
        """Load the configuration again soon."""
        self._hangup.set()

    async def reload(self) -> str | None:
        """Load the configuration again: either all of it runs, or the old one goes on and the mistakes are returned."""
        return "it is stopping" if self._stopping else await self._reloader.reload()

    def _apply(self, config: Config) -> None:
        self.config = config
        self.probes = tuple(probe for probe in config.probes if self._shard.owns(probe.name))
        self._secrets.append(frozenset(config.secrets))
        self.redactor.know_only(frozenset().union(*self._secrets))
        for sink in self._sinks:
            sink.configure(self.probes, config.location)
        self.metrics.configure(self.probes, config.location, connectivity=bool(config.connectivity))
        assert self._engine is not None
        self._engine.replace(self.probes, config.connectivity, budget=config.budget)
        self.metrics.own.reloaded_at = self.clock.wall_ns() / 1e9
        for warning in config.warnings:
            _log.warning("%s", warning)
        disabled = [f"{probe.name} ({probe.disabled})" for probe in self.probes if probe.disabled is not None]
        if disabled:
            more = [] if len(disabled) <= _MOST_NAMED else [f"and {len(disabled) - _MOST_NAMED} more"]
            _log.info("disabled: %s", ", ".join([*disabled[:_MOST_NAMED], *more]))

    def _note_reload(self) -> None:
        well = self._reloader.problem is None
        self.metrics.own.reload_successful = well
        if self._engine is not None and self._engine.unready() is None:
            count = len(self.probes)
            probes = f"{count} probe{'s' * (count != 1)}"
            self._supervisor.ready(probes if well else f"{probes}, the last reload failed: see the log")

    async def _reload_on_hangup(self) -> None:
        while True:
            await self._hangup.wait()
            self._hangup.clear()
            await self.reload()

    async def _tell_that_we_live(self, engine: Engine) -> None:
        """Beat while the loop ticks; tell the supervisor once probes run, and that they still do."""
        begun = False
        while True:
            self._beat()
            if not begun and engine.unready() is None:
                begun = True
                self._note_reload()
            if engine.unhealthy() is None:
                self._supervisor.alive()
            await asyncio.sleep(self._pause if begun else _START_SECONDS)

    def _make_engine(self, network: HostNetwork, browser: HostBrowser) -> Engine:
        own = self.metrics.own
        gauges = Gauges(
            lag_ns=lambda lag_ns: own.loop_lag.observe(lag_ns / 1e9),
            delay_ns=lambda delay_ns: own.schedule_delay.observe(delay_ns / 1e9),
            in_flight=lambda count: setattr(own, "runs_in_flight", count),
            connected=lambda connected: setattr(own, "connected", connected),
        )
        return Engine(
            network=network,
            browser=browser,
            clock=self.clock,
            redactor=self.redactor,
            sinks=(*self._sinks, self.metrics),
            gauges=gauges,
            purse=self._purse,
            breaker=self._breaker,
            memory=self._memory,
        )

    async def _listen(self, stack: AsyncExitStack, host: str, port: int) -> str:
        try:
            bound = await stack.enter_async_context(
                serving(make_app(self._views(), guard=self._guard), host=host, port=port, guard=self._guard)
            )
        except OSError as error:
            raise listen_error(host, port, error) from None
        scheme = "http" if self._guard is None or not self._guard.speaks_tls else "https"
        return f"{scheme}://{authority(host or bound[0][0], bound[0][1])}/"

    def _views(self) -> Views:
        engine = self._engine
        assert engine is not None
        return Views(
            metrics=self.metrics,
            states=self.states,
            history=self.history,
            incidents=self.incidents,
            probes=lambda: self.probes,
            next_run=engine.next_run_seconds,
            unhealthy=engine.unhealthy,
            unready=engine.unready,
            reload=self.reload,
            config_text=lambda: dump(self.config),
            clock=self.clock,
            location=lambda: self.config.location,
            captures=self.captures,
            problem=lambda: self._reloader.problem,
        )
