"""From how a run ended to its Result: outcome, fault, slowness, and whether its times can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.engine.text import LONGEST, clean, clean_measure, clean_optional, duration
from prober.model.errors import ErrorClass, ProbeFailure, fault_of
from prober.model.run import Failure, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model.probe import Probe
    from prober.model.run import Run

__all__ = ["Ending", "amended", "is_tainted", "rests_on_time", "verdict"]

_LONGEST_ID = 80
_TAINT_NS = 50_000_000
_TAINT_PERCENT = 5
_TIMED_CLASSES = frozenset({ErrorClass.RESPONSE_TIMEOUT, ErrorClass.STREAM_STALLED, ErrorClass.JOB_TIMEOUT})
_TIMED_DETAILS = frozenset({"timeout", "handshake_timeout", "header_timeout", "total", "first_token", "idle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended. ``lag_ns`` is the longest time that our event loop was late meanwhile."""

    failure: ProbeFailure | None
    duration_ns: int
    lag_ns: int
    connected: bool


def is_tainted(duration_ns: int, lag_ns: int) -> bool:
    """Whether the event loop was too late for the times of this run to mean anything."""
    return lag_ns > max(_TAINT_NS, duration_ns * _TAINT_PERCENT // 100)


def rests_on_time(failure: ProbeFailure) -> bool:
    """Whether this failure says that something took too long."""
    if failure.error_class is ErrorClass.PROBER_ERROR:
        return False
    return failure.error_class in _TIMED_CLASSES or failure.detail in _TIMED_DETAILS


def verdict(probe: Probe, run: Run, ending: Ending) -> Result:
    """The one Result of this run."""
    tainted = is_tainted(ending.duration_ns, ending.lag_ns)
    slow_because = tuple(_slow_because(probe, run, ending.duration_ns)) if ending.failure is None else ()
    failure = ending.failure
    if tainted and (slow_because or (failure is not None and rests_on_time(failure))):
        failure = _overload(ending.lag_ns)
        slow_because = ()
    redactor = run.redactor
    return Result(
        probe=probe.name,
        outcome=_outcome(failure, slow_because),
        started_at_ns=run.started_at_ns,
        duration_ns=ending.duration_ns,
        phases=tuple(run.phases),
        measures={name: clean_measure(value, redactor) for name, value in run.measures.items()},
        steps=tuple(run.steps),
        failure=None if failure is None else _failure(failure, run, connected=ending.connected),
        request_id=clean_optional(run.request_id, redactor),
        slow_because=tuple(clean(reason, redactor) for reason in slow_because),
        tainted=tainted,
        capture=run.capture,
    )


def amended(result: Result, run: Run) -> Result:
    """The result with what was learned when the run was over. The verdict stays."""
    if not run.learned and run.remark is None:
        return result
    failure = result.failure
    if failure is not None and run.remark is not None:
        failure = replace(failure, message=_message(f"{run.remark}: {failure.message}", run))
    learned = {name: clean_measure(value, run.redactor) for name, value in run.learned.items()}
    return replace(result, failure=failure, measures={**result.measures, **learned})


def _outcome(failure: ProbeFailure | None, slow_because: tuple[str, ...]) -> Outcome:
    if failure is None:
        return Outcome.SLOW if slow_because else Outcome.OK
    return Outcome.ERROR if failure.error_class is ErrorClass.PROBER_ERROR else Outcome.FAIL


def _failure(failure: ProbeFailure, run: Run, *, connected: bool) -> Failure:
    return Failure(
        error_class=failure.error_class,
        fault=fault_of(failure.error_class, connected=connected),
        phase=failure.phase or run.phase_name,
        detail=failure.detail,
        message=_message(failure.message, run),
    )


def _message(text: str, run: Run) -> str:
    """What is said of a failure, with the id at its end that one quotes to the vendor."""
    said = clean(text, run.redactor)
    quoted = clean_optional(run.request_id, run.redactor)
    if quoted is None or quoted in said or len(quoted) > _LONGEST_ID:
        return said
    end = f" (request {quoted})"
    return said + end if len(said) + len(end) <= LONGEST else f"{said[: LONGEST - len(end) - 1]}…{end}"


def _slow_because(probe: Probe, run: Run, duration_ns: int) -> Iterator[str]:
    yield from run.slow_because
    for key, limit_ns in probe.slow_ns.items():
        took = duration_ns / 1e9 if key == "total" else run.measures.get(f"{key}_seconds")
        if isinstance(took, int | float) and took > limit_ns / 1e9:
            yield f"{key} took {duration(took)}, more than {duration(limit_ns / 1e9)}"


def _overload(lag_ns: int) -> ProbeFailure:
    return ProbeFailure(
        ErrorClass.PROBER_ERROR,
        f"our event loop was late by {duration(lag_ns / 1e9)} during the run, so its times are void",
        detail="overload",
    )
