"""What a scrape of 1,000 probes costs: CPU against prometheus_client on the same series, loop blocks, memory."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import random
import statistics
import time
from operator import sub
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import uvloop
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from prober.model.errors import FAULTS, ErrorClass
from prober.model.probe import BUCKETS_CHAT, BUCKETS_HTTP, Kind, Probe, Slo
from prober.model.run import Failure, Outcome, Phase, Result, Run, Step
from prober.model.setting import Ratio
from prober.sinks.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric

__all__ = ["measure"]

_TRANSPORT = ("resolve", "connect", "tls", "request", "processing", "transfer")
_STEPS = ("page", "submit", "whoami")
_NAMES = ("http", "http", "http", "http", "http", "page", "page", "login", "chat", "chat")
_RUNS = 20
_SECOND = 10**9


class _Unknown:
    """No state is known."""

    def probe_state(self, _name: str) -> str:
        return "up"

    def service_states(self) -> dict[tuple[str, str], str]:
        return {("acme", "api"): "up"}


class _Fixed(Collector):
    """Families that cost nothing to collect, so that prometheus_client is measured at its best."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


async def _nothing(_settings: object, _run: Run) -> None:
    """Nobody runs these."""


def _kind(name: str) -> Kind[object]:
    more = {"chat": ("first_token", "stream"), "login": _STEPS}.get(name, ())
    buckets = BUCKETS_CHAT if name in {"chat", "login"} else BUCKETS_HTTP
    return Kind(
        name=name, doc="", settings=object, run=_nothing, phases=(*_TRANSPORT, "expect", *more), buckets=buckets
    )


def _probes(count: int) -> tuple[Probe, ...]:
    kinds = {name: _kind(name) for name in _NAMES}
    return tuple(_probe(number, kinds[_NAMES[number % len(_NAMES)]]) for number in range(count))


def _probe(number: int, kind: Kind[object]) -> Probe:
    info = {"target": f"host-{number}.example.com"}
    if kind.name == "chat":
        info |= {"protocol": "openai-chat", "model": "some-model", "currency": "USD"}
    return Probe(
        name=f"{kind.name}-{number}",
        kind=kind,
        provider=f"provider-{number % 20}",
        service="api",
        interval_ns=60 * _SECOND,
        timeout_ns=30 * _SECOND,
        retry_interval_ns=10 * _SECOND,
        labels=MappingProxyType({"team": "ai"}),
        slo=Slo(availability=Ratio(0.995), fast=Ratio(0.95)),
        buckets=kind.buckets,
        info=MappingProxyType(info),
        steps=_STEPS if kind.name == "login" else (),
    )


def _result(probe: Probe, dice: random.Random) -> Result:
    failed = dice.random() < 0.1
    error = dice.choice(list(ErrorClass))
    failure = Failure(error_class=error, fault=FAULTS[error], phase=None, detail=None, message="")
    outcome = Outcome.OK if not failed else Outcome.ERROR if error is ErrorClass.PROBER_ERROR else Outcome.FAIL
    tokens = {"input_tokens": 20, "output_tokens": 16, "cached_tokens": 0, "reasoning_tokens": 4, "cost": 1.25e-05}
    chat = {"first_token_seconds": dice.random(), "first_visible_token_seconds": dice.random() + 1, **tokens}
    return Result(
        probe=probe.name,
        outcome=outcome,
        started_at_ns=1_763_712_345_123_456_789 + dice.randrange(_SECOND),
        duration_ns=dice.randrange(10**7, 10**9),
        phases=tuple(
            Phase(name=name, offset_ns=0, duration_ns=dice.randrange(10**5, 10**8), finished=True)
            for name in probe.kind.phases
        ),
        measures={"http_status": 200, "certificate_expiry": 1.8e9, **(chat if probe.kind.name == "chat" else {})},
        steps=tuple(Step(name=step, result="ok", duration_ns=dice.randrange(10**6, 10**9)) for step in probe.steps),
        failure=failure if failed else None,
    )


def _filled(count: int, runs: int) -> Metrics:
    metrics = Metrics(version="bench", states=_Unknown())
    probes = _probes(count)
    metrics.configure(probes, "fra1", connectivity=True)
    dice = random.Random(1)
    for probe in probes:
        for _ in range(runs):
            metrics.record(probe, _result(probe, dice))
    return metrics


async def _read(metrics: Metrics, encoding: str = "") -> int:
    size = 0
    async for piece in metrics.scrape(accept_encoding=encoding).pieces:
        size += len(piece)
    return size


def _cpu(what: Callable[[], object], times: int) -> float:
    """The median CPU seconds of this process, its threads included."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        what()
        spent.append(time.process_time() - began)
    return statistics.median(spent)


async def _cpu_of_scrape(metrics: Metrics, encoding: str, times: int) -> float:
    spent = []
    for _ in range(times):
        began = time.process_time()
        await _read(metrics, encoding)
        spent.append(time.process_time() - began)
    return statistics.median(spent)


async def _longest_blocks(metrics: Metrics, encoding: str, times: int) -> tuple[list[float], list[float]]:
    """The longest time between two turns of a task that is always ready, for each of some scrapes, in ms.

    By the clock, where a neighbour on the machine counts too, and by the CPU time of the loop's thread.
    """
    longest = [0, 0]

    async def tick() -> None:
        last = (time.perf_counter_ns(), time.thread_time_ns())
        while True:
            await asyncio.sleep(0)
            now = (time.perf_counter_ns(), time.thread_time_ns())
            longest[:] = map(max, longest, map(sub, now, last))
            last = now

    blocks = []
    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        for _ in range(times):
            longest[:] = (0, 0)
            await (_read(metrics, encoding) if encoding != "idle" else asyncio.sleep(0.05))
            blocks.append([nanoseconds / 1e6 for nanoseconds in longest])
        ticking.cancel()
    wall, cpu = zip(*blocks, strict=True)
    return sorted(wall), sorted(cpu)


def _resident_mb() -> float:
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


def _memory_of(count: int) -> float:
    before = _resident_mb()
    metrics = _filled(count, _RUNS)
    uvloop.run(_read(metrics, "gzip"))
    uvloop.run(_read(metrics))
    return _resident_mb() - before


def _record_cost(metrics: Metrics) -> float:
    """CPU seconds of recording one result."""
    dice = random.Random(2)
    pairs = [(probe, _result(probe, dice)) for probe in _probes(500)]
    metrics.configure(tuple(probe for probe, _ in pairs), "fra1", connectivity=True)

    def record() -> None:
        for probe, result in pairs:
            metrics.record(probe, result)

    return _cpu(record, 9) / len(pairs)


def _peer(text: bytes) -> tuple[float, float]:
    """CPU seconds of prometheus_client for the same series: as text, and compressed as it does it."""
    registry = CollectorRegistry()
    registry.register(_Fixed(list(text_string_to_metric_families(text.decode()))))
    latest = generate_latest(registry)
    plain = _cpu(lambda: generate_latest(registry), 3)
    return plain, plain + _cpu(lambda: gzip.compress(latest), 1)


def _blocks(metrics: Metrics, times: int) -> dict[str, dict[str, float]]:
    found = {}
    for name, encoding in (("idle", "idle"), ("text", ""), ("gzip", "gzip")):
        wall, cpu = uvloop.run(_longest_blocks(metrics, encoding, times))
        found[name] = {
            "wall_median": round(statistics.median(wall), 3),
            "wall_max": round(wall[-1], 3),
            "cpu_median": round(statistics.median(cpu), 3),
            "cpu_max": round(cpu[-1], 3),
        }
    return found


def measure(probes: int = 1000, times: int = 9) -> dict[str, object]:
    """CPU, blocks and memory, with the ratios that the design sets targets for.

    All values change before no scrape or before every one: it makes no difference, since nothing rendered is kept.
    """
    memory = _memory_of(5 * probes)
    gc.collect()
    metrics, fresh = _filled(probes, _RUNS), _filled(probes, 0)
    gc.collect()
    gc.freeze()  # as the application does once it is configured
    text = metrics.render_now()
    began = time.process_time()
    fresh.render_now()
    first = time.process_time() - began
    ours, before_runs, packed = (
        uvloop.run(_cpu_of_scrape(each, encoding, times))
        for each, encoding in ((metrics, ""), (fresh, ""), (metrics, "gzip"))
    )
    peer, peer_packed = _peer(text)
    return {
        "probes": probes,
        "lines": sum(not line.startswith(b"#") for line in text.splitlines()),
        "megabytes": round(len(text) / 1e6, 2),
        "cpu_ms": round(ours * 1e3, 2),
        "cpu_ms_before_first_runs": round(before_runs * 1e3, 2),
        "cpu_ms_of_first_scrape_after_reload": round(first * 1e3, 2),
        "cpu_ms_gzip": round(packed * 1e3, 2),
        "cpu_ms_generate_latest": round(peer * 1e3, 2),
        "cpu_ms_generate_latest_gzip": round(peer_packed * 1e3, 2),
        "ratio": round(peer / ours, 1),
        "ratio_gzip": round(peer_packed / packed, 1),
        "ratio_our_gzip_to_their_text": round(peer / packed, 1),
        "longest_block_ms": _blocks(metrics, 5 * times),
        "cpu_us_record": round(_record_cost(fresh) * 1e6, 2),
        f"megabytes_of_{5 * probes}_probes_and_their_scrapes": round(memory, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
