"""Tests of the whole engine in virtual time: what it counts, what it says of its health, how it ends."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.engine import Engine, Gauges
from prober.model.run import Result
from prober.model.secret import Redactor
from tests.engine.fakes import SECOND, NoNetwork, probe
from tests.engine.virtual import WALL_NS, VirtualTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model.probe import Probe
    from prober.model.run import Run


@dataclass(frozen=True)
class Nowhere:
    """A target of the connectivity check that has no address."""

    host: str = "127.0.0.1"
    port: int = 1


@dataclass
class Seen:
    """A sink and gauges that remember."""

    results: list[Result] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    connected: list[bool | None] = field(default_factory=list)
    lags: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)

    def record(self, probe: Probe, result: Result) -> None:
        assert probe.name == result.probe
        self.results.append(result)

    def skip(self, probe: Probe, reason: str) -> None:
        self.skipped.append(f"{probe.name} {reason}")


async def second_long(_settings: object, _run: Run) -> None:
    await asyncio.sleep(1)


def play(
    look: Callable[[Engine, VirtualTime], None], *probes: Probe, targets: tuple[Nowhere, ...] = (), seconds: float = 25
) -> Seen:
    """What was seen of an engine that ran these probes; ``look`` is called before its end."""
    time, seen = VirtualTime(), Seen()
    gauges = Gauges(
        lag_ns=seen.lags.append,
        delay_ns=seen.delays.append,
        in_flight=seen.in_flight.append,
        connected=seen.connected.append,
    )
    engine = Engine(network=NoNetwork(), clock=time.clock, redactor=Redactor(), sinks=[seen], gauges=gauges)

    async def main() -> None:
        engine.replace(probes, targets)
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.serve())
            await asyncio.sleep(seconds)
            look(engine, time)
            engine.stop()

    time.run(main)
    return seen


def nothing(_engine: Engine, _time: VirtualTime) -> None:
    """Look at nothing."""


def test_probes_run_and_are_counted() -> None:
    """Results and skips reach the sink; in flight, delays and lags reach the gauges."""
    seen = play(nothing, probe("a", second_long), probe("b", disabled="no key"), seconds=25)
    assert 2 <= len(seen.results) <= 3
    assert set(seen.skipped) == {"b disabled"}
    assert max(seen.in_flight) == 1
    assert seen.in_flight[-1] == 0
    assert len(seen.delays) == len(seen.results)
    assert len(seen.lags) > 1000
    assert set(seen.connected) == {None}


def test_connectivity_is_told_where_there_are_targets() -> None:
    """Connected until the first check knows better."""
    seen = play(nothing, probe("a"), targets=(Nowhere(),))
    assert seen.connected[0] is True
    assert seen.connected[-1] is False


def test_health_and_readiness_say_why_not() -> None:
    """Well while it ticks; a pause is told until the next tick; stopping is unready and not unhealthy."""

    def look(engine: Engine, time: VirtualTime) -> None:
        assert engine.unhealthy() is None
        assert engine.unready() is None
        time.pause(20)
        assert engine.unhealthy() == "the event loop has not ticked for 20 s"
        engine.stop()
        assert engine.unready() == "it is stopping"
        assert engine.unhealthy() is None

    play(look, probe("a"))


def test_before_it_serves_it_is_not_ready() -> None:
    """Nothing has ticked yet."""
    time, seen = VirtualTime(), Seen()
    gauges = Gauges(
        lag_ns=seen.lags.append, delay_ns=seen.delays.append, in_flight=seen.in_flight.append, connected=lambda _: None
    )

    async def main() -> str | None:
        engine = Engine(network=NoNetwork(), clock=time.clock, redactor=Redactor(), sinks=[], gauges=gauges)
        return engine.unready()

    assert time.run(main) == "the event loop has not begun"


def test_the_next_run_is_told_in_unix_time() -> None:
    """Within an interval from now; None for what does not run."""

    def look(engine: Engine, time: VirtualTime) -> None:
        at = engine.next_run_seconds("a")
        now = (WALL_NS + time.now_ns) / SECOND
        assert at is not None
        assert now < at <= now + 10
        assert engine.next_run_seconds("nobody") is None

    play(look, probe("a"))


def test_a_reload_while_it_serves() -> None:
    """What is replaced is replaced at once."""

    def look(engine: Engine, _time: VirtualTime) -> None:
        engine.replace([probe("b")], [])
        assert engine.next_run_seconds("a") is None
        assert engine.next_run_seconds("b") is not None

    play(look, probe("a"))


def test_garbage_is_looked_for_by_the_clock() -> None:
    """Half an hour in virtual time; the thresholds are Python's own again at the end."""
    before = gc.get_threshold()
    play(nothing, probe("a", interval=600), seconds=1800)
    assert gc.get_threshold() == before
    gc.unfreeze()
