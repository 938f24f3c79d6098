"""Tests of the lag monitor: what it remembers, and for whom it counts."""

from __future__ import annotations

import asyncio

from prober.engine.lag import LagMonitor
from tests.engine.fakes import MS, SECOND
from tests.engine.virtual import VirtualTime


def _after(*blocks: tuple[float, float]) -> tuple[LagMonitor, VirtualTime, list[int]]:
    """A monitor after ten seconds in which the loop was blocked at these times, for so long."""
    time = VirtualTime()
    seen: list[int] = []
    monitor = LagMonitor(clock=time.clock, observe=seen.append)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(monitor.serve())
            for at, seconds in blocks:
                await asyncio.sleep(at - time.now_ns / SECOND)
                time.pause(seconds)
            await asyncio.sleep(10 - time.now_ns / SECOND)
            task.cancel()

    time.run(main)
    return monitor, time, seen


def test_an_idle_loop_is_not_late() -> None:
    """Fifty ticks a second, each on time."""
    monitor, _, seen = _after()
    assert 490 < len(seen) < 510
    assert max(seen) < 2 * MS
    assert monitor.worst_ns(0) < 2 * MS
    assert monitor.last_tick_ns is not None


def test_a_block_counts_for_runs_that_it_touched() -> None:
    """A block of 300 ms at second 3 is the lag of a run from 2, half of one from the middle, none of one after."""
    monitor, _, seen = _after((3, 0.3))
    assert 280 * MS <= max(seen) <= 300 * MS
    assert 280 * MS <= monitor.worst_ns(2 * SECOND) <= 300 * MS
    assert 130 * MS <= monitor.worst_ns(3 * SECOND + 150 * MS) <= 151 * MS
    assert monitor.worst_ns(3 * SECOND + 301 * MS) < 2 * MS


def test_the_longest_block_of_a_run_counts() -> None:
    """Earlier and longer, later and shorter: each run sees the longest since it began."""
    monitor, _, _ = _after((1, 0.5), (4, 0.1), (6, 0.2))
    assert monitor.worst_ns(0) >= 480 * MS
    assert 180 * MS <= monitor.worst_ns(2 * SECOND) <= 200 * MS
    assert 180 * MS <= monitor.worst_ns(5 * SECOND) <= 200 * MS


def test_the_lag_of_right_now_counts() -> None:
    """A run that ends before the late tick gets its turn is touched all the same."""
    time = VirtualTime()
    monitor = LagMonitor(clock=time.clock)

    async def main() -> int:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(monitor.serve())
            await asyncio.sleep(1)
            began_ns = time.now_ns
            time.pause(0.2)
            worst = monitor.worst_ns(began_ns)
            task.cancel()
        return worst

    assert 180 * MS <= time.run(main) <= 200 * MS


def test_a_monitor_that_does_not_run_reports_no_lag() -> None:
    """Without a tick there is no lateness to speak of."""
    assert LagMonitor(clock=VirtualTime().clock).worst_ns(0) == 0
