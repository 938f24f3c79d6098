"""A healthy target measured beside fifty probes of one fault."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvloop

from tests.faults.case import Case, load, row
from tests.faults.observe import Bench, bench
from tests.faults.test_answers import BODIES, HEADS
from tests.faults.test_connections import CONNECTIONS, HANDSHAKES, NAMES
from tests.faults.test_redirects import CIRCLES
from tests.faults.test_streams import STREAMS

if TYPE_CHECKING:
    from tests.target.zoo import Zoo

__all__ = ["EVERY_FAULT", "alone", "beside"]

_NEIGHBOURS = 50
_SPREAD = 1.0  # seconds over which they start, as the schedule spreads fifty probes of a 1 s interval
_SAMPLES = 30

_ALL = (*NAMES, *CONNECTIONS, *HANDSHAKES, *HEADS, *BODIES, *CIRCLES, *STREAMS)
EVERY_FAULT = tuple({(case.fault, case.host): case for case in _ALL if case.says}.values())


def _p95(durations: list[int]) -> int:
    return sorted(durations)[int(len(durations) * 0.95)]


async def _healthy(made: Bench, zoo: Zoo, others: list[asyncio.Task[None]]) -> int:
    """The p95 of healthy runs one after the other: at least 30 of them, and as long as another one lasts."""
    probe, _ = load(row("healthy").keys(zoo), zoo)
    durations: list[int] = []
    while len(durations) < _SAMPLES or not all(task.done() for task in others):
        result = await made.run(probe)
        assert result.failure is None, result.failure
        durations.append(result.duration_ns)
    return _p95(durations)


async def _alone(zoo: Zoo) -> int:
    async with bench(zoo) as made:
        return await _healthy(made, zoo, [])


def alone(zoo: Zoo) -> int:
    """The p95, in nanoseconds, of the healthy target's runs while nothing else goes on."""
    return uvloop.run(_alone(zoo))


def beside(case: Case, zoo: Zoo) -> int:
    """The same beside fifty probes that meet the fault. A run of the healthy target that fails is an AssertionError."""
    return uvloop.run(_beside(case, zoo))


async def _beside(case: Case, zoo: Zoo) -> int:
    async with bench(zoo) as made, asyncio.TaskGroup() as group:
        probe, secrets = load({**case.keys(zoo), "timeout": "1s"}, zoo)

        async def meet(number: int) -> None:
            await asyncio.sleep(number * _SPREAD / _NEIGHBOURS)
            assert (await made.run(probe, secrets)).failure is not None

        others = [group.create_task(meet(number)) for number in range(_NEIGHBOURS)]
        return await _healthy(made, zoo, others)
