"""A thousand sign-ins leave nothing behind, and no run waits for the garbage collector."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from prober.http.cookies import Jar
from prober.http.expect import Subject
from prober.model.run import Run
from prober.probes.journey import Journey
from prober.probes.session import Session
from tests.probes.journeys import Lab, in_lab
from tests.probes.soak import soak
from tests.probes.test_journey import ASK, SIGN_IN

if TYPE_CHECKING:
    from pathlib import Path

OURS = (Journey, Session, Jar, Subject, Run)


def test_a_thousand_sign_ins_leave_nothing() -> None:
    """No growth in memory, objects, sockets or tasks, whether they were good, refused, kept or by token."""
    left = soak(1_000)
    assert left.good == 800, left
    assert left.grown_files <= 0, left
    assert left.grown_tasks <= 0, left
    assert left.grown_objects < 500, left
    assert left.grown_blocks < left.runs, left  # what the system counts is the heap of all tests before: see the bench


GOOD = 'finally: [{name: out, form: {css: "form[action*=logout]"}}]\n'
OPTIONAL = '  - {name: nowhere, get: "{{base}}/nowhere", allow_failure: true}\n'


@pytest.mark.parametrize(
    ("body", "password"),
    [(SIGN_IN + ASK + GOOD, None), (SIGN_IN + OPTIONAL, None), (SIGN_IN, "not-the-password")],
    ids=["good", "with a step that may fail", "refused"],
)
def test_a_run_is_gone_when_it_is_over(body: str, password: str | None, tmp_path: Path) -> None:
    """No run refers to itself: its cookies, pages and secrets do not wait for the garbage collector."""

    async def work(lab: Lab) -> list[str]:
        env = {} if password is None else {"PASSWORD": password}
        probe = lab.config(body, kind="login", **env).probes[0]
        await lab.execute(probe)
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            await lab.execute(probe)
            gc.collect()
            return sorted({type(each).__name__ for each in gc.garbage if isinstance(each, OURS)})
        finally:
            gc.set_debug(0)
            gc.garbage.clear()

    assert in_lab(tmp_path, work) == []
