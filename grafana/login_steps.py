"""The panels of *Login and pages* on steps: how long each takes, and which one fails."""

from __future__ import annotations

from grafana.fields import Json, column
from grafana.panels import bars, table
from grafana.queries import (
    PROBE,
    RANGE,
    STEP,
    grown,
    mean,
    quantile,
    total,
)
from grafana.targets import over_time, rows

__all__ = ["compared", "failing", "waterfall"]

_STEP = "prober_login_step_seconds"
_NAMES = {"provider": "provider", "service": "service", "probe": "probe", "location": "location"}


def waterfall() -> Json:
    """The steps of each probe on top of each other."""
    why = (
        "The mean time of each step of successful runs, on top of each other: the height is the whole sign-in. A layer "
        "that grows is the step that got slow. One panel a probe; steps stand in the order of their names. Gaps: no "
        "run succeeded."
    )
    target = over_time(mean("step", _STEP, 'probe=~"$login"'), "{{step}}")
    panel = bars("Steps of $login", why, target, unit="s")
    return {**panel, "repeat": "login", "repeatDirection": "h", "maxPerRow": 2}


def failing() -> list[Json]:
    """The steps that fail."""
    seen = (
        "Failed steps over time: the step at which it showed. If a who-am-I fails, look at the submit in front of it "
        "too; the class in the table beside says whom to ask."
    )
    counted = (
        "Failed steps over all that is shown, with their class. auth_rejected is our password or a locked account; "
        "server_error at a submit is theirs, whatever the status; content_mismatch is a page that changed."
    )
    expr = total("probe, step", grown("prober_login_step_failures_total", window=STEP))
    rows_of = f"{total('probe, step, error_class', grown('prober_login_step_failures_total'))} >= 0.5"
    return [
        bars("Failing step", seen, over_time(f"{expr} > 0", "{{probe}}: {{step}}")),
        table(
            "Failing step, counted",
            counted,
            rows(rows_of),
            columns={"probe": "probe", "step": "step", "error_class": "error class", "Value": "failed steps"},
            looks=(column("failed steps", unit="none", decimals=0),),
            sort="failed steps",
            nothing="no failed step known",
        ),
    ]


def compared() -> Json:
    """Each step's mean, quantile and runs."""
    why = (
        "Each step over all that is shown: the mean is exact, the quantile is interpolated between buckets. A step "
        "whose 95 % is far from its mean is slow now and then: look at *Steps* for when."
    )
    by = f"{PROBE}, step"
    columns = {**_NAMES, "step": "step", "Value #A": "mean", "Value #B": "95 % below", "Value #C": "runs"}
    return table(
        "Steps, compared",
        why,
        rows(mean(by, _STEP, window=RANGE)),
        rows(quantile(0.95, by, _STEP)),
        rows(f"{total(by, grown(f'{_STEP}_count'))} > 0"),
        columns=columns,
        looks=(
            *(column(name, unit="s", decimals=2) for name in ("mean", "95 % below")),
            column("runs", unit="none", decimals=0),
        ),
        sort="95 % below",
        nothing="no step of a good run known",
    )
