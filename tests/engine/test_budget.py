"""A probe whose budget is used up is skipped, visibly, and runs again the next day."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from prober.engine import Engine, Gauges
from prober.model.secret import Redactor
from prober.model.spending import Budget, Spending, WholeBudget
from prober.sinks.state import States
from prober.sinks.state_rules import State
from tests.engine.fakes import NoNetwork, probe
from tests.engine.virtual import VirtualTime

if TYPE_CHECKING:
    from prober.model.probe import Probe
    from prober.model.run import Result, Run

EVERY = 30
TEN_MINUTES = 600
DAY_NS = 86_400 * 10**9


class Book:
    """Counts what happened, by probe."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.skips: Counter[tuple[str, str]] = Counter()

    def record(self, probe: Probe, result: Result) -> None:
        self.runs[probe.name] += 1

    def skip(self, probe: Probe, reason: str) -> None:
        self.skips[probe.name, reason] += 1


async def _spend(_settings: object, run: Run) -> None:
    run.measures.update({"http_status": 200, "input_tokens": 8, "output_tokens": 2})


def _spender(name: str, budget: Budget | None = None) -> Probe:
    one = probe(name, _spend, interval=EVERY)
    return dataclasses.replace(one, spending=Spending(tokens=50, budget=budget))


def _around_midnight(probes: list[Probe], whole: WholeBudget | None = None) -> tuple[Book, States]:
    """What came of ten minutes before midnight of UTC, and of the ten after it."""
    time, book = VirtualTime(), Book()
    time.now_ns = DAY_NS - time.clock.wall_ns() % DAY_NS - TEN_MINUTES * 10**9
    states = States(time.clock)
    states.configure(tuple(probes), None)

    async def serve() -> None:
        gauges = Gauges(lag_ns=_ignore, delay_ns=_ignore, in_flight=_ignore, connected=_ignore)
        engine = Engine(network=NoNetwork(), clock=time.clock, redactor=Redactor(), sinks=[book, states], gauges=gauges)
        engine.replace(probes, [], budget=whole)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(engine.serve())
            await asyncio.sleep(2 * TEN_MINUTES - 1)
            engine.stop()
            await serving

    time.run(serve)
    return book, states


def _ignore(_value: object) -> None:
    """Nobody looks."""


def test_a_probe_stops_at_its_budget_and_begins_again_at_midnight() -> None:
    """Five runs of ten tokens a day, and skips that say why."""
    book, states = _around_midnight([_spender("chat", Budget(tokens_per_day=50)), _spender("free")])
    assert book.runs == {"chat": 10, "free": 40}
    assert book.skips == {("chat", "budget"): 30}
    assert states.probe_state("chat") is State.UNKNOWN
    assert states.probe_state("free") is State.UP


def test_all_together_stop_at_theirs() -> None:
    """Except those that spend nothing."""
    probes = [_spender("one"), _spender("two"), probe("page", interval=EVERY)]
    book, _ = _around_midnight(probes, WholeBudget(tokens_per_day=100))
    assert book.runs["one"] + book.runs["two"] == 20
    assert book.skips["one", "budget"] + book.skips["two", "budget"] == 60
    assert book.runs["page"] == 40
