"""``prober simulate``: the fake AI service alone, to try probes against."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import uvloop

from prober.app import listen_error
from prober.cli.loading import ConfigRefused
from prober.cli.options import listen_option
from prober.cli.output import show
from prober.simulator import scenario as scenarios
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from prober.simulator.scenario import Scenario
    from prober.simulator.serve import Simulator

__all__ = ["scenario_option", "simulate", "speed_option"]


def scenario_option(default: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--scenario NAME``."""
    return click.option(
        "--scenario",
        type=click.Choice(scenarios.names()),
        default=default,
        show_default=default is not None,
        help="The outage to play.",
    )


speed_option = click.option(
    "--speed",
    type=click.FloatRange(0, 10_000, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times as fast as it was.",
)


@click.command()
@listen_option("127.0.0.1:9814", "Where the fake service listens.")
@scenario_option(None)
@speed_option
@click.option("--repeat", is_flag=True, help="Play it over and over, for dashboards and alerts.")
def simulate(*, listen: tuple[str, int], scenario: str | None, speed: float, repeat: bool) -> None:
    """Run a fake AI company to try probes against.

    It has a web app, sign-in, chat and more, with outages on request.
    """
    host, port = listen
    script = None if scenario is None else scenarios.load(scenario)
    if script is not None and repeat:
        script = replace(script, repeat_after_seconds=0.0)
    try:
        uvloop.run(_simulate(host, port, script, speed))
    except OSError as error:
        raise ConfigRefused(str(listen_error(host, port, error))) from None


async def _simulate(host: str, port: int, script: Scenario | None, speed: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(SimulatorSettings(), host, port) as simulator, asyncio.TaskGroup() as group:
        _introduce(simulator)
        player = None if script is None else group.create_task(simulator.play(script, speed=speed))
        await stop.wait()
        if player is not None:
            player.cancel()


def _introduce(simulator: Simulator) -> None:
    for provider in simulator.settings.providers:
        account = provider.accounts[0]
        show(f"{provider.title} is at {simulator.urls[provider.name]}/")
        show(f"  sign in as {account.email} with the password {account.password}")
        models = ", ".join(model.id for model in provider.models if model.kind == "chat")
        show(f"  API at {simulator.urls[provider.name]}/v1, key {account.api_key}, chat models {models}")
    show(f'Set faults with PUT {simulator.url}/-/faults, as curl -X PUT -d \'{{"chat": [{{"fault": "stall"}}]}}\'.')
