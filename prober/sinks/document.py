"""The JSON object of a probe and its last run, as ``check --format json`` and the API give it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from prober.model.run import Outcome, Result
from prober.providers.catalogue import catalogue
from prober.sinks.state_rules import BLIND_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.probe import Probe
    from prober.model.run import Measure, Phase, Step

__all__ = ["MEASURES", "Document", "message_of", "seconds", "status_page_of", "timestamp", "to_json"]

Document = dict[str, object]

MEASURES = (
    "http_status",
    "bytes",
    "redirects",
    "certificate_days",
    "first_token_seconds",
    "first_visible_token_seconds",
    "max_gap_seconds",
    "output_tokens_per_second",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
    "served_model",
    "finish_reason",
    "requests_remaining",
    "tokens_remaining",
)
"""The measures that are always there, null where a probe has none (design, section 9)."""

_NO_MEASURES: dict[str, Measure] = dict.fromkeys(MEASURES)


def to_json(probe: Probe, result: Result | None) -> Document:
    """The object of design section 9. Absent things are None, not missing; ``result`` is None before the first run."""
    failure = None if result is None else result.failure
    return {
        "name": probe.name,
        "kind": probe.kind.name,
        "provider": probe.provider,
        "service": probe.service,
        "result": None if result is None else result.outcome.value,
        "error_class": None if failure is None else failure.error_class.value,
        "fault": None if failure is None else failure.fault.value,
        "detail": None if failure is None else failure.detail,
        "phase": None if failure is None else failure.phase,
        "message": None if result is None else message_of(result),
        "started_at": None if result is None else timestamp(result.started_at_ns),
        "duration_seconds": None if result is None else seconds(result.duration_ns),
        "phases": [] if result is None else [_phase(phase) for phase in result.phases],
        "measures": dict(_NO_MEASURES) if result is None else _NO_MEASURES | _finite(result.measures),
        "steps": [] if result is None else [_step(step) for step in result.steps],
        "request_id": None if result is None else result.request_id,
        "disabled": probe.disabled,
    }


def message_of(result: Result) -> str | None:
    """What a person should read about the run: why it failed, or what made it slow."""
    if result.failure is not None:
        return result.failure.message
    if result.outcome is Outcome.SLOW and result.slow_because:
        return "; ".join(result.slow_because)
    return None


def status_page_of(probe: Probe, result: Result) -> str | None:
    """What one opens first when this run failed: the vendor's status page; None where the failure is not theirs."""
    if result.failure is None or result.failure.fault in BLIND_FAULTS:
        return None
    vendor = catalogue().get(probe.provider)
    return probe.info.get("status_page") or (None if vendor is None else vendor.status_page)


def timestamp(unix_ns: int) -> str:
    """A time as RFC 3339 in UTC with milliseconds."""
    return f"{_second(unix_ns // 10**9)}.{unix_ns // 10**6 % 1000:03d}Z"


@lru_cache(maxsize=64)  # the runs of one second share its text, and every run is logged
def _second(unix_seconds: int) -> str:
    return f"{datetime.fromtimestamp(unix_seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def seconds(duration_ns: int) -> float:
    """A duration in seconds."""
    return duration_ns / 1e9


def _phase(phase: Phase) -> Document:
    return {
        "name": phase.name,
        "offset_seconds": seconds(phase.offset_ns),
        "duration_seconds": seconds(phase.duration_ns),
        "finished": phase.finished,
    }


def _step(step: Step) -> Document:
    return {
        "name": step.name,
        "result": step.result,
        "duration_seconds": seconds(step.duration_ns),
        "status": step.status,
    }


def _finite(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """JSON has no infinity and no NaN: a measure that is neither a number nor a text is none."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in measures.items()
    }
