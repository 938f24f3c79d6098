"""CPU of one probe through the whole pipeline, fresh connection, 16 in flight, against blackbox_exporter."""

from __future__ import annotations

import asyncio
import io
import os
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import aiohttp
import uvloop

from bench.processes import Origin, blackbox, cpu_seconds, origin
from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.sinks.history import History
from prober.sinks.incidents import Incidents
from prober.sinks.log import LogSink
from prober.sinks.metrics import Metrics
from prober.sinks.state import States

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["measure"]

_IN_FLIGHT = 16
_WARM = 200


def _probe(at: Origin, folder: str, *, secure: bool) -> Probe:
    url = f"https://127.0.0.1:{at.tls_port}/" if secure else f"http://127.0.0.1:{at.port}/"
    tls = f"tls: {{ca_file: {at.ca_file}}}, " if secure else ""
    path = Path(folder) / "probes.yaml"
    path.write_text(f'version: 1\nprobes: [{{name: bench, kind: http, {tls}ip: "4", url: "{url}"}}]\n')
    return load(path, kinds=KINDS, env=os.environ).probes[0]


async def _ours(probe: Probe, runs: int) -> float:
    """CPU seconds of one run: the probe itself, classification, every sink, and the log line."""
    clock, redactor = Clock(), Redactor()
    states = States(clock)
    incidents, metrics = Incidents(states, clock=clock, data_dir=None), Metrics(version="bench", states=states)
    sinks = (states, incidents, History(), metrics)
    for sink in sinks:
        sink.configure((probe,), None)
    with LogSink(io.StringIO(), redactor=redactor, clock=clock) as log:
        async with HostNetwork() as network, asyncio.TaskGroup() as group:
            lag = LagMonitor(clock=clock)
            watching = group.create_task(lag.serve())

            async def work(count: int) -> None:
                for _ in range(count):
                    result = await execute(
                        probe, clock=clock, network=network, redactor=redactor, connected=lambda: True, lag=lag
                    )
                    assert result.failure is None, result.failure
                    for sink in (*sinks, log):
                        sink.record(probe, result)

            await work(_WARM)
            began = time.process_time()
            async with asyncio.TaskGroup() as workers:
                for _ in range(_IN_FLIGHT):
                    workers.create_task(work(runs // _IN_FLIGHT))
            spent = time.process_time() - began
            watching.cancel()
    return spent / (runs // _IN_FLIGHT * _IN_FLIGHT)


async def _theirs(pid: int, url: str, runs: int) -> float:
    """CPU seconds of one /probe request in blackbox_exporter's process."""
    async with aiohttp.ClientSession() as session:

        async def work(count: int) -> None:
            for _ in range(count):
                async with session.get(url) as answer:
                    assert b"probe_success 1" in await answer.read()

        await work(_WARM)
        began = cpu_seconds(pid)
        async with asyncio.TaskGroup() as workers:
            for _ in range(_IN_FLIGHT):
                workers.create_task(work(runs // _IN_FLIGHT))
    return (cpu_seconds(pid) - began) / (runs // _IN_FLIGHT * _IN_FLIGHT)


def measure(*, secure: bool, runs: int = 800, rounds: int = 5) -> tuple[float, float]:
    """CPU seconds of one probe: ours, and blackbox_exporter's, against one origin.

    In turns, and the median of the rounds: a machine that others use, too, is now slower and now faster.
    """
    ours, theirs = [], []
    with origin() as at, blackbox(at.ca_file) as (pid, port), TemporaryDirectory() as folder:
        target = f"https://127.0.0.1:{at.tls_port}/" if secure else f"http://127.0.0.1:{at.port}/"
        url = f"http://127.0.0.1:{port}/probe?module={'secure' if secure else 'plain'}&target={target}"
        probe = _probe(at, folder, secure=secure)
        for _ in range(rounds):
            theirs.append(uvloop.run(_theirs(pid, url, runs)))
            ours.append(uvloop.run(_ours(probe, runs)))
    return median(ours), median(theirs)
