"""Measures prober beside its peers, in one run, and prints ratios."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import accuracy, metrics, neighbour, page, pipeline, scale, soak, streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["main"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what we came to, the peer, and whether the target is met."""

    what: str
    ours: str
    peer: str
    ratio: str
    target: str
    met: bool


def _ratio(what: str, ours: float, theirs: float, limit: float, *, unit: float = 1e6, sign: str = "µs") -> Row:
    ratio = ours / theirs
    return Row(
        what,
        f"{ours * unit:,.0f} {sign}",
        f"{theirs * unit:,.0f} {sign}",
        f"{ratio:.2f} x",
        f"<= {limit:g} x",
        ratio <= limit,
    )


def _pipeline() -> Iterator[Row]:
    for secure, limit, what in ((False, 0.6, "CPU of one HTTP probe"), (True, 1.0, "CPU of one verified HTTPS probe")):
        ours, theirs = pipeline.measure(secure=secure)
        yield _ratio(f"{what}, whole pipeline, 16 in flight | blackbox_exporter", ours, theirs, limit)


def _accuracy() -> Iterator[Row]:
    ours, theirs = accuracy.measure()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        what = f"error of time to first byte, {name}, 100 probes/s, scraped every second | blackbox_exporter"
        yield _ratio(what, accuracy.percentile(ours, share), accuracy.percentile(theirs, share), 1.0)


def _minute() -> Iterator[Row]:
    errors, missed = accuracy.watched(100, interval="1s", seconds=60)
    what = "100 probes every second for a minute on one core"
    yield Row(f"{what}: missed", str(missed), "", "", "0", missed == 0)
    off = accuracy.percentile(errors, 0.99)
    yield Row(f"{what}: a 20 ms target is measured within, p99", f"{off * 1e3:.2f} ms", "", "", "<= 2 ms", off <= 0.002)


def _scale() -> Iterator[Row]:
    for probes, limit_mb in ((100, 80), (5000, 250)):
        seen = scale.measure(probes, seconds=60 if probes == 5000 else 30)
        megabytes = seen.memory_bytes / 1e6
        yield Row(
            f"memory at {probes} probes", f"{megabytes:.0f} MB", "", "", f"<= {limit_mb} MB", megabytes <= limit_mb
        )
    yield Row("5,000 probes every 10 s on one core: missed", str(seen.missed), "", "", "0", seen.missed == 0)
    delay = f"<= {seen.delay_seconds * 1000:g} ms"
    yield Row(
        "5,000 probes every 10 s on one core: start delay p99", delay, "", "", "<= 50 ms", seen.delay_seconds <= 0.05
    )


def _number(seen: object, *keys: str) -> float:
    """A number inside the document of a measurement."""
    for key in keys:
        assert isinstance(seen, dict)
        seen = seen[key]
    assert isinstance(seen, int | float)
    return float(seen)


def _metrics() -> Iterator[Row]:
    seen = metrics.measure()
    lines = f"{_number(seen, 'lines'):,.0f} samples"
    what = f"/metrics with 1,000 probes ({lines}): CPU | prometheus_client generate_latest"
    yield _ratio(what, _number(seen, "cpu_ms"), _number(seen, "cpu_ms_generate_latest"), 1 / 20, unit=1.0, sign="ms")
    blocked = max(_number(seen, "longest_block_ms", how, "cpu_max") for how in ("text", "gzip"))
    idle = _number(seen, "longest_block_ms", "idle", "cpu_max")  # what a virtual machine's host takes counts as CPU
    what = "/metrics: longest turn of the loop, CPU | of an idle loop"
    yield Row(what, f"{blocked:.2f} ms", f"{idle:.2f} ms", "", "<= 2 ms", blocked <= 2.0)


def _streams() -> Iterator[Row]:
    seen = streams.measure()
    what = "CPU of one event, 200 streams at 50 events/s"
    yield _ratio(f"{what} | plain aiohttp, readany and json", seen.ours, seen.aiohttp, 1.2)
    yield _ratio(f"{what} | openai SDK", seen.ours, seen.openai, 0.4)
    yield _ratio(f"{what} | httpx, lines and json", seen.ours, seen.httpx, 1.0)
    off = accuracy.percentile(seen.first_token_errors, 0.99)
    yield Row("error of the first token's time, p99", f"{off * 1e3:.2f} ms", "", "", "<= 5 ms", off <= 0.005)


def _neighbour() -> Iterator[Row]:
    ratios = neighbour.measure()
    worst = max(ratios, key=lambda case: ratios[case])
    what = f"p95 of a healthy 20 ms target beside fifty probes of each of {len(ratios)} faults, worst: {worst}"
    yield Row(what, "", "alone", f"{ratios[worst]:.2f} x", "<= 2 x", ratios[worst] <= 2)


def _soak() -> Iterator[Row]:
    left = soak.measure()
    what = f"after {left.runs:,} sign-ins, good, refused, kept and by token"
    megabytes = left.grown_bytes / 1e6
    yield Row(f"{what}: memory", f"{megabytes:+.1f} MB", "", "", "<= 4 MB", megabytes <= 4)
    open_ones = left.grown_files + left.grown_tasks
    yield Row(f"{what}: sockets and tasks", f"{open_ones:+d}", "", "", "0", open_ones <= 0)
    yield Row(
        f"{what}: unexpected verdicts",
        str(left.runs * 4 // 5 - left.good),
        "",
        "",
        "0",
        left.good == left.runs * 4 // 5,
    )


def _page() -> Iterator[Row]:
    plain, full = page.over_http(), page.in_browser()
    what = f"the simulator's page, {plain.requests} requests, over HTTP"
    yield _bound(f"{what}: CPU of one load", plain.our_seconds * 1e3, 10, "ms")
    yield _bound(f"{what}: memory grown by in 400 loads", plain.grown_bytes / 1e6, 10, "MB")
    what = f"the simulator's page, {full.requests} requests, in Chromium"
    yield _bound(f"{what}: CPU of one load, our process", full.our_seconds * 1e3, 30, "ms")
    yield _bound(f"{what}: CPU of one load, the browser's processes", full.browser_seconds * 1e3, 250, "ms")
    yield _bound(f"{what}: memory of the browser with the page open", full.browser_bytes / 1e6, 300, "MB")
    yield _bound(f"{what}: memory grown by in 25 loads, our process", full.grown_bytes / 1e6, 10, "MB")


def _bound(what: str, ours: float, limit: float, unit: str) -> Row:
    return Row(what, f"{ours:.1f} {unit}", "", "", f"<= {limit:g} {unit}", ours <= limit)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "pipeline": _pipeline,
    "metrics": _metrics,
    "accuracy": _accuracy,
    "minute": _minute,
    "streams": _streams,
    "scale": _scale,
    "neighbour": _neighbour,
    "soak": _soak,
    "page": _page,
}


def _show(row: Row) -> None:
    what, _, peer = row.what.partition(" | ")
    versus = f"{row.peer} ({peer})" if peer else ""
    verdict = "met" if row.met else "MISSED"
    print(f"{what}\n    {row.ours:>12}  {versus:<44} {row.ratio:>8}   target {row.target:<9} {verdict}", flush=True)


def main(names: list[str]) -> int:
    """Run the named parts, or all; 0 if every target is met."""
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        print(f"unknown part {unknown[0]}: {', '.join(PARTS)} are known", file=sys.stderr)
        return 2
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    missed = 0
    for name in names or PARTS:
        for row in PARTS[name]():
            _show(row)
            missed += not row.met
    print(f"\n{missed} target{'' if missed == 1 else 's'} missed" if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
