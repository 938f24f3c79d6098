"""The kinds ``login`` and ``journey``: a sequence of steps, as a person does them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from yarl import URL

from prober.classify import EVIDENCE, failure_of
from prober.http.connect import in_time
from prober.http.settings import HttpSettings
from prober.model.errors import ProbeFailure
from prober.model.probe import BUCKETS_CHAT, Credentials, Kind
from prober.model.run import Step as StepResult
from prober.model.setting import Duration, SettingError, SettingErrors, setting
from prober.model.template import fill, is_name, variables
from prober.probes.flow import BUILT_IN, Session
from prober.probes.http import TRANSPORT_PHASES
from prober.probes.page import ClientProfile
from prober.probes.signin import Trial
from prober.probes.step import Reason, Step

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["JOURNEY", "KIND", "JourneyProbe", "LoginProbe"]

_FINALLY_SECONDS = 5.0
_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, *EVIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyProbe(HttpSettings):
    """The settings of ``kind: journey``."""

    steps: tuple[Step, ...] = setting("What is done, one step after the other.")
    variables: Mapping[str, str] = setting("Texts that the steps use as {{name}}.", factory=dict)
    session: Literal["fresh"] = setting("fresh: every run begins without cookies.", default="fresh")
    client: ClientProfile = setting(
        "Who asks: desktop, ios, android, or a User-Agent.", default=ClientProfile("desktop")
    )
    breaker_reset: Duration = setting(
        "After a refused password it is not sent again for this long, lest the account be locked.",
        default=Duration(3600 * 10**9),
    )
    reasons: tuple[Reason, ...] = setting("What a failing step means, before the built-in rules.", factory=tuple)
    finally_: tuple[Step, ...] = setting(
        "Steps that are always done at the end, and change no verdict.", factory=tuple, key="finally"
    )

    def __post_init__(self) -> None:
        """Refuse steps that no run could do."""
        errors = [*_doubles(self.steps, self.finally_), *_unknown_variables(self), *_no_start(self.steps)]
        if errors:
            raise SettingErrors(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginProbe(JourneyProbe):
    """The settings of ``kind: login``: a journey that ends by asking who we are."""

    def __post_init__(self) -> None:
        """Refuse a login that never asks who it has become."""
        JourneyProbe.__post_init__(self)
        if not any(step.role == "whoami" for step in self.steps):
            raise SettingErrors.one(
                "a login needs a step with `role: whoami`: no status tells a failed sign-in from a good one", "steps"
            )


def _doubles(steps: Iterable[Step], final: Iterable[Step]) -> Iterable[SettingError]:
    seen: set[str] = set()
    for key, group in (("steps", steps), ("finally", final)):
        for index, step in enumerate(group):
            if step.name in seen:
                yield SettingError(f"there is another step named {step.name!r}", (key, index, "name"))
            seen.add(step.name)


def _unknown_variables(settings: JourneyProbe) -> Iterable[SettingError]:
    known = {*settings.variables, *BUILT_IN}
    for name in settings.variables:
        if not is_name(name):
            yield SettingError("a variable's name is letters, digits and _", ("variables", name))
    for name, value in settings.variables.items():
        for used in set(variables(value)) - known:
            yield SettingError(f"the variable {used!r} is not known", ("variables", name))
    for key, group in (("steps", settings.steps), ("finally", settings.finally_)):
        for index, step in enumerate(group):
            for used in sorted(step.reads() - known):
                yield SettingError(f"the variable {used!r} is not known here", (key, index))
            known |= set(step.extract.names)


def _no_start(steps: tuple[Step, ...]) -> Iterable[SettingError]:
    if not steps:
        yield SettingError("there must be at least one step", ("steps",))
    elif steps[0].action in {"form", "look"}:
        yield SettingError("the first step has no page yet to work on: begin with a `get`", ("steps", 0))


async def _run(settings: JourneyProbe, run: Run) -> None:
    session = Session(settings, run, _resolved(settings.variables), user_agent=settings.client.user_agent)
    trial = Trial(reasons=settings.reasons, run=run)
    if settings.finally_:
        run.afterwards.append(partial(_finish, settings, session))
    for step in settings.steps:
        await _step(step, session, trial)


def _resolved(given: Mapping[str, str]) -> dict[str, str]:
    """The variables, with those inside others filled in."""
    return {name: fill(value, lambda used: given.get(used, "")) for name, value in given.items()}


async def _step(step: Step, session: Session, trial: Trial) -> None:
    """Do one step, record it, and raise what failed unless the step may fail."""
    run = session.run
    began_ns = run.clock.monotonic_ns()
    if step.when is not None and (session.last is None or not step.when.bind(session.lookup).hold(session.last)):
        run.steps.append(StepResult(name=step.name, result="skipped", duration_ns=0))
        return
    slow_before = len(run.slow_because)
    try:
        await _attempt(step, session, trial)
    except ProbeFailure as failure:
        _record(step, session, began_ns, failure=failure)
        if not step.allow_failure:
            raise
        run.phase_name = None
    except asyncio.CancelledError:
        _record(step, session, began_ns, failure=failure_of(TimeoutError(), run.phase_name))
        run.deadline_verdict = partial(_at_deadline, step, run)
        raise
    else:
        _record(step, session, began_ns, slow=len(run.slow_because) > slow_before)


def _at_deadline(step: Step, run: Run) -> ProbeFailure:
    failure = failure_of(TimeoutError(), run.phase_name)
    message = f"step {step.name} was not done when the run's {run.timeout_ns / 1e9:g} s were over"
    return ProbeFailure(failure.error_class, message, detail=failure.detail, phase=step.name)


async def _attempt(step: Step, session: Session, trial: Trial) -> None:
    run = session.run
    run.phase_name = step.name
    page = session.last
    try:
        async with in_time(step.timeout):
            subject = await session.send(step)
    except _FAILURES as error:
        failure = failure_of(error, run.phase_name)
        # A form that is not there is explained by the page on which it should be.
        seen = page if failure.detail == "page_changed" else None
        raise trial.explained(failure, step, seen, session) from None
    if subject is not None:
        trial.judge(step, subject, session)


def _record(
    step: Step, session: Session, began_ns: int, *, failure: ProbeFailure | None = None, slow: bool = False
) -> None:
    status = session.run.measures.get("http_status") if session.sent else None
    session.run.steps.append(
        StepResult(
            name=step.name,
            result="fail" if failure else "slow" if slow else "ok",
            duration_ns=session.run.clock.monotonic_ns() - began_ns,
            status=status if isinstance(status, int) else None,
            error_class=failure.error_class if failure else None,
            detail=failure.detail if failure else None,
        )
    )


async def _finish(settings: JourneyProbe, session: Session) -> None:
    """Do the last steps, whatever came before; what goes wrong here is nobody's verdict."""
    async with asyncio.timeout(_FINALLY_SECONDS):
        for step in settings.finally_:
            with contextlib.suppress(*_FAILURES):
                await session.send(step)


def _target(settings: JourneyProbe) -> str:
    first = settings.steps[0]
    names = _resolved(settings.variables)
    try:
        return URL(fill(first.url, lambda name: names.get(name, ""))).host or ""
    except ValueError:
        return ""


def _info(settings: JourneyProbe) -> Mapping[str, str]:
    return {"target": _target(settings), "session": settings.session}


def _credentials(settings: JourneyProbe) -> Credentials | None:
    """What the submits send that is known before the run: user and password, not codes and tokens."""
    names = _resolved(settings.variables)
    sent = [
        fill(value, names.__getitem__)
        for step in settings.steps
        if step.role == "submit"
        for value in (*step.fields.values(), *(step.data or {}).values())
        if set(variables(value)) <= set(names)
    ]
    if not sent:
        return None
    digest = hashlib.blake2b("\0".join([_target(settings), *sent]).encode(), digest_size=16).hexdigest()
    return Credentials(digest=digest, hold_ns=settings.breaker_reset)


def _step_names(settings: JourneyProbe) -> tuple[str, ...]:
    return tuple(step.name for step in settings.steps)


KIND = Kind(
    name="login",
    doc="Signs in as a person does, and asks who it has become.",
    settings=LoginProbe,
    run=_run,
    phases=(*TRANSPORT_PHASES, "expect"),
    slow=("first_byte",),
    buckets=BUCKETS_CHAT,
    info=_info,
    steps=_step_names,
    credentials=_credentials,
)

JOURNEY = Kind(
    name="journey",
    doc="Does one step after the other, such as writing a message and reading it back.",
    settings=JourneyProbe,
    run=_run,
    phases=(*TRANSPORT_PHASES, "expect"),
    slow=("first_byte",),
    buckets=BUCKETS_CHAT,
    info=_info,
    steps=_step_names,
    credentials=_credentials,
)
