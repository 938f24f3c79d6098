"""The tables of *Overview*: what fails, what fires, why, what is left of the budget, what is slow, stale or ending."""

from __future__ import annotations

from grafana.fields import FAULTS, GREEN, ORANGE, RED, YELLOW, Json, column, steps
from grafana.panels import table
from grafana.queries import ACTIVE_SINCE, ALERTS, PROBE, RANGE, availability, bad, grown, series, total
from grafana.targets import rows

__all__ = ["budget", "certificates", "failing_now", "firing", "reasons", "slowest", "unseen"]

_NAMES = {"provider": "provider", "service": "service", "probe": "probe", "location": "location"}
_WHY = {"error_class": "error class", "fault": "fault"}


def _fault_column() -> Json:
    options = {name: {"color": colour, "index": place} for place, (name, colour) in enumerate(FAULTS.items())}
    return column("fault", mappings=[{"type": "value", "options": options}])


def _largest(by: str, metric: str, *matchers: str) -> str:
    return f"max by ({by}) ({series(metric, *matchers)})"


def failing_now() -> Json:
    """Probes that are down, with their usual class of the last half hour."""
    why = (
        "Every probe that is down: what it says most often, whose fault that is, and how long ago it last succeeded. "
        "Begin with the fault: target and network are theirs or on the way; look the class up in docs/classes.md, and "
        "run `prober check NAME` for the message."
    )
    down = _largest(PROBE, "prober_probe_state", 'state="down"') + " == 1"
    since = f"time() - {_largest(PROBE, 'prober_probe_last_success_timestamp_seconds')} and on ({PROBE}) {down}"
    classes = total(f"{PROBE}, error_class, fault", grown("prober_probe_failures_total", window="30m"))
    usual = f"topk by ({PROBE}) (1, {classes}) > 0 and on ({PROBE}) {down}"
    return table(
        "Failing now",
        why,
        rows(usual),
        rows(since),
        columns={**_NAMES, **_WHY, "Value #B": "last success, ago", "Value #A": "failures in 30 min"},
        looks=(
            _fault_column(),
            column("last success, ago", unit="s", decimals=1),
            column("failures in 30 min", unit="none", decimals=0),
        ),
        sort="last success, ago",
        nothing="nothing known to fail",
    )


def firing() -> Json:
    """The alerts of the shipped rules."""
    why = (
        "Alerts of the shipped rules that fire now. Each has a page of the same name in docs/runbooks. Empty also if "
        "the rules are not loaded: then use *Failing now*."
    )
    by = "alertname, severity, fault, provider, service, probe, location"
    severity = [
        {
            "type": "value",
            "options": {
                "critical": {"color": RED, "index": 0},
                "warning": {"color": ORANGE, "index": 1},
                "info": {"color": YELLOW, "index": 2},
            },
        }
    ]
    return table(
        "Firing alerts",
        why,
        rows(f"max by ({by}) (time() - {ACTIVE_SINCE}) and on ({by}) {ALERTS}"),
        columns={"alertname": "alert", "severity": "severity", "fault": "fault", **_NAMES, "Value": "since"},
        looks=(column("severity", mappings=severity), _fault_column(), column("since", unit="s", decimals=1)),
        sort="since",
        nothing="no firing alert known",
    )


def reasons() -> Json:
    """Failures of all that is shown, by probe and class."""
    why = (
        "Failed runs over all that is shown, by probe and class, the most frequent first. One class on many probes of "
        "a provider is an outage; on one probe alone, look at its configuration or key first."
    )
    counted = total("provider, service, probe, error_class, fault", grown("prober_probe_failures_total"))
    names = {name: name for name in ("provider", "service", "probe")}
    return table(
        "Why, counted",
        why,
        rows(f"topk(50, {counted} >= 0.5)"),
        columns={**names, **_WHY, "Value": "failed runs"},
        looks=(_fault_column(), column("failed runs", unit="none", decimals=0)),
        sort="failed runs",
        nothing="no failed run known",
    )


def budget() -> Json:
    """What is left of each objective's error budget."""
    why = (
        "Probes with an objective (`slo: {availability: ...}`), over all that is shown. The budget is the share of bad "
        "runs that the objective allows; below zero the objective is missed. A burn rate above 1 spends it faster than "
        "it comes back: above 14 somebody should look at once."
    )
    objective = _largest(PROBE, "prober_probe_slo_target_ratio", 'slo="availability"')
    reached, lately = (availability(PROBE, window) for window in (RANGE, "1h"))
    allowed = f"on ({PROBE}) (1 - {objective})"
    columns = {
        **_NAMES,
        "Value #A": "availability",
        "Value #B": "objective",
        "Value #C": "budget left",
        "Value #D": "burn rate, 1 h",
        "Value #E": "bad runs",
    }
    return table(
        "Error budget",
        why,
        rows(f"({reached}) and on ({PROBE}) {objective}"),
        rows(objective),
        rows(f"1 - (1 - {reached}) / {allowed}"),
        rows(f"(1 - {lately}) / {allowed}"),
        rows(f"{bad(PROBE, RANGE)} and on ({PROBE}) {objective}"),
        columns=columns,
        looks=(
            column("availability", unit="percentunit", decimals=2),
            column("objective", unit="percentunit", decimals=2),
            column("budget left", unit="percentunit", decimals=0, thresholds=steps(RED, (0, ORANGE), (0.25, GREEN))),
            column("burn rate, 1 h", unit="none", decimals=1, thresholds=steps(GREEN, (1, ORANGE), (14, RED))),
            column("bad runs", unit="none", decimals=0),
        ),
        sort="budget left",
        order="asc",
        nothing="no objective known",
    )


def slowest() -> Json:
    """The probes whose slow runs take longest."""
    why = (
        "The twenty slowest probes over all that is shown, exact, from the gauge of the last run: no buckets. If the "
        "longest run nears the timeout, the probe is about to fail. *Chat* and *Login and pages* show which part is "
        "slow."
    )
    spent = series("prober_probe_last_duration_seconds")
    slow = f"topk(20, max by ({PROBE}) (quantile_over_time(0.95, {spent}[{RANGE}])))"
    half = f"max by ({PROBE}) (quantile_over_time(0.5, {spent}[{RANGE}])) and on ({PROBE}) {slow}"
    longest = f"max by ({PROBE}) (max_over_time({spent}[{RANGE}])) and on ({PROBE}) {slow}"
    timeout = f"({longest}) / on ({PROBE}) {_largest(PROBE, 'prober_probe_timeout_seconds')}"
    columns = {
        **_NAMES,
        "Value #A": "half below",
        "Value #B": "95 % below",
        "Value #C": "longest",
        "Value #D": "of timeout",
    }
    seconds = tuple(column(name, unit="s", decimals=2) for name in ("half below", "95 % below", "longest"))
    share = column("of timeout", unit="percentunit", decimals=0, thresholds=steps(GREEN, (0.7, ORANGE), (0.95, RED)))
    return table(
        "Slowest",
        why,
        rows(half),
        rows(slow),
        rows(longest),
        rows(timeout),
        columns=columns,
        looks=(*seconds, share),
        sort="95 % below",
        nothing="no run known",
    )


def certificates() -> Json:
    """When certificates end."""
    why = (
        "Days until the certificate ends that the probe last saw. Red is less than a week, or over: whoever runs the "
        "service has to renew it. An expired one is shown too, and fails as `tls_error`."
    )
    expr = f"(min by ({PROBE}) ({series('prober_probe_certificate_expiry_timestamp_seconds')}) - time()) / 86400"
    look = column("days left", unit="d", decimals=1, thresholds=steps(RED, (7, ORANGE), (21, GREEN)))
    return table(
        "Certificates",
        why,
        rows(expr),
        columns={**_NAMES, "Value": "days left"},
        looks=(look,),
        sort="days left",
        order="asc",
        nothing="no certificate known",
    )


def unseen() -> list[Json]:
    """Probes that do not run, against or by their configuration."""
    stale = (
        "Probes whose last run is longer ago than three intervals and a timeout: nobody looks, and their state is of "
        "the past. Look at *Prober* for skipped and missed runs; held-back sign-ins and spent budgets show here too."
    )
    old = (
        f"time() - {_largest(PROBE, 'prober_probe_last_run_timestamp_seconds')} "
        f"> 3 * {_largest(PROBE, 'prober_probe_interval_seconds')} + {_largest(PROBE, 'prober_probe_timeout_seconds')}"
    )
    disabled = (
        "Probes that the configuration has and that do not run, and why: mostly a secret that is not set. Set it and "
        "reload, or take the probe out."
    )
    why_not = f"max by ({PROBE}, reason) ({series('prober_probe_disabled')})"
    ago = column("last run, ago", unit="s", decimals=1, thresholds=steps(ORANGE))
    return [
        table(
            "Stale",
            stale,
            rows(old),
            columns={**_NAMES, "Value": "last run, ago"},
            looks=(ago,),
            sort="last run, ago",
            nothing="no stale probe known",
        ),
        table(
            "Disabled",
            disabled,
            rows(why_not),
            columns={**_NAMES, "reason": "reason", "Value": "disabled"},
            sort="probe",
            order="asc",
            nothing="no disabled probe known",
        ),
    ]
