"""The breaker: a refused password is not sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.engine.breaker import Breaker
from prober.model.clock import Clock
from prober.model.errors import ErrorClass, Fault
from prober.model.probe import Credentials
from prober.model.run import Failure, Outcome
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
