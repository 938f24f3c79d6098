"""Chat probes as a user writes them, run as the engine runs them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from prober import config
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS
from tests.providers.wire import Script, serving

if TYPE_CHECKING:
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["KEY", "Runs", "ask", "loaded", "runner", "said"]

KEY = "sk-canary-4d3c2b1a"
"""The key of every probe here."""

Runs = Callable[["Probe"], Awaitable["Result"]]


def loaded(endpoint: str | None = None, **keys: Any) -> Probe:
    """The probe with these keys, read from a file."""
    common = {
        "name": "chat",
        "kind": "chat",
        "provider": "desk",
        "protocol": "openai-chat",
        "model": "parrot-1",
        "api_key": "${env:KEY}",
        "timeout": "5s",
    }
    entry = {key: value for key, value in {**common, "endpoint": endpoint, **keys}.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probes.yaml"
        path.write_text(yaml.safe_dump({"version": 1, "probes": [entry]}))
        return config.load(path, kinds=KINDS, env={"KEY": KEY}, strict=True).probes[0]


@asynccontextmanager
async def runner() -> AsyncIterator[Runs]:
    """What runs probes, one after the other or side by side."""
    clock = Clock()
    async with HostNetwork() as network:

        async def run(probe: Probe) -> Result:
            return await execute(
                probe,
                clock=clock,
                network=network,
                redactor=Redactor([KEY]),
                connected=lambda: True,
                lag=LagMonitor(clock=clock),
            )

        yield run


async def ask(script: Script, *, path: str = "/v1", **keys: Any) -> Result:
    """The result of one run against a server that plays the script."""
    async with serving(script) as site, runner() as run:
        return await run(loaded(site.url + path, **keys))


def said(result: Result) -> str:
    """Class, detail, phase and fault of a result; ``ok`` or ``slow`` for a success."""
    failure = result.failure
    if failure is None:
        return result.outcome.value
    return f"{failure.error_class} {failure.detail} {failure.phase} {failure.fault}"
