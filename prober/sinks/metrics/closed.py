"""The closed sets of label values, and which of them a probe has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.run import Outcome
from prober.sinks.metrics.family import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model.probe import Probe
    from prober.sinks.metrics.family import Key, Setup

__all__ = [
    "ASSETS",
    "CHAT",
    "HTTP",
    "LIMITED",
    "LOGIN",
    "OUTCOMES",
    "PAGE",
    "PROBE_STATES",
    "RESOURCES",
    "RESULTS",
    "SERVICE_STATES",
    "SKIP_REASONS",
    "SLOS",
    "TOKEN_TYPES",
    "VITALS",
    "asks",
    "assets_by_outcome",
    "each",
    "failures",
    "phases",
    "priced",
    "slo_targets",
    "slow_measures",
    "slow_thresholds",
    "step_failures",
    "steps",
]

RESULTS = tuple(outcome.value for outcome in Outcome)
OUTCOMES = ("success", "failure")
SKIP_REASONS = ("overrun", "overload", "budget", "breaker", "disabled")
PROBE_STATES = ("up", "degraded", "down", "unknown")
SERVICE_STATES = ("up", "degraded", "partial", "down", "unknown")
SLOS = ("availability", "fast")
TOKEN_TYPES = ("input", "cached", "output", "reasoning")
RESOURCES = ("requests", "tokens")
ASSETS = ("document", "style", "script", "font", "image", "icon", "frame", "fetch", "other")
"""Kinds of assets; the last two are what scripts ask for, and the rest, as a browser sees them."""
VITALS = ("ttfb", "fcp", "lcp")

CHAT = frozenset({"chat", "login", "journey"})
"""Kinds that may ask a model: a login and a journey do where a step of theirs is a question."""
LOGIN = frozenset({"login", "journey"})
PAGE = frozenset({"page"})
HTTP = frozenset({"http", "page", "login", "journey", "chat", "job", "status_page"})
"""Kinds that speak HTTP."""
LIMITED = frozenset({"http", "chat", "job"})
"""Kinds that may meet an API's rate limit."""

_ASSETS_BY_OUTCOME = tuple(key_of(kind, outcome) for kind in ASSETS for outcome in ("ok", "broken"))
_FAILURES = tuple(key_of(error.value, FAULTS[error].value) for error in ErrorClass)
_LOCAL = tuple(key_of(error.value, Fault.LOCAL.value) for error in ErrorClass if FAULTS[error] is Fault.NETWORK)


def each(values: tuple[str, ...]) -> Callable[[Probe, Setup], tuple[Key, ...]]:
    """One series a value, for every probe."""
    keys = tuple(key_of(value) for value in values)
    return lambda _probe, _setup: keys


def asks(probe: Probe) -> bool:
    """Whether the probe asks a model."""
    return probe.kind.name == "chat" or bool(probe.info.get("model"))


def assets_by_outcome(_probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """Every kind of asset, loaded and broken."""
    return _ASSETS_BY_OUTCOME


def failures(_probe: Probe, setup: Setup) -> tuple[Key, ...]:
    """Every class with its fault; the network's ones also as local where connectivity is checked."""
    return _FAILURES + _LOCAL if setup.connectivity else _FAILURES


def phases(probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """The phases of the probe's kind."""
    return tuple(key_of(phase) for phase in probe.kind.phases)


def steps(probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """The steps of the probe."""
    return tuple(key_of(step) for step in probe.steps)


def step_failures(probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """Every class, for every step of the probe."""
    return tuple(key_of(step, error.value) for step in probe.steps for error in ErrorClass)


def priced(probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """One series where a price is configured or known."""
    return ((),) if probe.info.get("currency") else ()


def slo_targets(probe: Probe) -> Mapping[Key, float]:
    """The objectives that are configured."""
    targets = {key_of("availability"): probe.slo.availability, key_of("fast"): probe.slo.fast}
    return {key: target for key, target in targets.items() if target is not None}


def slow_measures(probe: Probe, _setup: Setup) -> tuple[Key, ...]:
    """The measures that have a threshold."""
    return tuple(key_of(measure) for measure in probe.slow_ns)


def slow_thresholds(probe: Probe) -> Mapping[Key, float]:
    """The thresholds above which a success is slow."""
    return {key_of(measure): limit_ns / 1e9 for measure, limit_ns in probe.slow_ns.items()}
