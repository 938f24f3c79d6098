"""The breaker: a refused password is not sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.engine.breaker import Breaker
from prober.model.clock import Clock
from prober.model.errors import ErrorClass, Fault
from prober.model.probe import Credentials
from prober.model.run import Failure, Outcome, Result, Step
from tests.engine.fakes import SECOND, probe, result


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.clock = Clock(monotonic_ns=lambda: self.now_ns)


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
