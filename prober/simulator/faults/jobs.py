"""Faults of video jobs."""

from __future__ import annotations

from dataclasses import dataclass

from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import key, number, one_of, text

__all__ = ["JobFailed", "JobStuck", "SlowJob"]

_VIDEO = frozenset({"video"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStuck(Fault):
    """Jobs are taken on and never leave a state."""

    name = "job_stuck"
    surfaces = _VIDEO

    state: str = key(one_of("queued", "in_progress"), "The state they stay in.", default="queued")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Fault):
    """Jobs run and then fail."""

    name = "job_failed"
    surfaces = _VIDEO

    code: str = key(text, "The error's code.", default="server_error")
    message: str = key(text, "The error's message.", default="The server had an error while processing your request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowJob(Fault):
    """Jobs take so many times longer."""

    name = "slow_job"
    surfaces = _VIDEO

    times: float = key(number(1, 10_000), "How many times.", default=10.0)
