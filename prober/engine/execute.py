"""One run of a probe: exactly one Result, whatever happens."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import TYPE_CHECKING

from prober.classify import failure_of
from prober.engine.leash import Abandoned, Leash
from prober.engine.text import RunRedactor, clean, duration
from prober.engine.verdict import Ending, verdict
from prober.model.errors import FAULTS, ErrorClass, Fault, ProbeFailure
from prober.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.engine.lag import LagMonitor
    from prober.model.clock import Clock
    from prober.model.network import Network
    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.model.secret import Redactor

__all__ = ["execute"]

_log = logging.getLogger("prober.engine")
_CAUSES = 5


async def execute(
    probe: Probe,
    *,
    clock: Clock,
    network: Network,
    redactor: Redactor,
    connected: Callable[[], bool],
    lag: LagMonitor,
    confirm: Callable[[], Awaitable[object]] | None = None,
) -> Result:
    """Run the probe once, within its timeout, and say what it came to. Raises nothing but the caller's cancellation.

    A failure that points at the network asks ``confirm`` whether our own is up before ``connected`` is read; the time
    that takes is no part of the run.
    """
    run = Run(clock=clock, network=network, timeout_ns=probe.timeout_ns, redactor=RunRedactor(redactor))
    failure = await _attempt(probe, run)
    duration_ns = clock.monotonic_ns() - run.started_ns
    lag_ns = lag.worst_ns(run.started_ns)
    if confirm is not None and failure is not None and FAULTS[failure.error_class] is Fault.NETWORK:
        await confirm()
    ending = Ending(failure=failure, duration_ns=duration_ns, lag_ns=lag_ns, connected=connected())
    return verdict(probe, run, ending)


async def _attempt(probe: Probe, run: Run) -> ProbeFailure | None:
    task = asyncio.current_task()
    assert task is not None
    others = task.cancelling()
    try:
        async with asyncio.timeout(probe.timeout_ns / 1e9) as deadline:
            await Leash(probe.run(run), task)
    except ProbeFailure as failure:
        return failure
    except asyncio.CancelledError:
        if task.cancelling() > others:
            raise
        return _bug("the probe was cancelled from inside")
    except Abandoned:
        if task.cancelling() > others:
            raise asyncio.CancelledError from None
        return _bug(f"the probe did not stop at its deadline of {_timeout(probe)}")
    except Exception as error:  # noqa: BLE001 - the one place where whatever was raised becomes a Result
        return _past_deadline(probe, run) if deadline.expired() else _explained(error, probe, run)
    return _past_deadline(probe, run) if deadline.expired() else None


def _past_deadline(probe: Probe, run: Run) -> ProbeFailure:
    if run.deadline_verdict is not None:
        return run.deadline_verdict()
    failure = failure_of(TimeoutError(), run.phase_name)
    where = f" while in {run.phase_name}" if run.phase_name else ""
    message = f"not done within the timeout of {_timeout(probe)}{where}"
    return ProbeFailure(failure.error_class, message, detail=failure.detail, phase=failure.phase)


def _explained(error: Exception, probe: Probe, run: Run) -> ProbeFailure:
    """What classification makes of the exception; one that it does not know is ours, and is logged."""
    error = _leaf(error)
    failure = error if isinstance(error, ProbeFailure) else failure_of(error, run.phase_name)
    if failure.error_class is ErrorClass.PROBER_ERROR and failure.detail == "bug":
        _log.error("probe %s raised what nobody expected\n%s", probe.name, _trace(error, run.redactor))
    return failure


def _leaf(error: Exception) -> Exception:
    """Of a group that a TaskGroup inside the probe raised, the verdict of the probe, else the first exception."""
    while isinstance(error, ExceptionGroup):
        verdicts, _ = error.split(ProbeFailure)
        error = (verdicts or error).exceptions[0]
    return error


def _trace(error: BaseException, redactor: Redactor) -> str:
    """The traceback with redacted texts: formatted the usual way, an error of aiohttp shows the request's headers."""
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        if cause is None:
            break
        lines += [line.rstrip() for line in traceback.format_list(traceback.extract_tb(cause.__traceback__))]
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}: {clean(str(cause), redactor)}")
        cause = cause.__cause__ or cause.__context__
    return redactor("\n".join(lines))


def _bug(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="bug")


def _timeout(probe: Probe) -> str:
    return duration(probe.timeout_ns / 1e9)
