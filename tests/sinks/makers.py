"""Probes, results and clocks as the tests of sinks and web need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prober.model.clock import Clock
from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.probe import Kind, Probe
from prober.model.run import Failure, Measure, Outcome, Phase, Result, Run, Step

SECOND = 10**9
MINUTE = 60 * SECOND
NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z


@dataclass(slots=True)
class Watch:
    """A clock that goes only when told."""

    now_ns: int = NOON
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(monotonic_ns=lambda: self.now_ns, wall_ns=lambda: self.now_ns)

    def forward(self, duration_ns: int) -> int:
        """Let time pass; the time it then is."""
        self.now_ns += duration_ns
        return self.now_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSettings:
    """The settings of a kind that has none."""


async def _do_nothing(settings: NoSettings, run: Run) -> None:
    """A run that succeeds."""


def kind(name: str = "http", *, phases: tuple[str, ...] = ("resolve", "connect", "request")) -> Kind[object]:
    """A kind that does nothing."""
    made: Any = Kind(name=name, doc="A kind.", settings=NoSettings, run=_do_nothing, phases=phases)
    kind_of_any_settings: Kind[object] = made
    return kind_of_any_settings


def probe(
    name: str = "chat-probe",
    *,
    of: str = "http",
    provider: str = "openai",
    service: str = "chat",
    down_after: int = 2,
    up_after: int = 2,
    disabled: str | None = None,
    interval_ns: int = MINUTE,
) -> Probe:
    """A probe of one service."""
    return Probe(
        name=name,
        kind=kind(of),
        provider=provider,
        service=service,
        interval_ns=interval_ns,
        timeout_ns=30 * SECOND,
        retry_interval_ns=10 * SECOND,
        down_after=down_after,
        up_after=up_after,
        disabled=disabled,
    )


def ok(
    name: str = "chat-probe",
    *,
    at_ns: int = NOON,
    duration_ns: int = SECOND // 4,
    slow: bool = False,
    measures: dict[str, Measure] | None = None,
    phases: tuple[Phase, ...] = (),
    steps: tuple[Step, ...] = (),
    request_id: str | None = None,
) -> Result:
    """A run that succeeded."""
    return Result(
        probe=name,
        outcome=Outcome.SLOW if slow else Outcome.OK,
        started_at_ns=at_ns,
        duration_ns=duration_ns,
        measures=measures or {},
        phases=phases,
        steps=steps,
        request_id=request_id,
        slow_because=("total 4.2 s > 3 s",) if slow else (),
    )


def failed(
    name: str = "chat-probe",
    error_class: ErrorClass = ErrorClass.SERVER_ERROR,
    *,
    at_ns: int = NOON,
    duration_ns: int = SECOND // 4,
    fault: Fault | None = None,
    detail: str | None = None,
    phase: str | None = "request",
    message: str = "HTTP 500",
    request_id: str | None = None,
    measures: dict[str, Measure] | None = None,
    phases: tuple[Phase, ...] = (),
    steps: tuple[Step, ...] = (),
) -> Result:
    """A run that failed; an ``error`` if the class is the prober's own."""
    return Result(
        probe=name,
        outcome=Outcome.ERROR if error_class is ErrorClass.PROBER_ERROR else Outcome.FAIL,
        started_at_ns=at_ns,
        duration_ns=duration_ns,
        failure=Failure(
            error_class=error_class, fault=fault or FAULTS[error_class], phase=phase, detail=detail, message=message
        ),
        request_id=request_id,
        measures=measures or {},
        phases=phases,
        steps=steps,
    )
