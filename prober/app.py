"""The composition root: configuration, engine, sinks and web in one process; signals, reload and drain."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import uvloop

from prober import __version__
from prober.browser.host import HostBrowser
from prober.config import Config, ConfigErrors, dump, load
from prober.engine import LEDGER, Engine, Gauges, Purse, Shard, Sink, raise_file_limit, write_journal
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.probes.rotation import Rotations
from prober.sinks.captures import Captures
from prober.sinks.history import History
from prober.sinks.incidents import Incidents
from prober.sinks.log import LogSink
from prober.sinks.metrics import Metrics
from prober.sinks.state import States
from prober.web.application import make_app
from prober.web.server import authority, serving
from prober.web.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model.probe import Probe

__all__ = ["App", "ConfiguredSink", "Options", "StartError", "handle_signals", "listen_error", "run"]

_log = logging.getLogger("prober")


class StartError(Exception):
    """Why the process could not begin, in one line for the operator."""


class ConfiguredSink(Sink, Protocol):
    """A sink that is told of every configuration."""

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:
        """Take over a configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``prober run`` is told."""

    config: Path
    host: str = "127.0.0.1"
    port: int = 9813
    location: str | None = None
    shard: Shard = field(default_factory=Shard)
    data_dir: Path | None = None
    strict: bool = False


class App:
    """Runs the probes of a configuration and serves what came of them; ``reload`` loads it again, in a thread."""

    def __init__(
        self, config: Config, *, reload: Callable[[], Config], shard: Shard | None = None, data_dir: Path | None = None
    ) -> None:
        self.clock = Clock()
        self.redactor = Redactor(config.secrets)
        self.config = config
        self.probes: tuple[Probe, ...] = ()
        self._load = reload
        self._shard = shard or Shard()
        self._reloading = asyncio.Lock()
        self._hangup = asyncio.Event()
        self.states = States(self.clock)
        self.incidents = Incidents(self.states, clock=self.clock, data_dir=data_dir)
        self.history = History()
        self.captures = Captures(folder=None if data_dir is None else data_dir / "captures")
        self._purse = Purse(self.clock, path=None if data_dir is None else data_dir / LEDGER)
        self._memory = Memory()
        self._memory.put(Rotations(None if data_dir is None else data_dir / "refresh-tokens.json"))
        self.metrics = Metrics(version=__version__, states=self.states)
        self._sinks: list[ConfiguredSink] = [self.states, self.incidents, self.history, self.captures]
        self._engine: Engine | None = None

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
            url = await self._listen(stack, host, port)
            listening(url)
            async with asyncio.TaskGroup() as group:
                services = (self.incidents.keep(), self.captures.keep(), self._reload_on_hangup())
                beside = [group.create_task(service) for service in services]
                await self._engine.serve()
                for task in beside:
                    task.cancel()

    def stop(self) -> None:
        """Start no more runs, let those in flight end, then return from :meth:`serve`."""
        if self._engine is not None:
            self._engine.stop()

    def hang_up(self) -> None:
        """Load the configuration again soon."""
        self._hangup.set()

    async def reload(self) -> str | None:
        """Load the configuration again: either all of it runs, or the old one goes on and the mistakes are returned."""
        async with self._reloading:
            try:
                config = await asyncio.to_thread(self._load)
            except ConfigErrors as errors:
                wrong = self.redactor(str(errors))
                self.metrics.own.reload_successful = False
                _log.error("the configuration was not loaded, the one before goes on:\n%s", wrong)
                return wrong
            self._apply(config)
            _log.info("configuration loaded: %d probes", len(self.probes))
            return None

    def _apply(self, config: Config) -> None:
        self.config = config
        self.probes = tuple(probe for probe in config.probes if self._shard.owns(probe.name))
        self.redactor.add(config.secrets)
        for sink in self._sinks:
            sink.configure(self.probes, config.location)
        self.metrics.configure(self.probes, config.location, connectivity=bool(config.connectivity))
        assert self._engine is not None
        self._engine.replace(self.probes, config.connectivity, budget=config.budget)
        self.metrics.own.reload_successful = True
        self.metrics.own.reloaded_at = self.clock.wall_ns() / 1e9
        for warning in config.warnings:
            _log.warning("%s", warning)

    async def _reload_on_hangup(self) -> None:
        while True:
            await self._hangup.wait()
            self._hangup.clear()
            await self.reload()

    def _make_engine(self, network: HostNetwork, browser: HostBrowser) -> Engine:
        own = self.metrics.own
        gauges = Gauges(
            lag_ns=lambda lag_ns: own.loop_lag.observe(lag_ns / 1e9),
            delay_ns=lambda delay_ns: own.schedule_delay.observe(delay_ns / 1e9),
            in_flight=lambda count: setattr(own, "runs_in_flight", count),
            connected=lambda connected: setattr(own, "connected", connected),
        )
        here = partial(Engine, network=network, browser=browser, clock=self.clock, redactor=self.redactor)
        return here(sinks=(*self._sinks, self.metrics), gauges=gauges, purse=self._purse, memory=self._memory)

    async def _listen(self, stack: AsyncExitStack, host: str, port: int) -> str:
        try:
            bound = await stack.enter_async_context(serving(make_app(self._views()), host=host, port=port))
        except OSError as error:
            raise listen_error(host, port, error) from None
        return f"http://{authority(host or bound[0][0], bound[0][1])}/"

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
        )


def listen_error(host: str, port: int, error: OSError) -> StartError:
    """Why nothing can be served there."""
    known = error.errno is not None and error.errno > 0
    reason = os.strerror(error.errno or 0).lower() if known else error.strerror or str(error)
    return StartError(f"cannot listen on {authority(host, port)}: {reason}")


def handle_signals(app: App) -> None:
    """SIGTERM and SIGINT end the app; a second one ends the process at once. SIGHUP loads the configuration again."""
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, os._exit, 128 + number)
        app.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    loop.add_signal_handler(signal.SIGHUP, app.hang_up)


def run(options: Options) -> int:
    """Run a prober until it is told to end; the exit status. Raises ConfigErrors and :class:`StartError`."""

    def load_again() -> Config:
        return load(options.config, kinds=KINDS, env=os.environ, location=options.location, strict=options.strict)

    config = load_again()
    if options.data_dir is not None:
        _check_writable(options.data_dir)
    raise_file_limit()
    uvloop.run(_serve(config, options, load_again))
    return 0


async def _serve(config: Config, options: Options, load_again: Callable[[], Config]) -> None:
    app = App(config, reload=load_again, shard=options.shard, data_dir=options.data_dir)
    write_journal(sys.stderr, app.redactor)
    with LogSink(sys.stderr, redactor=app.redactor, clock=app.clock) as log:
        app.add_sink(log)
        handle_signals(app)
        announce = partial(_log.info, "prober %s serves %s", __version__)
        await app.serve(host=options.host, port=options.port, listening=announce)
    _log.info("stopped")


def _check_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"cannot use {data_dir} as data directory: {error.strerror}") from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise StartError(f"cannot write in the data directory {data_dir}")
