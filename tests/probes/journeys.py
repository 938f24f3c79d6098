"""Runs of logins and journeys against a simulator, several in one process where a test wants that."""

from __future__ import annotations

import asyncio
import textwrap
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prober.browser.host import HostBrowser
from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.browser import Browser
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.network import Network
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.simulator.serve import Simulator, running
from prober.simulator.settings import SimulatorSettings
from tests.browser.lab import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from prober.config import Config
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["CAREFUL", "COMPANY", "PERSON", "Lab", "in_lab", "lab", "steps_of", "verdict_of"]

COMPANY = SimulatorSettings().providers[0]
PERSON, CAREFUL = COMPANY.accounts[0], COMPANY.accounts[-1]


@dataclass(slots=True, kw_only=True)
class Lab:
    """A simulator, and what the runs of one process share. The browser is started by the first run that needs it."""

    simulator: Simulator
    network: Network
    folder: Path
    browser: Browser
    clock: Clock = field(default_factory=Clock)
    memory: Memory = field(default_factory=Memory)

    @property
    def env(self) -> dict[str, str]:
        """What configurations refer to: addresses, accounts, clients."""
        return {
            "BASE": self.simulator.url,
            "USER": PERSON.email,
            "PASSWORD": PERSON.password,
            "CAREFUL": CAREFUL.email,
            "CAREFUL_PASSWORD": CAREFUL.password,
            "OTP": CAREFUL.totp_seed or "",
            "CLIENT_SECRET": COMPANY.clients[0].secret or "",
            "CALLBACK": COMPANY.clients[0].redirect_uri,
        }

    def config(self, body: str, *, kind: str, timeout: str = "5s", **env: str) -> Config:
        """The configuration of one probe."""
        path = self.folder / "probes.yaml"
        head = f"version: 1\nprobes:\n- name: webui\n  kind: {kind}\n  timeout: {timeout}\n  interval: 60s\n"
        path.write_text(head + textwrap.indent(textwrap.dedent(body).strip("\n"), "  ") + "\n")
        return self.load(**env)

    def load(self, **env: str) -> Config:
        """The configuration as it was written last."""
        return load(self.folder / "probes.yaml", kinds=KINDS, env={**self.env, **env})

    async def run(self, body: str, *, kind: str = "login", timeout: str = "5s", **env: str) -> Result:
        """One run of the probe that the text describes."""
        config = self.config(body, kind=kind, timeout=timeout, **env)
        return await self.execute(config.probes[0], config.secrets)

    async def execute(self, probe: Probe, secrets: tuple[str, ...] = ()) -> Result:
        """One run."""
        assert probe.disabled is None, probe.disabled
        return await execute(
            probe,
            clock=self.clock,
            network=self.network,
            redactor=Redactor(secrets),
            connected=lambda: True,
            lag=LagMonitor(clock=self.clock),
            memory=self.memory,
            browser=self.browser,
        )


@asynccontextmanager
async def lab(folder: Path, faults: object = None, settings: SimulatorSettings | None = None) -> AsyncIterator[Lab]:
    """A lab while the block runs."""
    async with (
        running(settings or SimulatorSettings()) as simulator,
        HostNetwork() as network,
        HostBrowser(ENVIRONMENT) as browser,
    ):
        simulator.faults.replace(faults or {})
        yield Lab(simulator=simulator, network=network, folder=folder, browser=browser)


def in_lab(
    folder: Path,
    work: Callable[[Lab], Awaitable[Any]],
    *,
    faults: object = None,
    run_loop: Callable[..., Any] = asyncio.run,
    settings: SimulatorSettings | None = None,
) -> Any:
    """What the work comes to, in a lab of its own."""

    async def whole() -> Any:
        async with lab(folder, faults, settings) as opened:
            return await work(opened)

    return run_loop(whole())


def steps_of(result: Result) -> list[str]:
    """The steps as texts: name, result, status."""
    return [f"{step.name} {step.result} {step.status}" for step in result.steps]


def verdict_of(result: Result) -> tuple[str, str | None, str | None] | None:
    """Class, detail and phase of the failure."""
    failure = result.failure
    return None if failure is None else (str(failure.error_class), failure.detail, failure.phase)
