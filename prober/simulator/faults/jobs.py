"""Faults of jobs: videos, and answers that are made in the background."""

from __future__ import annotations

from dataclasses import dataclass

from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import key, number, one_of, text

__all__ = ["JobFailed", "JobStuck", "SlowJob"]

_JOBS = frozenset({"video", "chat"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStuck(Fault):
    """Jobs are taken on and never leave a state."""

    name = "job_stuck"
    surfaces = _JOBS

    state: str = key(one_of("queued", "in_progress"), "The state they stay in.", default="queued")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Fault):
    """Jobs run and then fail."""

    name = "job_failed"
    surfaces = _JOBS

    code: str = key(text, "The error's code.", default="server_error")
    message: str = key(text, "The error's message.", default="The server had an error while processing your request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowJob(Fault):
    """Jobs take so many times longer."""

    name = "slow_job"
    surfaces = _JOBS

    times: float = key(number(1, 10_000), "How many times.", default=10.0)
