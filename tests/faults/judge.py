"""What every run that meets a fault owes us, whatever the fault is."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from tests.faults.case import CANARY, Case
from tests.faults.observe import Seen, observe, said

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo

__all__ = ["must_hold"]

_GRACE = 0.5  # seconds after the timeout by which a run has ended
_LAG = 0.1
_TRIES = 12  # a busy machine holds up any loop; a fault that does so does it every time
_MIB = 1 << 20


def must_hold(case: Case, zoo: Zoo, run_loop: Runner[Any], *, grows_mib: float = 20) -> Seen:
    """Run the case and assert verdict, deadline, loop lag, memory, file descriptors, silence and discretion."""
    seen: Seen = run_loop(observe(case.keys(zoo), zoo))
    for _ in range(_TRIES - 1):
        if seen.worst_lag < _LAG and not _is_held_up(seen):
            break
        seen = run_loop(observe(case.keys(zoo), zoo))
    _assert_verdict(case, seen)
    assert seen.worst_lag < _LAG
    assert seen.grown_bytes < grows_mib * _MIB
    return seen


def _is_held_up(seen: Seen) -> bool:
    """Whether the run was voided because the loop was late."""
    return seen.result.failure is not None and seen.result.failure.detail == "overload"


def _assert_verdict(case: Case, seen: Seen) -> None:
    assert said(seen.result) == case.says, seen.result.failure
    timeout = float(str(case.settings.get("timeout", "5s")).removesuffix("s"))
    assert seen.seconds < timeout + _GRACE
    assert seen.left_open == 0
    assert seen.complaints == []
    assert CANARY not in repr(seen.result)
    gc.collect()  # what is wrong with a task or socket that nobody closed is said now
