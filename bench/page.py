"""What one load of the simulator's page costs under each engine: CPU and memory, ours and the browser's."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import uvloop

from bench.processes import resident_bytes, simulator
from prober.browser.host import HostBrowser
from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.probes.page_settings import PageProbe

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["PageCost", "in_browser", "over_http"]

_TICKS = os.sysconf("SC_CLK_TCK")
_LOCAL = "--no-proxy-server --host-resolver-rules='MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """CPU seconds of one load, in our process and in the browser's; bytes that our process grew by over all loads.

    ``browser_bytes`` are the proportional set of all of the browser's processes while a page is open, ``requests``
    those of one load.
    """

    our_seconds: float
    grown_bytes: int
    requests: int
    browser_seconds: float = 0.0
    browser_bytes: int = 0


def _probe(url: str, folder: str, **settings: str) -> Probe:
    keys = "".join(f", {name}: {value}" for name, value in settings.items())
    path = Path(folder) / "probes.yaml"
    path.write_text(f'version: 1\nprobes: [{{name: bench, kind: page, url: "{url}/"{keys}}}]\n')
    return load(path, kinds=KINDS, env=os.environ).probes[0]


async def _measured(probe: Probe, runs: int, warm: int, browser: HostBrowser | None) -> PageCost:
    clock = Clock()
    requests = 0

    async with HostNetwork() as network, asyncio.TaskGroup() as group:
        lag = LagMonitor(clock=clock)
        watching = group.create_task(lag.serve())

        async def work(count: int) -> None:
            nonlocal requests
            for _ in range(count):
                result = await execute(
                    probe,
                    clock=clock,
                    network=network,
                    redactor=Redactor(),
                    connected=lambda: True,
                    lag=lag,
                    browser=browser,
                )
                assert result.failure is None, result.failure
                seen = result.measures["page_requests"]
                assert isinstance(seen, int)
                requests = seen

        await work(warm)
        gc.collect()
        before, theirs = resident_bytes(os.getpid()), _session_seconds(browser)
        began = time.process_time()
        await work(runs)
        spent, theirs = time.process_time() - began, _session_seconds(browser) - theirs
        grown = resident_bytes(os.getpid()) - before
        watching.cancel()
    return PageCost(
        our_seconds=spent / runs,
        grown_bytes=grown,
        requests=requests,
        browser_seconds=theirs / runs,
        browser_bytes=0 if browser is None else await _with_page_open(browser, probe),
    )


async def _with_page_open(browser: HostBrowser, probe: Probe) -> int:
    assert isinstance(probe.settings, PageProbe)
    tab = await browser.tab(seconds=60)
    await tab.ask("Page.enable")
    await tab.ask("Page.navigate", url=probe.settings.url)
    await asyncio.sleep(1)
    size = sum(map(_proportional_bytes, _session(browser)))
    await tab.close()
    return size


def over_http(*, runs: int = 400) -> PageCost:
    """The document and all its assets, over kept connections."""
    with simulator() as url, TemporaryDirectory() as folder:
        return uvloop.run(_measured(_probe(url, folder, assets="all"), runs, 50, None))


def in_browser(*, runs: int = 25) -> PageCost:
    """The page in Chromium, watched for the default time after it has loaded."""

    async def main(probe: Probe) -> PageCost:
        async with HostBrowser({**os.environ, "PROBER_CHROMIUM_ARGS": _LOCAL}) as browser:
            return await _measured(probe, runs, 3, browser)

    with simulator() as url, TemporaryDirectory() as folder:
        return uvloop.run(main(_probe(url, folder, engine="browser")))


def _session(browser: HostBrowser | None) -> list[int]:
    """The processes of the browser, which are a session of their own."""
    if browser is None or browser.pid is None:
        return []
    stats = ((path, path.read_text()) for path in Path("/proc").glob("[0-9]*/stat"))
    return [int(path.parent.name) for path, text in stats if int(text.rpartition(")")[2].split()[3]) == browser.pid]


def _session_seconds(browser: HostBrowser | None) -> float:
    """CPU time of the browser's processes, those that have ended included: their parents have it."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in _session(browser))
    return sum(sum(map(int, each[11:15])) for each in fields) / _TICKS


def _proportional_bytes(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (kilobytes,) = (line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(kilobytes) * 1024
