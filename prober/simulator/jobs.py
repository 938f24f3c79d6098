"""How far a job has come, by the time since it began and by the faults of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.simulator.faults.jobs import JobFailed, JobStuck, SlowJob

if TYPE_CHECKING:
    from prober.simulator.exchange import Exchange

__all__ = ["Progress", "progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A status, which is ``queued``, ``in_progress``, ``completed`` or ``failed``, and what has been done of it."""

    status: str
    percent: int
    failure: JobFailed | None = None


def progress(exchange: Exchange, *, started: float, queue_seconds: float, run_seconds: float) -> Progress:
    """How far a job is that began at ``started`` and would be queued and run for so long."""
    slow = exchange.fault(SlowJob)
    times = slow.times if slow else 1.0
    queue, run = queue_seconds * times, run_seconds * times
    age = exchange.now() - started
    stuck = exchange.fault(JobStuck)
    if age < queue or (stuck and stuck.state == "queued"):
        return Progress("queued", 0)
    if age < queue + run or stuck:
        return Progress("in_progress", min(99, int(100 * (age - queue) / run)) if run else 99)
    failure = exchange.fault(JobFailed)
    return Progress("failed", 0, failure) if failure else Progress("completed", 100)
