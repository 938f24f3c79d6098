"""One run of a probe: exactly one Result, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from prober.classify import failure_of
from prober.engine.leash import Abandoned, Leash
from prober.engine.text import RunRedactor, clean, duration
from prober.engine.trace import trace
from prober.engine.verdict import Ending, amended, verdict
from prober.model.errors import FAULTS, ErrorClass, Fault, ProbeFailure
from prober.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from prober.engine.lag import LagMonitor
    from prober.model.browser import Browser
    from prober.model.clock import Clock
    from prober.model.memory import Memory
    from prober.model.network import Network
    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.model.secret import Redactor

__all__ = ["execute"]

Failed = TypeVar("Failed", bound=BaseException)

_log = logging.getLogger("prober.engine")
_AFTERWARDS_SECONDS = 5.0


async def execute(
    probe: Probe,
    *,
    clock: Clock,
    network: Network,
    redactor: Redactor,
    connected: Callable[[], bool],
    lag: LagMonitor,
    confirm: Callable[[], Awaitable[object]] | None = None,
    memory: Memory | None = None,
    browser: Browser | None = None,
) -> Result:
    """Run the probe once, within its timeout, and say what it came to. Raises nothing but the caller's cancellation.

    A failure that points at the network asks ``confirm`` whether our own is up before ``connected`` is read; the time
    that takes is no part of the run. ``memory`` is what one run leaves to later ones; ``browser`` is lent to those that
    need one.
    """
    run = Run(
        clock=clock,
        network=network,
        timeout_ns=probe.timeout_ns,
        redactor=RunRedactor(redactor),
        memory=memory,
        browser=browser,
    )
    failure = await _prepared(probe, run)
    if failure is None:
        failure = await _attempt(probe.run(run), run, probe.timeout_ns / 1e9, name=probe.name)
    duration_ns = clock.monotonic_ns() - run.started_ns
    lag_ns = lag.worst_ns(run.started_ns)
    if confirm is not None and failure is not None and FAULTS[failure.error_class] is Fault.NETWORK:
        await confirm()
    ending = Ending(failure=failure, duration_ns=duration_ns, lag_ns=lag_ns, connected=connected())
    result = verdict(probe, run, ending)
    await _afterwards(run, name=probe.name)
    return amended(result, run)


async def _prepared(probe: Probe, run: Run) -> ProbeFailure | None:
    """Do what comes before the run and is no part of its time; why it failed, or None."""
    act = probe.before()
    if act is None:
        return None
    failure = await _attempt(_acted(partial(act, run)), run, probe.timeout_ns / 1e9, name=probe.name)
    if failure is None:
        run.begin()
    return failure


async def _afterwards(run: Run, *, name: str) -> None:
    """What the probe left to be done when all is over, such as signing out: bounded, and nobody's verdict."""
    for act in reversed(run.afterwards):  # what was opened first is closed last
        failure = await _attempt(_acted(act), run, _AFTERWARDS_SECONDS, name=name)
        if failure is not None:
            _log.info("after a run of %s: %s", name, clean(failure.message, run.redactor))
    run.afterwards.clear()  # they refer to the run, and it would stay until the collector comes


async def _acted(act: Callable[[], Awaitable[None]]) -> None:
    await act()


async def _attempt(
    coroutine: Coroutine[object, None, None], run: Run, seconds: float, *, name: str
) -> ProbeFailure | None:
    """Why the coroutine failed, or None; it has ended or was let go of half a second after its time at the latest."""
    task = asyncio.current_task()
    assert task is not None
    others = task.cancelling()
    try:
        async with asyncio.timeout(seconds) as deadline:
            await Leash(coroutine, task)
    except ProbeFailure as failure:
        return _freed(failure)
    except asyncio.CancelledError:
        if task.cancelling() > others:
            raise
        return _bug("the probe was cancelled from inside")
    except Abandoned:
        if task.cancelling() > others:
            raise asyncio.CancelledError from None
        return _bug(f"the probe did not stop at its deadline of {duration(seconds)}")
    except Exception as error:  # noqa: BLE001 - the one place where whatever was raised becomes a Result
        explained = _past_deadline(run, seconds) if deadline.expired() else _explained(error, run, name)
        _freed(error)
        return explained and _freed(explained)
    return _past_deadline(run, seconds) if deadline.expired() else None


def _past_deadline(run: Run, seconds: float) -> ProbeFailure | None:
    """What it means that the run's time is over; None where just that is expected."""
    failure = run.deadline_verdict() if run.deadline_verdict is not None else _out_of_time(run, seconds)
    return None if failure.error_class is run.expected else failure


def _out_of_time(run: Run, seconds: float) -> ProbeFailure:
    failure = failure_of(TimeoutError(), run.phase_name)
    where = f" while in {run.phase_name}" if run.phase_name else ""
    message = f"not done within the timeout of {duration(seconds)}{where}"
    return ProbeFailure(failure.error_class, message, detail=failure.detail, phase=failure.phase)


def _explained(error: Exception, run: Run, name: str) -> ProbeFailure:
    """What classification makes of the exception; one that it does not know is ours, and is logged."""
    error = _leaf(error)
    failure = error if isinstance(error, ProbeFailure) else failure_of(error, run.phase_name)
    if failure.error_class is ErrorClass.PROBER_ERROR and failure.detail == "bug":
        _log.error("probe %s raised what nobody expected\n%s", name, trace(error, run.redactor))
    return failure


def _leaf(error: Exception) -> Exception:
    """Of a group that a TaskGroup inside the probe raised, the verdict of the probe, else the first exception."""
    while isinstance(error, ExceptionGroup):
        verdicts, _ = error.split(ProbeFailure)
        error = (verdicts or error).exceptions[0]
    return error


def _freed(error: Failed) -> Failed:
    """The exception without its frames. They refer to it, and all of the run would stay until the collector comes."""
    cause: BaseException | None = error
    while cause is not None and cause.__traceback__ is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__
    return error


def _bug(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="bug")
