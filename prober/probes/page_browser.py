"""The engine ``browser`` of a page probe: one load in a tab, its measures and its verdict."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from yarl import URL

from prober.browser.capture import capture
from prober.browser.load import Load
from prober.classify import Audience
from prober.model.errors import ProbeFailure
from prober.probes.browsing import TO_CAPTURE, TO_TELL, TO_TELL_SECONDS, prepared, wish_of
from prober.probes.judge import expecting, judge
from prober.probes.page_findings import late, problem_in
from prober.probes.page_sight import judge_kind, judge_status, note_load, subject_of_sight

if TYPE_CHECKING:
    from prober.browser.load import Sight
    from prober.browser.record import Record
    from prober.model.browser import Tab
    from prober.model.run import Run
    from prober.probes.page_settings import PageProbe

__all__ = ["run_in_browser"]

_FIRST_PAINT_SECONDS = 2.0  # beyond the settling: a page that paints late is not blank
_TO_ASK = 0.5  # of what is kept back: is a script still running?
_TO_GLANCE = 0.5  # of it: what is there instead?


async def run_in_browser(settings: PageProbe, run: Run) -> None:
    """Load the page as a person's browser does. Raises ProbeFailure for what a person would not take."""
    assert run.tab is not None
    try:
        await _run_in_tab(settings, run, run.tab)
    except asyncio.CancelledError:
        run.tab.abandon()
        raise


async def _run_in_tab(settings: PageProbe, run: Run, tab: Tab) -> None:
    wish = wish_of(settings, run, client=settings.client, home=URL(settings.url))
    record = await prepared(tab, wish, run)
    load = Load(tab, record, most_bytes=wish.most_bytes)
    try:
        with expecting(settings.expect, run):
            await _loaded(settings, run, load, record)
    except ProbeFailure as failure:
        if not run.phases and failure.phase is not None:
            run.mark(failure.phase, run.started_ns, run.clock.monotonic_ns(), finished=False)
        if record.document is not None and record.document.status is not None:
            seconds = min(run.remaining_ns() / 1e9 * TO_CAPTURE, TO_TELL_SECONDS)
            run.capture = await capture(tab, load, run.redactor, seconds=seconds)
        raise failure from None


async def _loaded(settings: PageProbe, run: Run, load: Load, record: Record) -> None:
    """Load, watch and read the page, note what there is to measure, and judge it."""
    seconds = run.remaining_ns() / 1e9
    kept = min(seconds * TO_TELL, TO_TELL_SECONDS)
    seconds -= kept
    sight = None
    try:
        async with asyncio.timeout(seconds):
            await load.navigate(settings.url)
            await load.watch(settings.ready, seconds=settings.settle / 1e9)
            patience = min(_FIRST_PAINT_SECONDS, (run.remaining_ns() / 1e9 - kept) / 2)
            sight = await load.read(patience_seconds=patience)
    except TimeoutError:
        sight = await _glance(load, run) if load.stage == "ready" else None
    finally:
        note_load(record, sight, settings, run)
    problem = problem_in(record, sight, settings, run.redactor)
    load.check_document()
    if sight is None:
        judge_status(record, settings, run)
        stage = "stuck" if await load.is_stuck(run.remaining_ns() / 1e9 * _TO_ASK) else load.stage
        raise late(stage, record, settings, problem, seconds)
    if load.stage == "ready":
        judge_kind(sight, record, settings, run)
        raise late("ready", record, settings, problem, seconds)
    try:
        judge(settings.expect, subject_of_sight(sight, record, run), run=run, audience=Audience.PAGE)
    except ProbeFailure as missed:
        # A missed check says less than why the page is not what it should be.
        raise (problem if problem is not None and missed.phase == "expect" else missed) from None
    if problem is not None:
        raise problem


async def _glance(load: Load, run: Run) -> Sight | None:
    """What there is instead of what should have come to be seen, if the page is not too busy to be looked at."""
    try:
        async with asyncio.timeout(run.remaining_ns() / 1e9 * _TO_GLANCE):
            return await load.glance()
    except (ProbeFailure, TimeoutError):
        return None
