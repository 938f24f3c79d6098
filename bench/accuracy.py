"""Error of the measured time to first byte against the server's own clock, while being scraped."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from typing import TYPE_CHECKING

import aiohttp

from bench.fleet import fleet, samples
from bench.processes import Origin, blackbox, get, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure", "percentile", "watched"]

_PROBES = 1000
_PER_SECOND = 100
_PROCESSING = re.compile(rb'probe_http_duration_seconds\{phase="processing"\} (\S+)')


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _elapsed(at: Origin) -> dict[str, list[int]]:
    document: dict[str, list[int]] = json.loads(get(f"http://127.0.0.1:{at.port}/elapsed"))
    return document


def _scrape(url: str, until: float) -> None:
    while time.monotonic() < until:
        get(f"{url}/metrics")
        time.sleep(1)


def _said(lines: Iterator[str]) -> Iterator[tuple[str, float]]:
    """Path and measured seconds of each run, in the order in which they began, out of the log."""
    runs = []
    for line in lines:
        entry = json.loads(line)
        phases = entry.get("phases", {})
        if "processing" in phases:
            runs.append((entry["started_at"], f"/slow/{entry['name'].partition('-')[2]}", phases["processing"]))
    for _, path, seconds in sorted(runs):
        yield path, seconds


def _missed(exposition: str) -> int:
    skipped = samples(exposition, "prober_probe_skipped_total")
    return int(sum(value for labels, value in skipped if "over" in labels))


def watched(probes: int, *, interval: str, seconds: float, one_core: bool = True) -> tuple[list[float], int]:
    """The error in seconds of every run of such a fleet on a 20 ms target, and how many runs it missed."""
    with origin() as at:
        urls = [f"http://127.0.0.1:{at.port}/slow/{index}" for index in range(probes)]
        with fleet(urls, interval=interval, one_core=one_core) as prober:
            until = time.monotonic() + seconds
            scraper = threading.Thread(target=_scrape, args=(prober.url, until))
            scraper.start()
            scraper.join()
            missed = _missed(get(f"{prober.url}/metrics").decode())
            real = {path: iter(times) for path, times in _elapsed(at).items()}
            time.sleep(1)
            lines = prober.log.read_text().splitlines()
    errors = []
    for path, measured in _said(line for line in lines if '"started_at"' in line):
        actual = next(real.get(path, iter(())), None)
        if actual is not None:
            errors.append(abs(measured - actual / 1e9))
    return errors, missed


async def _drive(url: str, seconds: float) -> list[tuple[str, float]]:
    """Ask blackbox_exporter for 100 probes a second and keep what it measured."""
    seen: list[tuple[str, float]] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.TaskGroup() as group:

        async def one(path: str) -> None:
            async with session.get(url + path) as answer:
                found = _PROCESSING.search(await answer.read())
                if found is not None:
                    seen.append((path, float(found[1])))

        began = asyncio.get_running_loop().time()
        for number in range(int(seconds * _PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / _PER_SECOND - asyncio.get_running_loop().time()))
            group.create_task(one(f"/slow/{number}"))
    return seen


def _theirs(seconds: float) -> list[float]:
    with origin() as at, blackbox(at.ca_file) as (_, port):
        url = f"http://127.0.0.1:{port}/probe?module=plain&target=http://127.0.0.1:{at.port}"
        seen = asyncio.run(_drive(url, seconds))
        real = _elapsed(at)
    return [abs(measured - real[path][0] / 1e9) for path, measured in seen if real.get(path)]


def measure(seconds: float = 12.0, rounds: int = 3) -> tuple[list[float], list[float]]:
    """The errors in seconds of every run: ours, with 1,000 probes registered, and blackbox_exporter's, in turns."""
    ours, theirs = [], []
    for _ in range(rounds):
        errors, _ = watched(_PROBES, interval=f"{_PROBES // _PER_SECOND}s", seconds=seconds, one_core=False)
        ours += errors
        theirs += _theirs(seconds)
    return ours, theirs
