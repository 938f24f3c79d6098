"""Every metric of a probe: the names, types and labels that users draw and alert on."""

from __future__ import annotations

from prober.sinks.metrics import closed
from prober.sinks.metrics.chat_catalogue import CHAT_FAMILIES
from prober.sinks.metrics.family import Family, Type
from prober.sinks.metrics.login_catalogue import LOGIN_FAMILIES
from prober.sinks.metrics.page_catalogue import PAGE_FAMILIES

__all__ = [
    "BASE_LABELS",
    "CERTIFICATE_EXPIRY",
    "DISABLED",
    "DURATION",
    "FAILURES",
    "FAMILIES",
    "HTTP_STATUS",
    "INFO",
    "INTERVAL",
    "LAST_DURATION",
    "LAST_RUN",
    "LAST_SUCCESS",
    "PHASES",
    "RATE_LIMIT",
    "RATE_REMAINING",
    "RESERVED_LABELS",
    "RUNS",
    "SKIPPED",
    "SLOW_THRESHOLD",
    "SLO_TARGET",
    "STATE",
    "SUCCESS",
    "TIMEOUT",
]

BASE_LABELS = ("probe", "kind", "provider", "service", "location")
"""In front of the labels of every series of a probe; location only where it is configured."""

COUNTER, GAUGE, HISTOGRAM, SUMMARY = Type

# Every probe
SUCCESS = Family(
    "prober_probe_success",
    GAUGE,
    "Whether the last run succeeded; no sample before the first run.",
)
RUNS = Family(
    "prober_probe_runs_total",
    COUNTER,
    "Runs by result: slow is a success above a threshold, error is the prober's own trouble.",
    labels=("result",),
    series=closed.each(closed.RESULTS),
)
FAILURES = Family(
    "prober_probe_failures_total",
    COUNTER,
    "Runs of result fail or error, by why they failed and whose fault that is.",
    labels=("error_class", "fault"),
    series=closed.failures,
)
SKIPPED = Family(
    "prober_probe_skipped_total",
    COUNTER,
    "Runs that were due and did not happen, by reason.",
    labels=("reason",),
    series=closed.each(closed.SKIP_REASONS),
)
DURATION = Family(
    "prober_probe_duration_seconds",
    HISTOGRAM,
    "Duration of runs: outcome success for ok and slow runs, failure for failed ones.",
    labels=("outcome",),
    series=closed.each(closed.OUTCOMES),
    buckets=lambda probe: probe.buckets,
)
LAST_DURATION = Family(
    "prober_probe_last_duration_seconds",
    GAUGE,
    "Duration of the last run whose times can be trusted.",
)
PHASES = Family(
    "prober_probe_phase_seconds",
    SUMMARY,
    "Time that a successful run spent in a phase, summed over its exchanges; the count is of runs that had the phase.",
    labels=("phase",),
    series=closed.phases,
)
LAST_RUN = Family("prober_probe_last_run_timestamp_seconds", GAUGE, "When the last run ended, in Unix time.")
LAST_SUCCESS = Family(
    "prober_probe_last_success_timestamp_seconds",
    GAUGE,
    "When the last successful run ended, in Unix time.",
)
STATE = Family(
    "prober_probe_state",
    GAUGE,
    "State of the probe: 1 for the one that holds. Unknown means never run, disabled or blind.",
    labels=("state",),
    series=closed.each(closed.PROBE_STATES),
    from_start=True,
)
INFO = Family(
    "prober_probe_info",
    GAUGE,
    "What the probe is, as labels; always 1.",
    own=("protocol", "model", "target", "engine", "session"),
    fixed=lambda _probe: {(): 1.0},
)
INTERVAL = Family(
    "prober_probe_interval_seconds",
    GAUGE,
    "Configured time from the start of one run to the start of the next.",
    fixed=lambda probe: {(): probe.interval_ns / 1e9},
)
TIMEOUT = Family(
    "prober_probe_timeout_seconds",
    GAUGE,
    "Configured time by which a run ends.",
    fixed=lambda probe: {(): probe.timeout_ns / 1e9},
)
SLO_TARGET = Family(
    "prober_probe_slo_target_ratio",
    GAUGE,
    "Configured objective: the share of runs that are not bad, or not slow.",
    labels=("slo",),
    series=closed.each(closed.SLOS),
    fixed=closed.slo_targets,
)
SLOW_THRESHOLD = Family(
    "prober_probe_slow_threshold_seconds",
    GAUGE,
    "Configured threshold of a measure, as first_token or total: a success above any of them is slow.",
    labels=("measure",),
    series=closed.slow_measures,
    fixed=closed.slow_thresholds,
)
DISABLED = Family(
    "prober_probe_disabled",
    GAUGE,
    "Why the probe does not run, as the configuration has it; always 1.",
    own=("reason",),
    fixed=lambda probe: {} if probe.disabled is None else {(): 1.0},
)

# Every probe that speaks HTTP
HTTP_STATUS = Family(
    "prober_probe_http_status",
    GAUGE,
    "HTTP status of the last answer of the last run; no sample where no answer came.",
    kinds=closed.HTTP,
)
CERTIFICATE_EXPIRY = Family(
    "prober_probe_certificate_expiry_timestamp_seconds",
    GAUGE,
    "End of the certificate last seen, valid or not, in Unix time.",
    kinds=closed.HTTP,
)
RATE_REMAINING = Family(
    "prober_rate_limit_remaining",
    GAUGE,
    "What is left of the provider's rate limit, as the last answer that named it said.",
    labels=("resource",),
    kinds=closed.LIMITED,
    series=closed.each(closed.RESOURCES),
)
RATE_LIMIT = Family(
    "prober_rate_limit_limit",
    GAUGE,
    "The provider's rate limit, as the last answer that named it said.",
    labels=("resource",),
    kinds=closed.LIMITED,
    series=closed.each(closed.RESOURCES),
)

FAMILIES = (
    *(SUCCESS, RUNS, FAILURES, SKIPPED, DURATION, LAST_DURATION, PHASES, LAST_RUN, LAST_SUCCESS, STATE),
    *(INFO, INTERVAL, TIMEOUT, SLO_TARGET, SLOW_THRESHOLD, DISABLED),
    *(HTTP_STATUS, CERTIFICATE_EXPIRY, RATE_REMAINING, RATE_LIMIT),
    *CHAT_FAMILIES,
    *LOGIN_FAMILIES,
    *PAGE_FAMILIES,
)
"""In the order in which they are exposed."""

RESERVED_LABELS = frozenset({"le", *BASE_LABELS, *(label for each in FAMILIES for label in each.own + each.labels)})
"""What a configured label must not be called: twice the same label in one line would spoil the whole scrape."""
