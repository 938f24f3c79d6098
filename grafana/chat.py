"""The dashboard *Chat*: how fast models answer, how they compare, why they fail, and what that costs."""

from __future__ import annotations

from grafana import chat_troubles
from grafana.dashboard import dashboard, line, variable
from grafana.fields import BLUE, GREEN, ORANGE, RED, Json, column, dashed, steps
from grafana.panels import count, heatmap, lines, stat, table, timeline
from grafana.queries import (
    RANGE,
    WINDOW,
    grown,
    mean,
    only_model,
    quantile,
    series,
    standing,
    total,
    with_model,
)
from grafana.targets import cells, now, over_time, rows

__all__ = ["build"]

_MODEL = 'model=~"$model"'
_CHAT = 'kind="chat"'
_WHO = "provider, model"
_NAME = "{{provider}} {{model}}"
_EACH = "provider, model, location"
_FIRST, _VISIBLE, _GAP = (f"prober_chat_{name}_seconds" for name in ("first_token", "first_visible_token", "max_gap"))


def build() -> Json:
    """The dashboard."""
    about = (
        "Chat models as a person waits for them: the first token, the flow, the whole answer, the limits and the money."
    )
    model = variable("model", "Model", f"label_values({series('prober_chat_tokens_total')}, model)")
    return dashboard(
        "prober-chat",
        "prober / Chat",
        about,
        [
            ("", [line(4, *_stats(), widths=(5, 5, 4, 5, 5)), line(6, _models())]),
            ("How fast", [line(8, *_waits()), line(8, *_flow()), line(8, *_heatmaps())]),
            ("Compared", [line(9, _compared())]),
            ("Why it fails", [line(8, *chat_troubles.failures())]),
            ("Limits and money", [line(8, *chat_troubles.limits()), line(8, *chat_troubles.money())]),
        ],
        more=[model],
    )


def _stats() -> list[Json]:
    first = (
        "95 % of the answers began sooner, over all that is shown; interpolated between buckets. Red above 10 s: see "
        "which model in *First token*, and whether it is theirs or on the way in *Overview*."
    )
    gap = (
        "In 95 % of the answers the longest pause was shorter. Red above 10 s: the stream stalls, and people see a "
        "frozen answer. If *Tokens per second* falls too, the provider is short of capacity."
    )
    pace = (
        "Output tokens per second, the middle of the last runs. Below what a person reads an answer feels slow. Short "
        "answers say little: use a probe with a longer one."
    )
    seconds = steps(GREEN, (3, ORANGE), (10, RED))
    waits = (("First token, 95 %", first, _FIRST), ("Largest gap, 95 %", gap, _GAP))
    middle = now(f"quantile(0.5, {series('prober_chat_output_tokens_per_second', _MODEL)})")
    return [
        *(
            stat(title, why, now(quantile(0.95, "", metric, _MODEL)), unit="s", thresholds=seconds, decimals=2)
            for title, why, metric in waits
        ),
        count("Tokens per second", pace, middle, steps(RED, (5, ORANGE), (15, GREEN))),
        *_ours(),
    ]


def _ours() -> list[Json]:
    limited = (
        "Failed runs because *we* are limited: rate_limited, quota_exhausted, auth_rejected. Raise the limit, pay, or "
        "renew the key; the service itself may be well."
    )
    cost = (
        "What the probes' own questions cost, over all that is shown, by currency. More than expected: longer "
        "intervals, `max_tokens`, or a `budget`. Grey: no `price` is known."
    )
    classes = 'error_class=~"rate_limited|quota_exhausted|auth_rejected"'
    refused = total("", only_model(grown("prober_probe_failures_total", _CHAT, classes)))
    paid = now(total("currency", grown("prober_chat_cost_total", _MODEL)), "{{currency}}")
    return [
        count("Runs refused for our sake", limited, now(refused), steps(GREEN, (0.5, RED))),
        stat("Cost", cost, paid, unit="none", thresholds=steps(BLUE), decimals=4),
    ]


def _models() -> Json:
    why = (
        "One row a chat probe, as in *Overview*: red is down, yellow slow or flapping, purple blind by our own key or "
        "quota. Compare models of one provider: if one alone is red, ask another."
    )
    return timeline("Chats", why, over_time(standing("provider, probe", _CHAT), "{{provider}} / {{probe}}"))


def _waits() -> list[Json]:
    first = (
        "Mean time to the first content of any kind, reasoning included. It rises first when a provider is short of "
        "capacity. Dashed: the threshold of `slow`. Compare *First visible token*: the difference is reasoning."
    )
    visible = (
        "Mean time to the first content that a person sees. If only this one rises, the model reasons longer: look at "
        "the `body` of the probe, as reasoning effort."
    )
    border = with_model(series("prober_probe_slow_threshold_seconds", _CHAT, 'measure="first_token"'))
    slow = over_time(f"min by ({_WHO}) ({border})", f"slow above: {_NAME}")
    return [_wait("First token", first, _FIRST, slow), _wait("First visible token", visible, _VISIBLE)]


def _wait(title: str, why: str, metric: str, *more: Json) -> Json:
    means = over_time(mean(_WHO, metric, _MODEL), _NAME)
    return lines(title, why, means, *more, unit="s", overrides=(dashed("slow above"),))


def _flow() -> list[Json]:
    gap = (
        "Mean of the longest pause in each answer. A rise with a steady first token is a stream that stalls: a proxy "
        "that buffers, or a model that is preempted."
    )
    pace = (
        "Output tokens per second of the last runs, from the first content to the last. A fall on every model of a "
        "provider is load on their side; on one model, that model."
    )
    rate = f"avg by ({_WHO}) ({series('prober_chat_output_tokens_per_second', _MODEL)})"
    return [
        _wait("Largest gap", gap, _GAP),
        lines("Tokens per second, by model", pace, over_time(rate, _NAME), unit="none"),
    ]


def _heatmaps() -> list[Json]:
    whole = (
        "How many whole answers took how long. A second band above the first is a share of slow runs that a mean "
        "hides: filter by provider or location until it is alone."
    )
    first = (
        "How many answers began after how long. A band that moves up is a provider under load; single cells far up are "
        "outliers, which *Compared* counts at 95 %."
    )
    began = total("le", grown(f"{_FIRST}_bucket", _MODEL, window=WINDOW))
    ended = grown("prober_probe_duration_seconds_bucket", _CHAT, 'outcome="success"', window=WINDOW)
    return [
        heatmap("First token, spread", first, cells(began), unit="s"),
        heatmap("Whole answer, spread", whole, cells(total("le", only_model(ended))), unit="s"),
    ]


def _compared() -> Json:
    why = (
        "Providers and models side by side, over all that is shown. Availability counts only what is theirs or on the "
        "way. For a red cell filter by that model, and look at the classes below. Few runs make wide quantiles: mind "
        "the first column."
    )
    columns = {
        "provider": "provider",
        "model": "model",
        "location": "location",
        "Value #A": "runs",
        "Value #B": "availability",
        "Value #C": "first token, half",
        "Value #D": "first token, 95 %",
        "Value #E": "largest gap, 95 %",
        "Value #F": "tokens per second",
        "Value #G": "cost of a run",
        "currency": "currency",
    }
    waits = (name for name in columns.values() if name.startswith(("first", "largest")))
    looks = (
        column("runs", unit="none", decimals=0),
        column("availability", unit="percentunit", decimals=2, thresholds=steps(RED, (0.95, ORANGE), (0.995, GREEN))),
        *(column(name, unit="s", decimals=2, thresholds=steps(GREEN, (3, ORANGE), (10, RED))) for name in waits),
        column("tokens per second", unit="none", decimals=1),
        column("cost of a run", unit="none", decimals=6),
    )
    asked = map(rows, _comparisons())
    return table(
        "Compared",
        why,
        *asked,
        columns=columns,
        looks=looks,
        sort="first token, 95 %",
        nothing="no run of a chat known",
    )


def _comparisons() -> list[str]:
    """Runs, availability, waits, pace and cost by model, in the order of the columns."""
    runs = total(_EACH, with_model(grown("prober_probe_runs_total", _CHAT)))
    right = total(_EACH, with_model(grown("prober_probe_runs_total", _CHAT, 'result=~"ok|slow"')))
    faults = 'fault=~"target|network|unknown"'
    wrong = total(_EACH, with_model(grown("prober_probe_failures_total", _CHAT, faults)))
    pace = series("prober_chat_output_tokens_per_second", _MODEL)
    paid = total(f"{_EACH}, currency", grown("prober_chat_cost_total", _MODEL))
    return [
        f"{runs} > 0",
        f"{right} / ({right} + {wrong} > 0)",
        quantile(0.5, _EACH, _FIRST, _MODEL),
        quantile(0.95, _EACH, _FIRST, _MODEL),
        quantile(0.95, _EACH, _GAP, _MODEL),
        f"avg by ({_EACH}) (quantile_over_time(0.5, {pace}[{RANGE}]))",
        f"{paid} / on ({_EACH}) group_left () ({runs} > 0)",
    ]
