"""Runs of page probes, as the engine does them, for the tests of both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from prober.model.browser import Browser
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["page_probe", "run_page", "said"]


def page_probe(folder: Path, url: str, **settings: Any) -> Probe:
    """The page probe with these settings, loaded as a user's file would be."""
    keys = {"name": "page", "kind": "page", "url": url, "timeout": "5s", **settings}
    path = folder / "probes.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "probes": [keys]}))
    return load(path, kinds=KINDS, env={}).probes[0]


async def run_page(
    folder: Path, url: str, *, secrets: Sequence[str] = (), browser: Browser | None = None, **settings: Any
) -> Result:
    """One run of the page probe with these settings."""
    probe = page_probe(folder, url, **settings)
    clock = Clock()
    async with HostNetwork() as network:
        return await execute(
            probe,
            clock=clock,
            network=network,
            redactor=Redactor(secrets),
            connected=lambda: True,
            lag=LagMonitor(clock=clock),
            browser=browser,
        )


def said(result: Result) -> str:
    """Class, detail and phase of the failure; the outcome of a run that has none."""
    failure = result.failure
    if failure is None:
        return str(result.outcome)
    return f"{failure.error_class} {failure.detail} {failure.phase}"
