"""Tests of one run: whatever happens inside, one Result comes out, in time, and blames the right one."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import weakref
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from prober.engine.execute import execute
from prober.engine.lag import LagMonitor
from prober.model.errors import ErrorClass, Fault, ProbeFailure
from prober.model.run import Outcome, Result, Run
from prober.model.secret import Redactor
from tests.engine.fakes import SECOND, NoNetwork, probe
from tests.engine.virtual import VirtualTime

if TYPE_CHECKING:
    from prober.model.probe import Probe

Body = Callable[[Run], Awaitable[None]]
SECRET = "sk-secret-value"


def run_one(
    body: Body,
    *,
    connected: Callable[[], bool] = lambda: True,
    confirm: Callable[[], Awaitable[object]] | None = None,
    block: tuple[float, float] | None = None,
    **settings: object,
) -> tuple[Result, float]:
    """The result of a run of this body in virtual time, and when it was there."""
    time = VirtualTime()

    async def kind(_settings: object, run: Run) -> None:
        await body(run)

    async def main() -> Result:
        lag = LagMonitor(clock=time.clock)
        target: Probe = probe("a", kind, **settings)  # type: ignore[arg-type]  # the table passes numbers by name
        async with asyncio.TaskGroup() as group:
            monitor = group.create_task(lag.serve())
            if block is not None:
                asyncio.get_running_loop().call_later(block[0], time.pause, block[1])
            outcome = await execute(
                target,
                clock=time.clock,
                network=NoNetwork(),
                redactor=Redactor([SECRET]),
                connected=connected,
                lag=lag,
                confirm=confirm,
            )
            monitor.cancel()
        return outcome

    return time.run(main), time.now_ns / SECOND


async def fine(run: Run) -> None:
    with run.phase("connect"):
        await asyncio.sleep(1)
    run.measures["http_status"] = 200
    run.request_id = "req-1"


async def refused(run: Run) -> None:
    with run.phase("connect"):
        raise ConnectionRefusedError(111, "refused")


async def judged(run: Run) -> None:
    with run.phase("expect"):
        raise ProbeFailure(ErrorClass.CONTENT_MISMATCH, "wanted a, saw b", detail="expectation")


async def judged_elsewhere(run: Run) -> None:
    with run.phase("transfer"):
        raise ProbeFailure(ErrorClass.AUTH_REJECTED, "no", detail="invalid_key", phase="submit")


async def grouped(run: Run) -> None:
    with run.phase("transfer"):
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(9))
            group.create_task(judged(run))


async def hangs_while_connecting(run: Run) -> None:
    with run.phase("connect"):
        await asyncio.Event().wait()


async def hangs_while_waiting(run: Run) -> None:
    with run.phase("processing"):
        await asyncio.Event().wait()


async def breaks(_run: Run) -> None:
    raise ZeroDivisionError("division by zero")


async def cancels_itself(_run: Run) -> None:
    raise asyncio.CancelledError


async def deaf(_run: Run) -> None:
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def deaf_then_done(run: Run) -> None:
    with run.phase("processing"), contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.sleep(0.1)


async def deaf_then_breaks(run: Run) -> None:
    with run.phase("processing"):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("the transport is closing") from None


CASES = [
    pytest.param(fine, "ok", None, None, None, 1.0, id="success"),
    pytest.param(refused, "fail", "connect_refused", "connect", "target", 0.0, id="an exception in a phase"),
    pytest.param(judged, "fail", "content_mismatch", "expect", "target", 0.0, id="the verdict of the probe"),
    pytest.param(judged_elsewhere, "fail", "auth_rejected", "submit", "us", 0.0, id="a verdict that names its phase"),
    pytest.param(grouped, "fail", "content_mismatch", "expect", "target", 0.0, id="a verdict in a task group"),
    pytest.param(hangs_while_connecting, "fail", "connect_timeout", "connect", "network", 5.0, id="hangs in connect"),
    pytest.param(
        hangs_while_waiting, "fail", "response_timeout", "processing", "target", 5.0, id="hangs in processing"
    ),
    pytest.param(breaks, "error", "prober_error", None, "us", 0.0, id="a bug of ours"),
    pytest.param(cancels_itself, "error", "prober_error", None, "us", 0.0, id="a cancellation out of nowhere"),
    pytest.param(deaf, "error", "prober_error", None, "us", 5.4, id="swallows the deadline for ever"),
    pytest.param(deaf_then_done, "fail", "response_timeout", None, "target", 5.1, id="swallows the deadline and ends"),
    pytest.param(
        deaf_then_breaks, "fail", "response_timeout", "processing", "target", 5.0, id="breaks at the deadline"
    ),
]


@pytest.mark.parametrize(("body", "outcome", "error_class", "phase", "fault", "seconds"), CASES)
def test_exactly_one_result(
    body: Body, outcome: str, error_class: str | None, phase: str | None, fault: str | None, seconds: float
) -> None:
    """Whatever a probe does, a Result says what it came to, at most half a second after the timeout."""
    result, took = run_one(body)
    failure = result.failure
    assert result.outcome == outcome
    assert (failure and failure.error_class) == error_class
    assert (failure and failure.fault) == fault
    if phase is not None:
        assert failure is not None
        assert failure.phase == phase
    assert result.duration_ns / SECOND == pytest.approx(seconds, abs=0.05)
    assert took <= 5.5


def test_a_success_carries_what_was_measured() -> None:
    """Phases, measures and the request's id are in the result; wall time is only in the timestamp."""
    result, _ = run_one(fine)
    assert [phase.name for phase in result.phases] == ["connect"]
    assert result.phases[0].finished
    assert result.measures == {"http_status": 200}
    assert result.request_id == "req-1"
    assert result.started_at_ns > 10**18


def test_the_failed_phase_is_not_finished() -> None:
    """The phase that failed is there with its time, and marked."""
    result, _ = run_one(hangs_while_connecting, timeout=2)
    assert [(phase.name, phase.finished) for phase in result.phases] == [("connect", False)]
    assert result.failure is not None
    assert result.failure.message == "not done within the timeout of 2 s while in connect"


def test_texts_are_redacted_printable_and_short() -> None:
    """No secret, no control character and no novel leaves a run."""

    async def chatty(run: Run) -> None:
        run.redactor.add(["extracted-token"])
        run.measures |= {"served_model": f"m {SECRET}", "ratio": float("nan"), "bytes": 3}
        run.request_id = f"id\x1b[31m {SECRET}"
        raise ProbeFailure(ErrorClass.SERVER_ERROR, f"saw {SECRET}\r\n\ud800 extracted-token " + "x" * 500)

    result, _ = run_one(chatty)
    assert result.failure is not None
    assert result.failure.message.startswith("saw [redacted] [redacted] xxx")
    assert len(result.failure.message) == 200
    assert result.failure.message.isprintable()
    assert result.measures == {"served_model": "m [redacted]", "ratio": None, "bytes": 3}
    assert result.request_id == "id [31m [redacted]"


def test_secrets_of_a_run_are_forgotten_with_it() -> None:
    """What a step extracted does not pile up in the redactor that all runs share."""
    shared = Redactor([SECRET])
    time = VirtualTime()

    async def learns(_settings: object, run: Run) -> None:
        run.redactor.add(["fresh-token"])

    async def main() -> None:
        lag = LagMonitor(clock=time.clock)
        await execute(
            probe("a", learns), clock=time.clock, network=NoNetwork(), redactor=shared, connected=lambda: True, lag=lag
        )

    time.run(main)
    assert shared("fresh-token") == "fresh-token"


def test_an_exception_nobody_knows_is_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """The traceback says where it came from; texts in it are redacted."""

    async def leaks(_run: Run) -> None:
        try:
            _ = dict[str, str]()[SECRET]
        except KeyError as error:
            raise RuntimeError(f"no {SECRET}") from error

    with caplog.at_level(logging.ERROR, logger="prober"):
        result, _ = run_one(leaks)
    assert result.outcome is Outcome.ERROR
    assert result.failure is not None
    assert result.failure.detail == "bug"
    assert "in leaks" in caplog.text
    assert "builtins.RuntimeError: no [redacted]" in caplog.text
    assert "builtins.KeyError" in caplog.text
    assert SECRET not in caplog.text


def test_a_known_failure_is_not_logged_as_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection is news of the target, and a want of descriptors one of the host."""

    async def crowded(_run: Run) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    run_one(refused)
    assert run_one(crowded)[0].outcome is Outcome.ERROR
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("slow", "reasons"),
    [
        pytest.param({"total": 0.9}, 1, id="total"),
        pytest.param({"total": 1.1}, 0, id="total within"),
        pytest.param({"first_token": 0.4}, 1, id="a measure"),
        pytest.param({"first_token": 0.5}, 0, id="exactly at the threshold"),
        pytest.param({"first_byte": 0.1}, 0, id="a measure that is not there"),
        pytest.param({"total": 0.9, "first_token": 0.4}, 2, id="both"),
    ],
)
def test_a_success_above_a_threshold_is_slow(slow: dict[str, float], reasons: int) -> None:
    """Slow is a success, with the reasons in words."""

    async def takes_a_second(run: Run) -> None:
        run.measures["first_token_seconds"] = 0.5
        await asyncio.sleep(1)

    result, _ = run_one(takes_a_second, slow=slow)
    assert result.outcome is (Outcome.SLOW if reasons else Outcome.OK)
    assert len(result.slow_because) == reasons
    assert result.failure is None


def test_a_probe_may_find_itself_slow() -> None:
    """A missed check of severity slow makes the run slow."""

    async def checks(run: Run) -> None:
        run.slow_because.append("duration is 3 s, wanted less than 2 s")

    result, _ = run_one(checks)
    assert result.outcome is Outcome.SLOW
    assert result.slow_because == ("duration is 3 s, wanted less than 2 s",)


async def takes_long(_run: Run) -> None:
    await asyncio.sleep(1)


async def mismatch_after_a_second(_run: Run) -> None:
    await asyncio.sleep(1)
    raise ProbeFailure(ErrorClass.CONTENT_MISMATCH, "wanted a")


async def first_token_timeout(_run: Run) -> None:
    await asyncio.sleep(1)
    raise ProbeFailure(ErrorClass.RESPONSE_TIMEOUT, "no content", detail="first_token")


async def unreachable(_run: Run) -> None:
    await asyncio.sleep(1)
    raise ProbeFailure(ErrorClass.CONNECT_TIMEOUT, "no route", detail="unreachable")


@pytest.mark.parametrize(
    ("body", "block", "slow", "outcome", "error_class", "tainted"),
    [
        pytest.param(takes_long, (0.5, 0.3), {}, "ok", None, True, id="a tainted success stays"),
        pytest.param(takes_long, (0.5, 0.04), {}, "ok", None, False, id="40 ms are nothing"),
        pytest.param(takes_long, (0.5, 0.3), {"total": 0.9}, "error", "prober_error", True, id="tainted slow is void"),
        pytest.param(
            mismatch_after_a_second, (0.5, 0.3), {}, "fail", "content_mismatch", True, id="a mismatch stays a mismatch"
        ),
        pytest.param(first_token_timeout, (0.5, 0.3), {}, "error", "prober_error", True, id="a timeout is void"),
        pytest.param(first_token_timeout, None, {}, "fail", "response_timeout", False, id="a timeout of the target"),
        pytest.param(unreachable, (0.5, 0.3), {}, "fail", "connect_timeout", True, id="unreachable is not about time"),
        pytest.param(hangs_while_waiting, (1, 0.2), {}, "fail", "response_timeout", False, id="below 5 % of the run"),
        pytest.param(hangs_while_waiting, (1, 0.4), {}, "error", "prober_error", True, id="above 5 % of the run"),
    ],
)
def test_a_late_event_loop_voids_what_rests_on_time(
    body: Body, block: tuple[float, float] | None, slow: dict[str, float], outcome: str, error_class: str, tainted: bool
) -> None:
    """Our own busy loop is never the target's fault."""
    result, _ = run_one(body, block=block, slow=slow)
    assert result.outcome == outcome
    assert (result.failure and result.failure.error_class) == error_class
    assert result.tainted is tainted
    if error_class == "prober_error":
        assert result.failure is not None
        assert result.failure.detail == "overload"
        assert result.failure.fault is Fault.US


def test_a_network_failure_is_confirmed_before_it_blames_anybody() -> None:
    """The check of our own network comes before the verdict, and its time is not the run's."""
    up = [True]

    async def confirm() -> None:
        await asyncio.sleep(0.8)
        up[0] = False

    result, took = run_one(hangs_while_connecting, connected=lambda: up[0], confirm=confirm)
    assert result.failure is not None
    assert result.failure.fault is Fault.LOCAL
    assert result.duration_ns / SECOND == pytest.approx(5, abs=0.05)
    assert took == pytest.approx(5.8, abs=0.05)


def test_a_failure_of_the_target_is_not_confirmed() -> None:
    """A refused connection proves that the network is up."""

    async def confirm() -> None:
        raise AssertionError

    result, _ = run_one(refused, connected=lambda: False, confirm=confirm)
    assert result.failure is not None
    assert result.failure.fault is Fault.TARGET


def test_the_callers_cancellation_is_no_result() -> None:
    """At the end of the grace a run is cancelled, also a deaf one, and leaves nothing behind."""
    time = VirtualTime()

    async def kind(_settings: object, run: Run) -> None:
        await deaf(run)

    async def main() -> bool:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(
                execute(
                    probe("a", kind, timeout=60),
                    clock=time.clock,
                    network=NoNetwork(),
                    redactor=Redactor(),
                    connected=lambda: True,
                    lag=LagMonitor(clock=time.clock),
                )
            )
            await asyncio.sleep(1)
            task.cancel()
        return task.cancelled()

    assert time.run(main)
    assert time.now_ns / SECOND == pytest.approx(1.4, abs=0.05)


def test_what_is_left_for_afterwards_is_done_and_changes_nothing() -> None:
    """Signing out happens after the run, outside its time; what goes wrong there, or hangs, is nobody's verdict.

    What came last is done first, as whatever stands on something else is taken down before it.
    """
    done: list[str] = []

    async def sign_out() -> None:
        await asyncio.sleep(1)
        done.append("signed out")

    async def break_down() -> None:
        done.append("broken")
        raise OSError("gone")

    async def body(run: Run) -> None:
        run.afterwards += [sign_out, break_down, asyncio.Event().wait]  # type: ignore[list-item]  # gives a bool
        await asyncio.sleep(1)

    result, took = run_one(body)
    assert result.outcome is Outcome.OK
    assert done == ["broken", "signed out"]
    assert result.duration_ns / SECOND == pytest.approx(1, abs=0.05)
    assert took == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        pytest.param(ErrorClass.RESPONSE_TIMEOUT, "ok", id="expected"),
        pytest.param(ErrorClass.BOT_CHALLENGE, "fail", id="something else expected"),
    ],
)
def test_a_deadline_may_be_what_was_expected(expected: ErrorClass, outcome: str) -> None:
    """A probe of something that must not answer is green when the time is over."""

    async def body(run: Run) -> None:
        run.expected = expected
        await hangs_while_waiting(run)

    assert run_one(body)[0].outcome == outcome


def test_a_probe_may_know_what_its_deadline_means() -> None:
    """While content flows, the end of the time is another failure than before."""

    async def body(run: Run) -> None:
        run.deadline_verdict = lambda: ProbeFailure(ErrorClass.RESPONSE_TIMEOUT, "too long", detail="total")
        await hangs_while_waiting(run)

    failure = run_one(body)[0].failure
    assert failure is not None
    assert (failure.detail, failure.message) == ("total", "too long")


@pytest.mark.parametrize(
    "made",
    [
        lambda: ConnectionRefusedError(111, "refused"),
        lambda: ProbeFailure(ErrorClass.SERVER_ERROR, "oops"),
        lambda: KeyError("bug"),
    ],
)
def test_a_failed_run_leaves_nothing_for_the_garbage_collector(made: Callable[[], Exception]) -> None:
    """An exception refers to the frames it came through; thousands of failing probes must not pile those up."""

    class Trace:
        """Stands for all that a run holds."""

    kept: list[weakref.ref[Trace]] = []

    async def body(run: Run) -> None:
        held = Trace()
        kept.append(weakref.ref(held))
        with run.phase("connect"):
            error = made()
            raise error  # by its name, so that the frame refers to it too

    gc.disable()
    try:
        run_one(body)
        assert kept[0]() is None
    finally:
        gc.enable()
