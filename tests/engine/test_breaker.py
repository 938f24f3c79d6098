"""The breaker: a refused password is not sent again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prober.engine.breaker import HELD_BACK, Breaker
from prober.model.clock import Clock
from prober.model.errors import ErrorClass, Fault
from prober.model.probe import Credentials
from prober.model.run import Failure, Outcome, Result, Step
from tests.engine.fakes import SECOND, probe, result

if TYPE_CHECKING:
    from pathlib import Path


WALL_NS = 1_790_000_000 * SECOND


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.clock = Clock(monotonic_ns=lambda: self.now_ns, wall_ns=lambda: WALL_NS + self.now_ns)


SIGN_IN = replace(probe("login"), credentials=Credentials(digest="a", hold_ns=100 * SECOND))
REFUSED = Failure(
    error_class=ErrorClass.AUTH_REJECTED, fault=Fault.US, phase="submit", detail="bad_credentials", message=""
)


@pytest.mark.parametrize("detail", ["bad_credentials", "locked_out"])
def test_a_refusal_holds_the_credentials_back(detail: str) -> None:
    """After a refusal no probe with these credentials runs, until their time is up."""
    time = Time()
    breaker = Breaker(time.clock)
    breaker.note(SIGN_IN, replace(result("login", Outcome.FAIL), failure=replace(REFUSED, detail=detail)))
    other = replace(probe("other"), credentials=SIGN_IN.credentials)
    assert breaker.holds(SIGN_IN)
    assert breaker.holds(other)
    time.now_ns = 100 * SECOND
    assert not breaker.holds(SIGN_IN)


def test_changed_credentials_are_free() -> None:
    """A new password is another digest."""
    breaker = Breaker(Time().clock)
    breaker.note(SIGN_IN, replace(result("login", Outcome.FAIL), failure=REFUSED))
    assert not breaker.holds(replace(SIGN_IN, credentials=Credentials(digest="b", hold_ns=1)))
    assert not breaker.holds(probe("no credentials"))


@pytest.mark.parametrize("detail", ["sign_in_error", "mfa_rejected", None])
def test_other_failures_hold_nothing_back(detail: str | None) -> None:
    """Only a refused password is dangerous to repeat."""
    breaker = Breaker(Time().clock)
    breaker.note(SIGN_IN, replace(result("login", Outcome.FAIL), failure=replace(REFUSED, detail=detail)))
    assert not breaker.holds(SIGN_IN)


def _code_refused() -> Result:
    return replace(result("login", Outcome.FAIL), failure=replace(REFUSED, detail="mfa_rejected"))


def test_codes_that_are_refused_again_and_again_hold_back_too() -> None:
    """Targets count wrong codes as they count wrong passwords; a single one may have come at the wrong moment."""
    breaker = Breaker(Time().clock)
    for outcome in (_code_refused(), result("login"), _code_refused()):
        breaker.note(SIGN_IN, outcome)
        assert not breaker.holds(SIGN_IN)
    breaker.note(SIGN_IN, _code_refused())
    assert breaker.holds(SIGN_IN)


def test_a_refusal_in_a_step_that_may_fail_counts() -> None:
    """The password was sent and refused, whatever the run came to."""
    breaker = Breaker(Time().clock)
    step = Step(name="submit", result="fail", duration_ns=1, detail="bad_credentials")
    breaker.note(SIGN_IN, replace(result("login"), steps=(step,)))
    assert breaker.holds(SIGN_IN)


def test_an_account_is_tried_by_one_run_until_one_has_succeeded() -> None:
    """Then by three at once; a session that is only gone on with proves nothing, and a refusal begins anew."""
    breaker = Breaker(Time().clock)
    account = replace(SIGN_IN, credentials=Credentials(digest="a", hold_ns=1, in_turn=True))
    assert breaker.share(account) == ("a", 1)
    breaker.note(account, replace(result("login"), measures={"session_reused": True}))
    assert breaker.share(account) == ("a", 1)
    breaker.note(account, result("login"))
    assert breaker.share(account) == ("a", 3)
    breaker.note(account, replace(result("login", Outcome.FAIL), failure=REFUSED))
    assert breaker.share(account) == ("a", 1)
    assert breaker.share(SIGN_IN) is None
    assert breaker.share(probe("no credentials")) is None


async def _kept(breaker: Breaker) -> None:
    """Keep it as a process does until its end."""
    task = asyncio.create_task(breaker.keep())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


def test_a_restart_forgets_no_refusal(tmp_path: Path) -> None:
    """What was held back is held back for the rest of its time, though the monotonic clock begins anew."""
    time, path = Time(), tmp_path / "data" / HELD_BACK
    breaker = Breaker(time.clock, path=path)
    breaker.note(SIGN_IN, replace(result("login", Outcome.FAIL), failure=REFUSED))
    asyncio.run(_kept(breaker))
    assert path.stat().st_mode & 0o777 == 0o600
    time.now_ns = 60 * SECOND
    wall = Clock(monotonic_ns=lambda: time.now_ns - 60 * SECOND, wall_ns=lambda: WALL_NS + time.now_ns)
    after = Breaker(wall, path=path)
    assert after.holds(SIGN_IN)
    assert not after.holds(replace(SIGN_IN, credentials=Credentials(digest="b", hold_ns=1)))
    time.now_ns = 100 * SECOND
    assert not after.holds(SIGN_IN)
    assert not Breaker(wall, path=path).holds(SIGN_IN)


def test_a_clock_that_was_set_back_holds_nothing_back_for_longer() -> None:
    """Nothing is held back for longer than its settings say."""
    time = Time()
    breaker = Breaker(time.clock)
    breaker.note(SIGN_IN, replace(result("login", Outcome.FAIL), failure=REFUSED))
    shorter = replace(SIGN_IN, credentials=Credentials(digest="a", hold_ns=10 * SECOND))
    assert breaker.holds(shorter)
    time.now_ns = 10 * SECOND
    assert not breaker.holds(shorter)


UNREADABLE = {
    "no json": "{",
    "a list": "[1]",
    "no time": '{"a": "soon"}',
    "nothing": '{"a": null}',
    "endless": '{"a": Infinity}',
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_holds_nothing_back(tmp_path: Path, text: str) -> None:
    """It is as if there were none."""
    path = tmp_path / HELD_BACK
    path.write_text(text)
    assert not Breaker(Time().clock, path=path).holds(SIGN_IN)
