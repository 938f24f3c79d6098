"""One run of a login or a journey: its steps, one after the other, recorded and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from prober.classify import EVIDENCE, failure_of
from prober.http.connect import in_time
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Step as StepResult
from prober.probes.kept import Kept, KeptSessions
from prober.probes.session import Session
from prober.probes.signin import Trial
from prober.probes.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.http.expect import Subject
    from prober.http.settings import HttpSettings
    from prober.model.run import Run
    from prober.probes.reason import Reason

__all__ = ["Act", "Journey", "Plan"]

Act = Callable[[Step, Session], Awaitable["Subject | None"]]
"""Does the action of a step; the subject of its response, None where nothing answers."""

_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, *EVIDENCE)
_SESSION_ENDED = frozenset(
    {ErrorClass.AUTH_REJECTED, ErrorClass.ACCESS_DENIED, ErrorClass.CONTENT_MISMATCH, ErrorClass.UNEXPECTED_RESPONSE}
)
"""What who-am-I comes to when a kept session is no longer good; anything else says that the service is not well."""


class Plan(Protocol):
    """What there is to be done in a run. ``reuses`` is the name under which its session is kept, or None."""

    @property
    def http(self) -> HttpSettings:
        """How requests are made."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, those of `oidc` as well."""

    @property
    def last_steps(self) -> tuple[Step, ...]:
        """What is done whatever happened."""

    @property
    def given(self) -> Mapping[str, str]:
        """The configured variables."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What failures mean."""

    @property
    def act(self) -> Act:
        """Does a step's action in a session."""

    @property
    def reuses(self) -> str | None:
        """The name under which the session is kept."""


class Journey:
    """A run of a plan."""

    __slots__ = ("_plan", "_run", "_session", "_trial")

    def __init__(self, plan: Plan, run: Run) -> None:
        self._plan = plan
        self._run = run
        self._session = Session(plan.http, run, plan.given)
        self._trial = self._new_trial()

    async def go(self) -> None:
        """Do all steps; raises what failed, with the step as its phase."""
        if self._plan.last_steps:
            self._run.afterwards.append(self._finish)
        for step in self._plan.steps[await self._resumed() :]:
            await self._step(step)
            if step.role == "whoami":
                self._keep()

    def _new_trial(self) -> Trial:
        steps = self._plan.steps
        codes = frozenset(step.as_ for step in steps if step.as_ is not None)
        signs_in = any(step.role is not None or step.oauth2 is not None for step in steps)
        sent = (step.fields or step.data for step in steps if step.role == "submit")
        forms = tuple(frozenset(names) for names in sent if names)
        return Trial(run=self._run, reasons=self._plan.reasons, codes=codes, forms=forms, signs_in=signs_in)

    async def _resumed(self) -> int:
        """Go on with the session of the run before: the index of the step to begin with, 0 to sign in."""
        name = self._plan.reuses
        kept = None if name is None else self._run.memory.of(KeptSessions).take(name, self._plan.http)
        if kept is None:
            return 0
        self._session.resume(kept.jar, kept.found, kept.secrets)
        at, whoami = next((at, step) for at, step in enumerate(self._plan.steps) if step.role == "whoami")
        done, slow = len(self._run.steps), len(self._run.slow_because)
        try:
            await self._step(whoami)
        except ProbeFailure as failure:
            if failure.error_class not in _SESSION_ENDED:
                raise
            _forget(failure)
            del self._run.steps[done:], self._run.slow_because[slow:]
        else:
            self._keep()
            self._run.measures["session_reused"] = True
            return at + 1
        self._run.phase_name = None
        self._run.measures["signed_in_again"] = True
        self._session.start_over()
        self._trial = self._new_trial()
        return 0

    def _keep(self) -> None:
        name, session = self._plan.reuses, self._session
        if name is not None:
            kept = Kept(
                settings=self._plan.http,
                jar=session.jar,
                found=session.found,
                secrets=frozenset(session.secrets),
            )
            self._run.memory.of(KeptSessions).put(name, kept)

    async def _step(self, step: Step) -> None:
        """Do one step, record it, and raise what failed unless the step may fail."""
        run, last = self._run, self._session.last
        began_ns = run.clock.monotonic_ns()
        if step.when is not None and (last is None or not step.when.bind(self._session.lookup).hold(last)):
            run.steps.append(StepResult(name=step.name, result="skipped", duration_ns=0))
            return
        slow_before = len(run.slow_because)
        status_before = run.measures.pop("http_status", None)  # a step that is not answered has none
        try:
            await self._attempt(step)
        except ProbeFailure as failure:
            self._record(step, began_ns, failure=failure)
            if not step.allow_failure:
                raise
            _forget(failure)
            run.phase_name = None
        except asyncio.CancelledError:
            self._record(step, began_ns, failure=failure_of(TimeoutError(), run.phase_name))
            run.deadline_verdict = partial(_at_deadline, step, run, run.deadline_verdict)
            raise
        else:
            self._record(step, began_ns, slow=len(run.slow_because) > slow_before)
        finally:
            if status_before is not None and not self._session.sent:
                run.measures.setdefault("http_status", status_before)

    async def _attempt(self, step: Step) -> None:
        """Do the step and judge it; a class of failure that it expects is its success."""
        expected = step.expect.error_class
        try:
            await self._done(step)
        except ProbeFailure as failure:
            if expected is None or failure.error_class is not expected:
                raise
            _forget(failure)
            self._run.phase_name = None
            return
        if expected is not None:
            message = f"expected {expected}, saw success"
            raise ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="expectation", phase=step.name)

    async def _done(self, step: Step) -> None:
        run, session = self._run, self._session
        run.phase_name = step.name
        page = session.page or session.last
        try:
            async with in_time(step.timeout):
                subject = await self._plan.act(step, session)
        except _FAILURES as error:
            failure = failure_of(error, run.phase_name)
            # A form that is not there is explained by the page on which it should be.
            seen = page if failure.detail == "page_changed" else None
            raise self._trial.explained(failure, step, seen, session) from None
        if subject is not None:
            self._trial.judge(step, subject, session)

    def _record(self, step: Step, began_ns: int, *, failure: ProbeFailure | None = None, slow: bool = False) -> None:
        status = self._run.measures.get("http_status") if self._session.sent else None
        steps = self._run.steps
        steps.append(
            StepResult(
                name=step.name,
                result="fail" if failure else "slow" if slow else "ok",
                duration_ns=self._run.clock.monotonic_ns() - began_ns,
                status=status if isinstance(status, int) else None,
            )
        )
        if failure is None:
            return
        # The class is that of the step which explains the failure: it may be an earlier one.
        at = next((at for at, done in enumerate(steps) if done.name == failure.phase), len(steps) - 1)
        steps[at] = replace(steps[at], result="fail", error_class=failure.error_class, detail=failure.detail)

    async def _finish(self) -> None:
        """Do the last steps, each whatever came of the one before. Raises the first failure, for the log."""
        first: BaseException | None = None
        for step in self._plan.last_steps:
            last = self._session.last
            if step.when is not None and (last is None or not step.when.bind(self._session.lookup).hold(last)):
                continue
            try:
                async with in_time(step.timeout):
                    subject = await self._plan.act(step, self._session)
                if subject is not None:
                    self._trial.judge(step, subject, self._session)
            except _FAILURES as error:
                first = first or error
        if first is not None:
            raise first


def _forget(failure: ProbeFailure) -> None:
    """Let go of the frames that a failure which is none refers to, and they to it."""
    cause: BaseException | None = failure
    while cause is not None:
        cause.__traceback__ = None
        cause = cause.__cause__ or cause.__context__


def _at_deadline(step: Step, run: Run, known: Callable[[], ProbeFailure] | None) -> ProbeFailure:
    """What it means that the run's time is over in this step; waiting is nobody's fault but ours."""
    message = f"step {step.name} was not done when the run's {run.timeout_ns / 1e9:g} s were over"
    if step.action in {"wait", "totp"} and step.awaited is None:
        return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="deadline", phase=step.name)
    failure = known() if known is not None else failure_of(TimeoutError(), run.phase_name)
    if known is not None:
        message = failure.message
    return ProbeFailure(failure.error_class, message, detail=failure.detail, phase=step.name)
