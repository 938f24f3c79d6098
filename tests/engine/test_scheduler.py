"""Tests of the scheduler in virtual time: grid, overrun, overload, retries, pauses, reload and drain."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from prober.engine.schedule import slot_ns
from prober.engine.scheduler import Scheduler
from prober.engine.turns import Share
from prober.model.probe import Probe
from prober.model.run import Measure, Outcome, Result
from tests.engine.fakes import MS, SECOND, probe, result
from tests.engine.virtual import VirtualTime

Body = Callable[["Probe"], Awaitable[Outcome]]


@dataclass
class Stage:
    """A scheduler in virtual time, and everything it did."""

    body: Body
    limit: int = 1000
    holds: Callable[[Probe], str | None] = lambda _probe: None
    share: Callable[[Probe], Share | None] = lambda _probe: None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    time: VirtualTime = field(default_factory=VirtualTime)
    started: list[tuple[str, int]] = field(default_factory=list)
    recorded: list[Result] = field(default_factory=list)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    delays: list[int] = field(default_factory=list)
    going: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(
            execute=self._execute,
            record=self._record,
            skip=self._skip,
            clock=self.time.clock,
            limit=self.limit,
            observe_delay=self.delays.append,
            holds=self.holds,
            share=self.share,
        )

    async def _execute(self, probe: Probe) -> Result:
        self.started.append((probe.name, self.time.now_ns))
        self.going += 1
        self.most = max(self.most, self.going)
        try:
            return replace(result(probe.name, await self.body(probe)), measures=self.measures)
        finally:
            self.going -= 1

    def _record(self, probe: Probe, outcome: Result) -> None:
        assert probe.name == outcome.probe
        self.recorded.append(outcome)

    def _skip(self, probe: Probe, reason: str) -> None:
        self.skipped[probe.name, reason] += 1

    def play(self, probes: list[Probe], seconds: float, *events: tuple[float, Callable[[], None]]) -> None:
        """Run these probes for some seconds, with events at given times, then drain."""

        async def main() -> None:
            self.scheduler.replace(probes)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.scheduler.serve())
                for at, event in sorted(events, key=lambda event: event[0]):
                    await asyncio.sleep(at - self.time.now_ns / SECOND)
                    event()
                await asyncio.sleep(seconds - self.time.now_ns / SECOND)
                self.scheduler.stop()

        self.time.run(main)

    def starts(self, name: str) -> list[float]:
        """When the probe was started, in seconds after its slot."""
        slot = slot_ns(name, 10 * SECOND)
        return [(at - slot) / SECOND for started, at in self.started if started == name]


def lasting(seconds: float, outcome: Outcome = Outcome.OK) -> Body:
    """A run of that length."""

    async def body(_probe: Probe) -> Outcome:
        await asyncio.sleep(seconds)
        return outcome

    return body


def rounded(starts: list[float]) -> list[float]:
    """Starts without the milliseconds of the timers."""
    return [round(start, 1) for start in starts]


def test_a_probe_runs_at_its_ticks() -> None:
    """Runs start on the grid, within a few milliseconds, and drift nowhere."""
    stage = Stage(lasting(3))
    stage.play([probe("a")], 100)
    assert len(stage.starts("a")) == 10
    assert all(0 <= start % 10 <= 0.005 for start in stage.starts("a"))
    assert max(stage.delays) <= 5 * MS
    assert not stage.skipped


def test_a_run_that_is_still_going_is_not_joined_by_another() -> None:
    """A tick that comes during a run is counted as overrun, and not made up for."""
    stage = Stage(lasting(14))
    stage.play([probe("a", timeout=30)], 100)
    assert rounded(stage.starts("a")) == [0, 20, 40, 60, 80]
    assert stage.skipped == {("a", "overrun"): 5}
    assert stage.most == 1


def test_a_failure_is_followed_by_a_run_at_the_retry_interval() -> None:
    """Retries come between the ticks, the grid stays what it is."""
    outcomes = iter([Outcome.FAIL, Outcome.ERROR, Outcome.OK, Outcome.OK, Outcome.SLOW, Outcome.OK])

    async def body(_probe: Probe) -> Outcome:
        await asyncio.sleep(0.5)
        return next(outcomes)

    stage = Stage(body)
    stage.play([probe("a", retry=2)], slot_ns("a", 10 * SECOND) / SECOND + 35)
    assert rounded(stage.starts("a")) == [0, 2.5, 5, 10, 20, 30]


@pytest.mark.parametrize(("wait", "expected"), [(1, [0, 2.5, 5, 7.5, 10]), (4, [0, 4.5, 9, 10]), (600, [0, 10])])
def test_a_server_that_wants_a_rest_gets_it_from_retries(wait: float, expected: list[float]) -> None:
    """A retry waits as long as the server asks for; a tick is the user's word, and comes."""
    stage = Stage(lasting(0.5, Outcome.FAIL), measures={"retry_after_seconds": wait})
    stage.play([probe("a", retry=2)], slot_ns("a", 10 * SECOND) / SECOND + 12)
    assert rounded(stage.starts("a")) == expected


def test_a_retry_that_would_come_after_the_tick_is_none() -> None:
    """The tick is sooner, so the tick it is."""
    stage = Stage(lasting(0.5, Outcome.FAIL))
    stage.play([probe("a", retry=9.9)], slot_ns("a", 10 * SECOND) / SECOND + 25)
    assert rounded(stage.starts("a")) == [0, 10, 20]


def test_a_tick_that_finds_a_retry_is_not_missed() -> None:
    """A down target whose runs time out loses no sample: the retry stands in for the tick, and is not an overrun."""
    stage = Stage(lasting(4.5, Outcome.FAIL))
    stage.play([probe("a", retry=2)], slot_ns("a", 10 * SECOND) / SECOND + 41)
    assert rounded(stage.starts("a")) == [0, 6.5, 13, 19.5, 26, 32.5, 39]
    assert not stage.skipped


def test_a_disabled_probe_is_counted_at_every_tick() -> None:
    """It never runs, and every tick says why."""
    stage = Stage(lasting(1))
    stage.play([probe("a", disabled="KEY is not set")], 100)
    assert stage.started == []
    assert stage.skipped == {("a", "disabled"): 10}
    assert stage.scheduler.next_run_ns("a") is None


def test_no_more_runs_than_the_limit_go_on_at_once() -> None:
    """Those that are due wait for a slot; the wait is a delay of the start and no part of the run."""
    stage = Stage(lasting(1), limit=5)
    stage.play([probe(f"p{number}") for number in range(40)], 60)
    assert stage.most == 5
    assert not stage.skipped
    assert len(stage.recorded) >= 40 * 5
    assert SECOND // 10 < max(stage.delays) < 10 * SECOND


def test_a_run_without_a_slot_in_its_interval_is_skipped() -> None:
    """Twice the work that fits: about half of the ticks are skipped as overload, spread over all probes."""
    stage = Stage(lasting(1), limit=5)
    stage.play([probe(f"p{number}") for number in range(100)], 200)
    reasons = {reason for _, reason in stage.skipped}
    runs = Counter(name for name, _ in stage.started)
    assert reasons == {"overload"}
    assert len(runs) == 100
    assert max(runs.values()) - min(runs.values()) <= 3
    assert 0.4 < stage.skipped.total() / (stage.skipped.total() + len(stage.started)) < 0.6
    assert max(stage.delays) <= 10 * SECOND + 2 * MS


def test_after_a_pause_there_is_one_run_to_catch_up() -> None:
    """Ten minutes of SIGSTOP: one late run at most, the missed ticks are counted, the grid goes on."""
    stage = Stage(lasting(0.1))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a")], begin + 640, (begin + 5, lambda: stage.time.pause(600)))
    assert rounded(stage.starts("a")) == [0, 605, 610, 620, 630]
    assert stage.skipped == {("a", "overload"): 59}


def test_ticks_missed_during_a_run_that_was_paused_are_overruns() -> None:
    """The run goes on after the pause, so nothing else may start."""
    stage = Stage(lasting(8))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a")], begin + 75, (begin + 5, lambda: stage.time.pause(40)))
    assert sum(reason == "overrun" for _, reason in stage.skipped.elements()) + len(stage.started) == 8


def test_five_thousand_probes_every_ten_seconds_all_run() -> None:
    """Every probe runs once an interval, none is missed, and starts are at most a few milliseconds late."""
    stage = Stage(lasting(0.05))
    stage.play([probe(f"probe-{number}") for number in range(5000)], 20.5)
    runs = Counter(name for name, _ in stage.started)
    assert len(runs) == 5000
    assert set(runs.values()) <= {2, 3}
    assert not stage.skipped
    assert sorted(stage.delays)[len(stage.delays) * 99 // 100] <= 5 * MS


def test_a_reload_keeps_the_run_and_the_grid_of_an_unchanged_probe() -> None:
    """Equal probes of a new configuration go on as if nothing had happened; their new objects are used."""
    stage = Stage(lasting(3))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    again = [probe("a")]
    stage.play([probe("a")], begin + 25, (begin + 1, lambda: stage.scheduler.replace(again)))
    assert rounded(stage.starts("a")) == [0, 10, 20]
    assert len(stage.recorded) == 3


def test_a_reload_takes_over_a_retry() -> None:
    """A failed probe is not forgotten by a reload."""
    stage = Stage(lasting(0, Outcome.FAIL))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a", retry=6)], begin + 8, (begin + 1, lambda: stage.scheduler.replace([probe("a", retry=6)])))
    assert rounded(stage.starts("a")) == [0, 6]


def test_a_reload_drops_the_runs_of_probes_that_are_gone() -> None:
    """What is not configured any more is cancelled, records nothing and is not run again."""
    stage = Stage(lasting(3))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a")], begin + 35, (begin + 1, lambda: stage.scheduler.replace([])))
    assert rounded(stage.starts("a")) == [0]
    assert stage.recorded == []
    assert stage.going == 0


def test_a_reload_begins_a_changed_probe_anew() -> None:
    """Another interval is another grid; the old run leaves no result."""
    stage = Stage(lasting(3))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a")], begin + 31, (begin + 1, lambda: stage.scheduler.replace([probe("a", interval=5)])))
    assert len(stage.started) == 7
    assert len(stage.recorded) == 6


def test_a_slot_that_a_cancelled_run_leaves_is_used() -> None:
    """A run that waited starts when the one in front of it was cancelled by a reload."""
    stage = Stage(lasting(100), limit=1)
    first, second = sorted([probe("a"), probe("b")], key=lambda one: slot_ns(one.name, 10 * SECOND))
    late = slot_ns(second.name, 10 * SECOND) / SECOND + 0.5
    stage.play([first, second], late + 2, (late, lambda: stage.scheduler.replace([second])))
    assert [name for name, _ in stage.started] == [first.name, second.name]


def test_stopping_lets_runs_finish() -> None:
    """Runs in flight have the grace to end, and are recorded; no new one begins."""
    stage = Stage(lasting(4))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a")], begin + 1)
    assert len(stage.recorded) == 1
    assert stage.time.now_ns / SECOND == pytest.approx(begin + 4, abs=0.1)


def test_what_outlasts_the_grace_has_no_result() -> None:
    """The grace is the largest timeout and at most 10 s; then runs are cancelled, and count as nothing."""
    stage = Stage(lasting(500))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    stage.play([probe("a", timeout=500)], begin + 1)
    assert stage.recorded == []
    assert stage.time.now_ns / SECOND == pytest.approx(begin + 11, abs=0.1)
    assert stage.scheduler.in_flight == 0


def test_a_sink_that_raises_ends_the_scheduler() -> None:
    """A prober that silently stops recording looks like a healthy target, so it ends instead."""
    stage = Stage(lasting(1))

    def broken(_probe: Probe, _result: Result) -> None:
        raise ZeroDivisionError

    stage.scheduler._record = broken
    with pytest.RaisesGroup(ZeroDivisionError, flatten_subgroups=True):
        stage.play([probe(f"p{number}") for number in range(50)], 60)
    assert stage.going == 0


def test_the_next_run_is_known() -> None:
    """The status page says when a probe runs next: at its tick, or at its retry."""
    stage = Stage(lasting(0, Outcome.FAIL))
    begin = slot_ns("a", 10 * SECOND) / SECOND
    seen: list[int | None] = []
    look = (begin + 1, lambda: seen.append(stage.scheduler.next_run_ns("a")))
    first = (begin - 0.1, lambda: seen.append(stage.scheduler.next_run_ns("a")))
    stage.play([probe("a", retry=6)], begin + 2, first, look)
    assert seen[0] == round(begin * SECOND)
    assert seen[1] == pytest.approx((begin + 6) * SECOND, abs=3 * MS)
    assert stage.scheduler.next_run_ns("nobody") is None


def test_what_is_held_back_is_skipped_and_counted() -> None:
    """Neither a tick nor a retry runs a probe that is held back; the ticks count as breaker."""
    held: set[str] = set()

    async def refuse(probe: Probe) -> Outcome:
        held.add(probe.name)
        return Outcome.FAIL

    stage = Stage(refuse, holds=lambda probe: "breaker" if probe.name in held else None)
    stage.play([probe("login", interval=10, retry=2)], seconds=45)
    assert len(stage.started) == 1
    assert stage.skipped["login", "breaker"] >= 3


def test_what_waited_for_a_slot_is_held_back_by_what_happened_meanwhile() -> None:
    """A run that was due before the refusal would otherwise be one attempt more."""
    held: set[str] = set()

    async def refuse(_probe: Probe) -> Outcome:
        await asyncio.sleep(1)
        held.update("abc")
        return Outcome.FAIL

    stage = Stage(refuse, limit=1, holds=lambda probe: "breaker" if probe.name in held else None)
    stage.play([probe(name, interval=1, retry=0.5) for name in "abc"], seconds=20)
    assert len(stage.started) == 1
    assert {reason for name, reason in stage.skipped if name != stage.started[0][0]} <= {"breaker", "overload"}
    assert all(stage.skipped[name, "breaker"] for name in "abc")


def test_those_that_share_something_take_turns() -> None:
    """So many at once and no more, and nobody else waits for them; the wait is no delay of the scheduler."""
    stage = Stage(lasting(4), share=lambda probe: ("account", 2) if probe.name in "abcde" else None)
    stage.play([probe(name) for name in "abcdexyz"], seconds=60)
    running = sorted((at, name) for name, at in stage.started if name in "abcde")
    ends = [at + 4 * SECOND for at, _ in running]
    assert all(begin >= end - 10 * MS for (begin, _), end in zip(running[2:], ends, strict=False))
    assert {name for _, name in running} == set("abcde")
    assert all(len(stage.starts(name)) >= 5 for name in "xyz")
    assert max(stage.delays) < 20 * MS
    assert not [reason for name, reason in stage.skipped if name in "xyz"]


def test_a_refusal_is_known_to_those_whose_turn_it_would_be() -> None:
    """Many probes that share a bad password send it once."""
    refused: set[str] = set()

    async def refuse(_probe: Probe) -> Outcome:
        await asyncio.sleep(3)
        refused.add("account")
        return Outcome.FAIL

    stage = Stage(
        refuse,
        holds=lambda _probe: "breaker" if refused else None,
        share=lambda _probe: ("account", 1),
    )
    stage.play([probe(str(number), interval=1, retry=0.2) for number in range(20)], seconds=10)
    assert len(stage.started) == 1
    assert {name for name, reason in stage.skipped if reason == "breaker"} == {str(number) for number in range(20)}


def test_a_run_that_a_reload_ends_before_it_began_leaves_its_slot() -> None:
    """Cancelled in the very turn of the loop in which it was started."""

    class Reload(list[int]):
        """Reloads while the second run is started, when the first has not yet had a turn."""

        def append(self, delay_ns: int) -> None:
            super().append(delay_ns)
            if len(self) == 2:
                stage.scheduler.replace([probe("c")])

    stage = Stage(lasting(1), limit=2, delays=Reload())
    going: list[int] = []
    stage.play(
        [probe("a"), probe("b")],
        60,
        (0.0, lambda: stage.time.pause(30)),
        (45.0, lambda: going.append(stage.scheduler.in_flight)),
    )
    assert going == [0]
    assert {result.probe for result in stage.recorded} == {"c"}
