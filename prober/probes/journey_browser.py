"""A journey in a browser: its tab, its steps, and what the page looked like where it ended badly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.browser.capture import capture
from prober.classify import failure_of
from prober.model.errors import ProbeFailure
from prober.model.setting import SettingError
from prober.probes.browser_steps import IN_A_BROWSER, BrowserSteps
from prober.probes.browsing import SETTLE, TO_CAPTURE, TO_TELL, TO_TELL_SECONDS, browser_mistakes, prepared, wish_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    from yarl import URL

    from prober.http.settings import HttpSettings
    from prober.model.run import Run
    from prober.probes.client_profile import ClientProfile
    from prober.probes.journey import Act
    from prober.probes.step import Step

__all__ = ["step_mistakes", "travel", "travel_mistakes"]

_Path = tuple[str | int, ...]
_ONLY_IN_A_BROWSER = ("click", "fill", "ready")
_NOT_IN_A_BROWSER: Mapping[str, object] = {"headers": {}, "basic": None, "bearer": None, "until": None, "follow": 10}


def step_mistakes(placed: Iterable[tuple[Step, _Path]], *, engine: str, settle_ns: int) -> Iterator[SettingError]:
    """What steps ask for that the engine cannot do."""
    if engine == "http" and settle_ns != SETTLE:
        yield SettingError("does not go with `engine: http`", ("settle",))
    for step, path in placed:
        if engine == "http":
            given = [key for key in _ONLY_IN_A_BROWSER if getattr(step, key) is not None]
            given += ["wait"] if step.wait is not None and step.wait.css is not None else []
        elif step.action not in IN_A_BROWSER:
            given = [step.action]
        else:
            unwanted = {} if step.action == "oauth2" else _NOT_IN_A_BROWSER
            given = [key for key, default in unwanted.items() if getattr(step, key) != default]
            given += ["form"] if step.form is not None and step.form.agree else []
        yield from (SettingError(f"does not go with `engine: {engine}`", (*path, key)) for key in given)


def travel_mistakes(settings: HttpSettings, *, reuses: bool, oidc: bool) -> Iterator[SettingError]:
    """What a journey in a browser asks for beside its steps that is not possible there."""
    yield from (SettingError(said, (key,)) for key, said in browser_mistakes(settings))
    if reuses:
        yield SettingError("with `engine: browser` every run begins anew", ("session",))
    if oidc:
        yield SettingError("with `engine: browser` sign in by steps, as a person does", ("oidc",))


async def travel(
    settings: HttpSettings,
    run: Run,
    go: Callable[[Act], Awaitable[None]],
    *,
    client: ClientProfile,
    home: URL,
    settle_ns: int,
) -> None:
    """Do the journey ``go`` in this run's tab. Raises what it raises, when it is known what the page looked like."""
    tab = run.tab
    assert tab is not None
    try:
        record = await prepared(tab, wish_of(settings, run, client=client, home=home), run)
        seconds = run.remaining_ns() / 1e9
        seconds -= min(seconds * TO_TELL, TO_TELL_SECONDS)  # so that there is time for a look at the end
        ends_ns = run.clock.monotonic_ns() + round(seconds * 1e9)
        steps = BrowserSteps(tab, record, run, settle_ns=settle_ns, most_bytes=settings.limits.body, ends_ns=ends_ns)
        failure = await _failure(run, go(steps.act), seconds=seconds)
        if failure is not None and record.document is not None and record.document.status is not None:
            seconds = run.remaining_ns() / 1e9 * TO_CAPTURE
            run.capture = await capture(tab, steps.load, run.redactor, seconds=min(seconds, TO_TELL_SECONDS))
    except asyncio.CancelledError:
        tab.abandon()
        raise
    if failure is not None:
        raise failure


async def _failure(run: Run, journey: Awaitable[None], *, seconds: float) -> ProbeFailure | None:
    """Why the journey failed, also for not being done within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await journey
    except ProbeFailure as failure:
        return failure.with_traceback(None)
    except TimeoutError:
        verdict = run.deadline_verdict
        return failure_of(TimeoutError(), run.phase_name) if verdict is None else verdict()
    return None
