"""The metrics of logins and journeys: how long each step takes, and how often it fails."""

from __future__ import annotations

from prober.sinks.metrics import closed
from prober.sinks.metrics.family import Family, Type

__all__ = ["BREAKER_OPEN", "LOGIN_FAMILIES", "STEP", "STEP_FAILURES"]

STEP = Family(
    "prober_login_step_seconds",
    Type.HISTOGRAM,
    "Duration of a step in successful runs.",
    labels=("step",),
    kinds=closed.LOGIN,
    series=closed.steps,
)
STEP_FAILURES = Family(
    "prober_login_step_failures_total",
    Type.COUNTER,
    "Failed steps, by why they failed.",
    labels=("step", "error_class"),
    kinds=closed.LOGIN,
    series=closed.step_failures,
)
BREAKER_OPEN = Family(
    "prober_credentials_breaker_open",
    Type.GAUGE,
    "Whether sign-in is held back since user or password was refused or the account locked.",
    kinds=closed.LOGIN,
    from_start=True,
)

LOGIN_FAMILIES = (STEP, STEP_FAILURES, BREAKER_OPEN)
