"""What one run changes in the series of its probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.errors import FAULTS, Fault
from prober.model.run import Outcome
from prober.sinks.metrics import catalogue as metric
from prober.sinks.metrics import chat_catalogue as chat
from prober.sinks.metrics.closed import asks
from prober.sinks.metrics.family import key_of
from prober.sinks.metrics.login_catalogue import BREAKER_OPEN, STEP, STEP_FAILURES
from prober.sinks.metrics.number import number_in
from prober.sinks.metrics.page_fold import fold_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Failure, Measure, Result
    from prober.sinks.metrics.family import Family, Key
    from prober.sinks.metrics.series import Series

__all__ = ["fold", "fold_skip"]

_CHAT_SECONDS = {
    "first_token_seconds": chat.FIRST_TOKEN,
    "first_visible_token_seconds": chat.FIRST_VISIBLE_TOKEN,
    "max_gap_seconds": chat.MAX_GAP,
}
_LAST_KNOWN: Mapping[str, tuple[Family, Key]] = {
    "certificate_expiry": (metric.CERTIFICATE_EXPIRY, ()),
    "requests_remaining": (metric.RATE_REMAINING, key_of("requests")),
    "tokens_remaining": (metric.RATE_REMAINING, key_of("tokens")),
    "requests_limit": (metric.RATE_LIMIT, key_of("requests")),
    "tokens_limit": (metric.RATE_LIMIT, key_of("tokens")),
}
"""Measures whose last value stays true when a later run does not see one."""

_BREAKER_DETAILS = frozenset({"bad_credentials", "locked_out"})  # what else opens the breaker shows in the next skip


def fold(series: Series, result: Result, *, local: bool) -> None:
    """Count one run. ``local`` says that the series with that fault exist."""
    outcome = result.outcome
    succeeded = outcome is Outcome.OK or outcome is Outcome.SLOW
    ended = (result.started_at_ns + result.duration_ns) // 1_000_000 / 1e3
    series.add(metric.RUNS, key_of(outcome.value), 1.0)
    series.set(metric.LAST_RUN, (), ended)
    if succeeded:
        series.set(metric.LAST_SUCCESS, (), ended)
    series.set(metric.SUCCESS, (), 1.0 if succeeded else 0.0)
    if result.failure is not None:
        series.add(metric.FAILURES, _failure_key(result.failure, local=local), 1.0)
    if outcome is not Outcome.ERROR and not result.tainted:
        _fold_times(series, result, succeeded=succeeded)
    _fold_measures(series, result.measures)
    _fold_kind(series, result, succeeded=succeeded)


def fold_skip(series: Series, reason: str) -> None:
    """Count one run that did not happen."""
    series.add(metric.SKIPPED, key_of(reason), 1.0)
    if reason == "breaker":
        series.set(BREAKER_OPEN, (), 1.0)


def _failure_key(failure: Failure, *, local: bool) -> Key:
    fault = FAULTS[failure.error_class]
    if local and failure.fault is Fault.LOCAL and fault is Fault.NETWORK:
        fault = Fault.LOCAL
    return key_of(failure.error_class.value, fault.value)


def _fold_times(series: Series, result: Result, *, succeeded: bool) -> None:
    seconds = result.duration_ns / 1e9
    series.set(metric.LAST_DURATION, (), seconds)
    series.observe(metric.DURATION, key_of("success" if succeeded else "failure"), seconds)
    if not succeeded:
        return
    spent: dict[str, int] = {}
    for phase in result.phases:
        if phase.finished:
            spent[phase.name] = spent.get(phase.name, 0) + phase.duration_ns
    for name, duration_ns in spent.items():
        series.add(metric.PHASES, key_of(name, "count"), 1.0)
        series.add_seconds(metric.PHASES, key_of(name, "sum"), duration_ns)


def _fold_measures(series: Series, measures: Mapping[str, Measure]) -> None:
    _set_or_clear(series, metric.HTTP_STATUS, number_in(measures, "http_status"))
    for name in _LAST_KNOWN.keys() & measures.keys():
        value = number_in(measures, name)
        if value is not None:
            series.set(*_LAST_KNOWN[name], value)


def _set_or_clear(series: Series, family: Family, value: float | None) -> None:
    if value is None:
        series.clear(family)
    else:
        series.set(family, (), value)


def _fold_kind(series: Series, result: Result, *, succeeded: bool) -> None:
    timed = succeeded and not result.tainted
    match series.probe.kind.name:
        case "chat":
            _fold_chat(series, result.measures, timed=timed)
        case "login" | "journey":
            _fold_steps(series, result, timed=timed)
            if asks(series.probe):
                _fold_chat(series, result.measures, timed=timed)
        case "page":
            fold_page(series, result.measures, timed=not result.tainted)


def _fold_chat(series: Series, measures: Mapping[str, Measure], *, timed: bool) -> None:
    for name, family in _CHAT_SECONDS.items() if timed else ():
        seconds = number_in(measures, name)
        if seconds is not None:
            series.observe(family, (), seconds)
    rate = number_in(measures, "output_tokens_per_second")
    if timed and rate is not None:
        series.set(chat.OUTPUT_RATE, (), rate)
    for whole, part in (("input", "cached"), ("output", "reasoning")):
        inside = number_in(measures, f"{part}_tokens") or 0.0
        beside = max(0.0, (number_in(measures, f"{whole}_tokens") or 0.0) - inside)
        series.add(chat.TOKENS, key_of(whole), beside)
        series.add(chat.TOKENS, key_of(part), inside)
    series.add(chat.COST, (), number_in(measures, "cost") or 0.0)
    if "model_shutdown_timestamp" in measures:
        _set_or_clear(series, chat.MODEL_SHUTDOWN, number_in(measures, "model_shutdown_timestamp"))


def _fold_steps(series: Series, result: Result, *, timed: bool) -> None:
    for step in result.steps:
        if step.error_class is not None:
            series.add(STEP_FAILURES, key_of(step.name, step.error_class.value), 1.0)
        elif timed and step.result in {"ok", "slow"}:
            series.observe(STEP, key_of(step.name), step.duration_ns / 1e9)
    refused = result.failure is not None and result.failure.detail in _BREAKER_DETAILS
    series.set(BREAKER_OPEN, (), 1.0 if refused else 0.0)
