"""One scheduler for all probes: each runs at its ticks, never beside itself, and what is missed is counted."""

from __future__ import annotations

import asyncio
import heapq
import math
from typing import TYPE_CHECKING

from prober.engine.entry import Entry, continues
from prober.engine.schedule import missed_ticks
from prober.engine.turns import Share, Turns
from prober.model.run import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["Scheduler"]

_LONGEST_GRACE_NS = 10_000_000_000
_SHORTEST_SLEEP_MS = 4  # a turn of the event loop for every single run would cost more than all else here
_LONGEST_SLEEP_MS = 1000  # so that a look at `last_tick_ns` tells a living scheduler from a stuck one
_STARTS_IN_A_ROW = 8  # then these get their turn: the work of starting many must be in no connection's time


class Scheduler:
    """Starts runs, at most ``limit`` at once. The wait for a slot is before a run begins, and so in none of its times.

    ``skip`` is told of each missed tick: ``overrun`` (the previous run still goes), ``overload`` (no slot within the
    interval, or the process was paused), ``disabled``, or the reason for which ``holds`` holds a probe back.
    ``observe_delay`` gets how late each run started. ``share`` is what few probes may do at once.
    """

    def __init__(
        self,
        *,
        execute: Callable[[Probe], Coroutine[object, None, Result]],
        record: Callable[[Probe, Result], None],
        skip: Callable[[Probe, str], None],
        clock: Clock,
        limit: int,
        observe_delay: Callable[[int], None] = lambda _delay_ns: None,
        holds: Callable[[Probe], str | None] = lambda _probe: None,
        share: Callable[[Probe], Share | None] = lambda _probe: None,
    ) -> None:
        self._execute = execute
        self._record = record
        self._skip = skip
        self._now = clock.monotonic_ns
        self._observe_delay = observe_delay
        self._holds = holds
        self._entries: dict[str, Entry] = {}
        self._heap: list[tuple[int, int, Entry]] = []
        self._serial = 0
        self._turns = Turns(limit=limit, share=share, now=self._now)
        self._tasks: set[asyncio.Task[None]] = set()
        self._group = asyncio.TaskGroup()
        self._sleeper: asyncio.Future[None] | None = None
        self.stopping = False
        self.last_tick_ns: int | None = None

    @property
    def in_flight(self) -> int:
        """How many runs go on right now."""
        return len(self._tasks)

    def next_run_ns(self, name: str) -> int | None:
        """When that probe is due next, on the monotonic clock; None for a probe that is not scheduled or disabled."""
        entry = self._entries.get(name)
        if entry is None or entry.probe.disabled is not None or self.stopping:
            return None
        return entry.tick_ns if entry.retry_ns is None else entry.retry_ns

    def replace(self, probes: Iterable[Probe]) -> None:
        """Schedule these from now on. A probe that keeps its form keeps its tick, its retry and the run in flight.

        Runs of probes that are gone, or that are something else now, are cancelled and leave no result.
        """
        now_ns = self._now()
        old, self._entries = self._entries, {}
        for probe in probes:
            entry = old.get(probe.name)
            if entry is None or not continues(entry.probe, probe):
                entry = Entry(probe, now_ns)
            else:
                del old[probe.name]
                entry.probe = probe
            self._entries[probe.name] = entry
        for entry in old.values():
            entry.gone = True
            if entry.task is not None:  # not now: a task that is cancelled before it began would not come to its end
                asyncio.get_running_loop().call_soon(entry.task.cancel)
        self._heap.clear()
        for entry in self._entries.values():
            self._push(entry.tick_ns, entry)
            if entry.retry_ns is not None:
                self._push(entry.retry_ns, entry)
        self._wake()

    async def serve(self, *, grace_ns: int | None = None) -> None:
        """Run probes until :meth:`stop`, then let those in flight finish for the grace; what is left has no result.

        The grace is by default the largest timeout, at most 10 s. A sink that raises ends this with its exception.
        """
        async with self._group:
            try:
                await self._tick()
            finally:
                self.stopping = True
            await self._drain(grace_ns)

    def stop(self) -> None:
        """Start no more runs."""
        self.stopping = True
        self._wake()

    async def _drain(self, grace_ns: int | None) -> None:
        if grace_ns is None:
            longest = max((entry.probe.timeout_ns for entry in self._entries.values()), default=0)
            grace_ns = min(longest, _LONGEST_GRACE_NS)
        if self._tasks:
            _, pending = await asyncio.wait(self._tasks, timeout=grace_ns / 1e9)
            for task in pending:
                task.cancel()

    async def _tick(self) -> None:
        heap = self._heap
        while not self.stopping:
            self.last_tick_ns = now_ns = self._now()
            started = 0
            while heap and heap[0][0] <= now_ns and started < _STARTS_IN_A_ROW:
                at_ns, _, entry = heapq.heappop(heap)
                self._due(entry, at_ns, now_ns)
                started += 1
            await self._sleep(heap[0][0] if heap else None)

    async def _sleep(self, until_ns: int | None) -> None:
        """Until then, rounded up to milliseconds as uvloop's timers count; a timer that is early is slept on again."""
        left_ms = _LONGEST_SLEEP_MS if until_ns is None else math.ceil((until_ns - self._now()) / 1e6)
        if left_ms <= 0:
            await asyncio.sleep(0)
            return
        left_ms = max(_SHORTEST_SLEEP_MS, min(left_ms, _LONGEST_SLEEP_MS))
        loop = asyncio.get_running_loop()
        self._sleeper = loop.create_future()
        timer = loop.call_later(left_ms / 1e3, self._wake)
        try:
            await self._sleeper
        finally:
            timer.cancel()

    def _wake(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    def _push(self, at_ns: int, entry: Entry) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at_ns, self._serial, entry))

    def _due(self, entry: Entry, at_ns: int, now_ns: int) -> None:
        if at_ns == entry.retry_ns:
            entry.retry_ns = None
            if self._holds(entry.probe) is None:
                self._request(entry, at_ns, covers=True)
            return
        interval_ns = entry.probe.interval_ns
        missed = missed_ticks(at_ns, now_ns, interval_ns)
        due_ns = at_ns + missed * interval_ns
        entry.tick_ns = due_ns + interval_ns
        self._push(entry.tick_ns, entry)
        if entry.probe.disabled is not None:
            self._missed(entry, missed + 1, "disabled")
        elif (reason := self._holds(entry.probe)) is not None:
            self._missed(entry, missed + 1, reason)
        elif entry.task is not None:
            self._missed(entry, missed + 1, entry.in_the_way)
        elif entry.waiting_ns is not None:
            entry.waiting_ns = due_ns
            self._missed(entry, missed + 1, "overload")
        else:
            self._missed(entry, missed, "overload")
            self._request(entry, due_ns, covers=False)

    def _missed(self, entry: Entry, ticks: int, reason: str) -> None:
        if entry.covers and ticks:
            entry.covers = False
            ticks -= 1
        for _ in range(ticks):
            self._skip(entry.probe, reason)

    def _request(self, entry: Entry, due_ns: int, *, covers: bool) -> None:
        entry.covers = covers
        entry.waiting_ns = due_ns
        entry.in_the_way = "overrun"
        self._turns.wait(entry)
        self._start_waiting()
        if entry.waiting_ns is not None:
            entry.in_the_way = "overload"  # it may reach into the next tick because it begins late

    def _start(self, entry: Entry) -> None:
        assert entry.waiting_ns is not None
        self._observe_delay(max(0, self._now() - entry.waiting_ns))
        entry.waiting_ns = None
        entry.task = task = self._group.create_task(self._run(entry))
        self._tasks.add(task)

    async def _run(self, entry: Entry) -> None:
        task = entry.task
        assert task is not None
        recorded = False
        try:
            result = await self._execute(entry.probe)
            if not entry.gone:
                self._record(entry.probe, result)
                self._after(entry, result)
            recorded = True
        finally:
            entry.task = None
            entry.covers = False
            self._tasks.discard(task)
            self._turns.end(entry)
            self.stopping = self.stopping or not (recorded or entry.gone)
            self._start_waiting()

    def _after(self, entry: Entry, result: Result) -> None:
        """After a failure, plan a run before the next tick if the retry interval is shorter than the wait for that."""
        if result.outcome is Outcome.OK or result.outcome is Outcome.SLOW or self.stopping:
            return
        at_ns = self._now() + max(entry.probe.retry_interval_ns, result.retry_after_ns)
        if at_ns < entry.tick_ns:
            entry.retry_ns = at_ns
            self._push(at_ns, entry)
            if self._heap[0][0] == at_ns:
                self._wake()

    def _start_waiting(self) -> None:
        """Start whoever's turn it is. While one waited, the run before may have given a reason to hold it back."""
        while not self.stopping and (entry := self._turns.next()) is not None:
            reason = self._holds(entry.probe)
            if reason is None:
                self._start(entry)
                continue
            entry.waiting_ns = None
            self._turns.end(entry)
            self._missed(entry, 1, reason)
