"""``prober run`` as a process: its options, its signals, its heart."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from prober import __version__
from prober.app.composition import App
from prober.app.heart import Heart
from prober.app.start import StartError
from prober.app.supervisor import Supervisor
from prober.config import Config, Sources, load
from prober.engine import Shard, raise_file_limit, write_journal
from prober.probes import KINDS
from prober.sinks.log import LogSink
from prober.web.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Options", "handle_signals", "run"]

_log = logging.getLogger("prober")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``prober run`` is told. Without a tick of the event loop for ``hang_seconds`` it ends; 0 is never."""

    config: Path
    host: str = "127.0.0.1"
    port: int = 9813
    location: str | None = None
    shard: Shard = field(default_factory=Shard)
    data_dir: Path | None = None
    strict: bool = False
    watch: bool = False
    web_config: Path | None = None
    hang_seconds: float = 30.0


def run(options: Options) -> int:
    """Run a prober until it is told to end; the exit status. Raises ConfigErrors and :class:`StartError`."""

    def load_again(sources: Sources) -> Config:
        return load(
            options.config,
            kinds=KINDS,
            env=os.environ,
            location=options.location,
            strict=options.strict,
            sources=sources,
        )

    sources = Sources()
    config = load_again(sources)
    guard = None if options.web_config is None else Guard.open(options.web_config)
    if options.data_dir is not None:
        _check_writable(options.data_dir)
    raise_file_limit()
    faulthandler.enable()  # systemd's watchdog ends a process by SIGABRT
    with Heart(options.hang_seconds) as heart:
        app = partial(App, config, reload=load_again, sources=sources, guard=guard, beat=heart.beat)
        uvloop.run(_serve(app, options))
    return 0


async def _serve(make: Callable[..., App], options: Options) -> None:
    app = make(
        shard=options.shard,
        data_dir=options.data_dir,
        watch=options.watch,
        supervisor=Supervisor(os.environ),
    )
    with LogSink(sys.stderr, redactor=app.redactor, clock=app.clock) as log:
        write_journal(log, app.redactor)
        app.add_sink(log)
        handle_signals(app)
        announce = partial(_log.info, "prober %s serves %s", __version__)
        await app.serve(host=options.host, port=options.port, listening=announce)
        _log.info("stopped")


def handle_signals(app: App) -> None:
    """SIGTERM and SIGINT end the app; a second one ends the process at once. SIGHUP loads the configuration again.

    A hang-up that was held back while there was no handler comes now.
    """
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, os._exit, 128 + number)
        app.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    loop.add_signal_handler(signal.SIGHUP, app.hang_up)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


def _check_writable(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"cannot use {data_dir} as data directory: {error.strerror}") from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise StartError(f"cannot write in the data directory {data_dir}")
