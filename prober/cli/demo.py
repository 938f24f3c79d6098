"""``prober demo``: a fake AI company, probes and a status page in one process, with nothing to configure."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import tempfile
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvloop

from prober.app import App, StartError, handle_signals
from prober.cli.bars import ink_for
from prober.cli.commentary import Commentary
from prober.cli.loading import ConfigRefused
from prober.cli.options import listen_option
from prober.cli.options import seconds as seconds_of
from prober.cli.output import show, width
from prober.cli.simulate import scenario_option
from prober.config import load
from prober.engine import raise_file_limit
from prober.probes import KINDS
from prober.simulator import scenario as scenarios
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from prober.config import Config
    from prober.simulator.scenario import Scenario
    from prober.simulator.serve import Simulator

__all__ = ["demo"]

_PLACEHOLDER = "http://simulator.invalid"
_LASTS_SECONDS = 75.0
_PORTS_TRIED = 50
_LOOK_SECONDS = 0.1


@click.command()
@scenario_option("demo")
@click.option(
    "--speed",
    type=click.FloatRange(0, 10_000, min_open=True),
    help="How many times as fast as it was; by default so that it lasts about a minute.",
)
@click.option("--duration", "seconds", callback=seconds_of, metavar="60s", help="End by itself after this time.")
@listen_option("127.0.0.1:9813", "Where to serve the status page; the next free port if that is taken.")
def demo(*, scenario: str, speed: float | None, seconds: float | None, listen: tuple[str, int]) -> None:
    """Watch a fake AI company fail and recover.

    Simulator, probes and status page in one process; there is nothing to configure.
    """
    raise_file_limit()
    script = scenarios.load(scenario)
    pace = speed or max(1.0, script.duration_seconds / _LASTS_SECONDS)
    try:
        uvloop.run(_demo(script, speed=pace, seconds=seconds, host=listen[0], port=_free_port(*listen)))
    except StartError as error:
        raise ConfigRefused(str(error)) from None


async def _demo(script: Scenario, *, speed: float, seconds: float | None, host: str, port: int) -> None:
    async with running(SimulatorSettings()) as simulator:
        config = _config(simulator)
        app = App(config, reload=lambda _sources: config)
        commentary = Commentary(
            states=app.states, clock=app.clock, ink=ink_for(sys.stdout.encoding), width=width(), write=show
        )
        app.add_sink(commentary)
        handle_signals(app)
        # its terminal has been closed; there is nothing to load again
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, app.stop)
        begun = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(_play(simulator, script, speed, commentary, begun)),
                group.create_task(_end(app, seconds, begun)),
            ]
            await app.serve(host=host, port=port, listening=partial(_introduce, simulator, script, speed, begun))
            for task in beside:
                task.cancel()
        show("")
        for line in commentary.summary():
            show(line)


def _config(simulator: Simulator) -> Config:
    """The demo's configuration with the simulator's address and keys."""
    text = files("prober.cli").joinpath("demo.yaml").read_text("utf-8").replace(_PLACEHOLDER, simulator.url)
    env = {"PARROT_PASSWORD": simulator.settings.providers[0].accounts[0].password}
    for provider in simulator.settings.providers:
        env[f"{provider.name.upper()}_KEY"] = provider.accounts[0].api_key
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "demo.yaml")
        path.write_text(text, "utf-8")
        return load(path, kinds=KINDS, env=env)


def _introduce(simulator: Simulator, script: Scenario, speed: float, begun: asyncio.Event, url: str) -> None:
    show(click.style("A fake AI company, and a prober that watches it. Nothing leaves this machine.", bold=True))
    show(f"  status page  {click.style(url, fg='cyan', underline=True)}")
    show(f"  metrics      {url}metrics")
    show(f"  the company  {simulator.url}/")
    pace = f", {speed:.3g} times as fast" if speed != 1 else ""
    show(f"  scenario     {script.title}{pace}")
    show("Ctrl-C ends it.\n")
    begun.set()


async def _play(
    simulator: Simulator, script: Scenario, speed: float, commentary: Commentary, begun: asyncio.Event
) -> None:
    """Play the scenario, and tell its steps as they come."""
    await begun.wait()
    async with asyncio.TaskGroup() as group:
        teller = group.create_task(_tell(simulator, commentary))
        await simulator.play(script, speed=speed)
        await asyncio.sleep(2 * _LOOK_SECONDS)
        teller.cancel()


async def _tell(simulator: Simulator, commentary: Commentary) -> None:
    told = None
    while True:
        note = simulator.stage.described().get("note")
        if isinstance(note, str) and note != told:
            commentary.note(note)
            told = note
        await asyncio.sleep(_LOOK_SECONDS)


async def _end(app: App, seconds: float | None, begun: asyncio.Event) -> None:
    await begun.wait()
    if seconds is not None:
        await asyncio.sleep(seconds)
        app.stop()


def _free_port(host: str, port: int) -> int:
    """The port, or the next one that is free."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)):
        try:
            socket.create_server((host, candidate), family=_family(host)).close()
        except OSError:
            continue
        if candidate != port:
            show(f"Port {port} is taken, so it is {candidate}.")
        return candidate
    return port


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
