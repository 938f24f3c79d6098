"""The panels of *Chat* on what goes wrong: classes, limits and money."""

from __future__ import annotations

from grafana.fields import GREEN, RED, YELLOW, Json, column, steps
from grafana.panels import bars, lines, table
from grafana.queries import (
    STEP,
    WINDOW,
    grown,
    only_model,
    series,
    total,
    with_model,
)
from grafana.targets import over_time, rows

__all__ = ["failures", "limits", "money"]

_MODEL = 'model=~"$model"'
_CHAT = 'kind="chat"'
_WHO = "provider, model"
_NAME = "{{provider}} {{model}}"


def failures() -> list[Json]:
    """Classes, and the share of runs that count."""
    classes = (
        "Failed runs of chats by error class. overloaded and server_error are theirs; rate_limited, quota_exhausted "
        "and auth_rejected are ours; stream_stalled and stream_truncated are answers that broke off. docs/classes.md "
        "has what to do."
    )
    wrong = (
        "The share of each model's runs that count against it. If all models of a provider rise together, it is the "
        "provider; one alone may be retired or overloaded."
    )
    lost = only_model(grown("prober_probe_failures_total", _CHAT, window=STEP))
    bad_runs, good_runs = (
        total(_WHO, with_model(grown(metric, _CHAT, which, window=WINDOW)))
        for metric, which in (
            ("prober_probe_failures_total", 'fault=~"target|network|unknown"'),
            ("prober_probe_runs_total", 'result=~"ok|slow"'),
        )
    )
    share = f"{bad_runs} / ({good_runs} + {bad_runs} > 0)"
    by_class = over_time(f"{total('error_class', lost)} > 0", "{{error_class}}")
    return [
        bars("Classes", classes, by_class),
        lines("Failing share by model", wrong, over_time(share, _NAME), unit="percentunit", max=1),
    ]


def limits() -> list[Json]:
    """What is left of the provider's limits and of our budgets."""
    left = (
        "What is left of the provider's limits, as the last answers said, as a share. Red line: below a tenth our own "
        "traffic, not only the probes, is about to be refused: spread it, or ask for more."
    )
    held = (
        "Runs that did not happen because a `budget` of the day was spent. Until midnight nobody looks: raise the "
        "budget, or lengthen the interval."
    )
    by = "provider, probe, resource"
    share = (
        f"min by ({by}) ({series('prober_rate_limit_remaining')}) / min by ({by}) ({series('prober_rate_limit_limit')})"
    )
    skipped = total("probe", grown("prober_probe_skipped_total", 'reason="budget"', window=STEP))
    return [
        lines(
            "Rate limits left",
            left,
            over_time(share, "{{probe}} {{resource}}"),
            unit="percentunit",
            max=1,
            thresholds=steps(RED, (0.1, YELLOW), (0.3, GREEN)),
        ),
        bars("Held back by a budget", held, over_time(f"{skipped} > 0", "{{probe}}")),
        _ending(),
    ]


def _ending() -> Json:
    why = (
        "Days until the provider shuts a model down, as a probe with `preflight: true` was told. Move what uses the "
        "model to another one before; the probe fails as model_missing from that day on."
    )
    expr = f"(min by ({_WHO}) ({series('prober_model_shutdown_timestamp_seconds', _MODEL)}) - time()) / 86400"
    look = column("days left", unit="d", decimals=0, thresholds=steps(RED, (14, YELLOW), (60, GREEN)))
    columns = {"provider": "provider", "model": "model", "Value": "days left"}
    return table(
        "Models that end",
        why,
        rows(expr),
        columns=columns,
        looks=(look,),
        sort="days left",
        order="asc",
        nothing="no model is known to end",
    )


def money() -> list[Json]:
    """Cost and tokens."""
    spent = (
        "What the probes' questions cost, by model; the legend names the currency. A step up is a longer answer, a new "
        "price or a shorter interval: compare *Tokens*."
    )
    used = (
        "Tokens as the provider counted them, input without cached, output without reasoning. Reasoning that appears "
        "by itself is a model that changed: set its effort in `body`."
    )
    cost = over_time(
        total("model, currency", grown("prober_chat_cost_total", _MODEL, window=STEP)), "{{model}} ({{currency}})"
    )
    tokens = over_time(total("type", grown("prober_chat_tokens_total", _MODEL, window=STEP)), "{{type}}")
    return [
        bars("Cost by model", spent, cost, decimals=4),
        bars("Tokens", used, tokens),
    ]
