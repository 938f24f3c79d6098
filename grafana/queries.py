"""The PromQL that several panels share; raw metrics only, so that no rule file has to be loaded."""

from __future__ import annotations

__all__ = [
    "ACTIVE_SINCE",
    "ALERTS",
    "PROBE",
    "RANGE",
    "SERVICE",
    "STEP",
    "WINDOW",
    "availability",
    "bad",
    "count_of",
    "failing",
    "good",
    "grown",
    "mean",
    "of_probers",
    "only_model",
    "own",
    "own_standing",
    "quantile",
    "series",
    "standing",
    "that_ran",
    "total",
    "with_model",
]

_OWN = ('job=~"$job"', 'instance=~"$instance"')
_SERIES = (*_OWN, 'location=~"$location"', 'provider=~"$provider"', 'service=~"$service"', 'probe=~"$probe"')
RANGE = "$__range"
"""All that is shown."""
STEP = "$__interval"
"""From one point to the next: counts in windows that do not overlap."""
WINDOW = "$__rate_interval"
"""As long as a step, and never shorter than four scrapes."""
SERVICE = "provider, service"
PROBE = "provider, service, probe, location"

# What rules aggregate has no job and no instance, and what is about prober itself no provider.
_OURS = 'fault!="",severity!="none",provider=~"$provider|",service=~"$service|"'
ALERTS = f'ALERTS{{alertstate="firing",{_OURS}}}'
"""The firing alerts of the shipped rules: told from others by the label ``fault``, and without the watchdog."""
ACTIVE_SINCE = f"ALERTS_FOR_STATE{{{_OURS}}}"
"""When they became active, in Unix time."""


def own(metric: str, *matchers: str) -> str:
    """A metric of prober itself."""
    return f"{metric}{{{','.join((*_OWN, *matchers))}}}"


def series(metric: str, *matchers: str) -> str:
    """A metric of the chosen probes."""
    return f"{metric}{{{','.join((*_SERIES, *matchers))}}}"


def of_probers(metric: str) -> str:
    """A metric that everything scraped has, of what is or was a prober within a day."""
    return f"({own(metric)} and on (job, instance) last_over_time({own('prober_build_info')}[1d]))"


def total(by: str, expr: str) -> str:
    """The sum by some labels, or of everything."""
    return f"sum by ({by}) ({expr})" if by else f"sum({expr})"


def grown(metric: str, *matchers: str, window: str = RANGE) -> str:
    """By how much a counter grew."""
    return f"increase({series(metric, *matchers)}[{window}])"


def count_of(expr: str, *, among: str) -> str:
    """How many series are left: zero only while there are any among which to count, and no data otherwise."""
    return f"count({expr}) or 0 * count({among})"


def good(by: str, window: str, *matchers: str) -> str:
    """Runs that count for a service: ok and slow ones."""
    return total(by, grown("prober_probe_runs_total", 'result=~"ok|slow"', *matchers, window=window))


def bad(by: str, window: str, *matchers: str) -> str:
    """Runs that count against it. Those that failed by us or by our network, and errors, are on neither side."""
    faults = 'fault=~"target|network|unknown"'
    return total(by, grown("prober_probe_failures_total", faults, *matchers, window=window))


def failing(by: str, window: str, *matchers: str) -> str:
    """The share of runs that are bad; nothing where no run counts."""
    wrong = bad(by, window, *matchers)
    return f"{wrong} / ({good(by, window, *matchers)} + {wrong} > 0)"


def availability(by: str, window: str, *matchers: str) -> str:
    """The share of runs that are good; nothing where no run counts."""
    right = good(by, window, *matchers)
    return f"{right} / ({right} + {bad(by, window, *matchers)} > 0)"


def standing(by: str, *matchers: str) -> str:
    """The share of probes and time that was not down, of those that see: 1 is up, 0 down, between is partly down.

    Degraded counts as 0.999, so that a few probes of that state are told from all that are well. -1 is blind: no probe
    that has run saw anything. -2 is nothing: none has run, or the data end here, and a state timeline draws its last
    state on and on.
    """
    states = ("up|degraded|down", "up|degraded", "degraded", "unknown")
    seen, well, degraded, unknown = (_mean_state(each, *matchers) for each in states)
    seen, well, degraded, blind = (total(by, each) for each in (seen, well, degraded, that_ran(unknown)))
    before = series("prober_probe_state", 'state="unknown"', *matchers)
    gone = total(by, f"present_over_time({before}[{WINDOW}] offset {WINDOW})")
    return f"({well} - 0.001 * {degraded})\n/ ({seen} > 0)\nor 0 * {blind} - 1\nor 0 * {gone} - 2"


def that_ran(expr: str) -> str:
    """Series of probes that have run: one that is disabled, or has not begun, is unknown and not blind."""
    ran = f"present_over_time({series('prober_probe_last_run_timestamp_seconds')}[{WINDOW}])"
    return f"{expr} and on (job, instance, probe) {ran}"


def own_standing(metric: str) -> str:
    """The same of a gauge of prober itself that is 1 if all is well, by instance: -2 follows where data end."""
    held = total("instance", f"avg_over_time({own(metric)}[{WINDOW}])")
    gone = total("instance", f"present_over_time({own(metric)}[{WINDOW}] offset {WINDOW})")
    return f"{held}\nor 0 * {gone} - 2"


def _mean_state(states: str, *matchers: str) -> str:
    operator = "=~" if "|" in states else "="
    selected = series("prober_probe_state", f'state{operator}"{states}"', *matchers)
    return f"avg_over_time({selected}[{WINDOW}])"


def mean(by: str, metric: str, *matchers: str, window: str = WINDOW) -> str:
    """The exact mean of a histogram or summary; nothing where nothing was observed."""
    function = "rate" if window == WINDOW else "increase"
    parts = (total(by, f"{function}({series(metric + part, *matchers)}[{window}])") for part in ("_sum", "_count"))
    return f"{next(parts)} / ({next(parts)} > 0)"


def quantile(share: float, by: str, metric: str, *matchers: str) -> str:
    """A quantile of a histogram over all that is shown; nothing where nothing was observed, which would be NaN."""
    buckets = total(f"le, {by}" if by else "le", grown(metric + "_bucket", *matchers))
    return f"histogram_quantile({share}, {buckets}) >= 0"


_INFO = 'kind="chat"', 'model=~"$model"'


def with_model(expr: str) -> str:
    """Series of chat probes, with the label ``model`` of what they ask."""
    return f"{expr} * on (job, instance, probe) group_left (model) {series('prober_probe_info', *_INFO)}"


def only_model(expr: str) -> str:
    """Series of chat probes that ask one of the chosen models."""
    return f"{expr} and on (job, instance, probe) {series('prober_probe_info', *_INFO)}"
