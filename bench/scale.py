"""Many probes on one core: memory, missed runs, and how late runs start."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.fleet import fleet, samples
from bench.processes import get, origin, resident_bytes

__all__ = ["Scale", "measure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a fleet came to. ``delay_seconds`` is the bucket bound below which 99 % of the runs started."""

    probes: int
    runs: int
    failed: int
    missed: int
    delay_seconds: float
    memory_bytes: int


def measure(probes: int, *, interval: str = "10s", seconds: float = 40.0) -> Scale:
    """Run so many probes for that long, scraped every 15 seconds as Prometheus does."""
    with origin() as at:
        urls = [f"http://127.0.0.1:{at.port}/{index}" for index in range(probes)]
        with fleet(urls, interval=interval) as prober:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(min(15.0, max(0.0, until - time.monotonic())))
                text = get(f"{prober.url}/metrics", seconds=30).decode()
            memory = resident_bytes(prober.pid)
    ran = _by_result(text)
    missed = sum(value for labels, value in samples(text, "prober_probe_skipped_total") if "over" in labels)
    return Scale(
        probes=probes,
        runs=int(sum(ran.values())),
        failed=int(ran.get("fail", 0) + ran.get("error", 0)),
        missed=int(missed),
        delay_seconds=_quantile(text, 0.99),
        memory_bytes=memory,
    )


def _by_result(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for labels, value in samples(text, "prober_probe_runs_total"):
        result = labels.partition('result="')[2].partition('"')[0]
        found[result] = found.get(result, 0.0) + value
    return found


def _quantile(text: str, share: float) -> float:
    """The smallest bucket bound of the schedule delay that covers this share."""
    buckets = []
    for labels, value in samples(text, "prober_schedule_delay_seconds_bucket"):
        bound = labels.partition('le="')[2].partition('"')[0]
        buckets.append((float(bound), value))
    total = max((value for _, value in buckets), default=0.0)
    return min((bound for bound, value in buckets if value >= share * total), default=0.0)
