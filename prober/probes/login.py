"""The kinds ``login`` and ``journey``: a sequence of steps, as a person does them."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from yarl import URL

from prober.http.settings import HttpSettings
from prober.model.probe import BUCKETS_CHAT, Common, Kind
from prober.model.setting import Duration, SettingError, refuse, setting
from prober.model.spending import Budget
from prober.model.template import fill, is_name, variables
from prober.probes.browsing import SETTLE, open_tab
from prober.probes.client_profile import ClientProfile
from prober.probes.credentials import credentials_of
from prober.probes.flow import act
from prober.probes.http import TRANSPORT_PHASES
from prober.probes.journey import Act, Journey
from prober.probes.journey_browser import step_mistakes, travel, travel_mistakes
from prober.probes.oidc import Oidc, oidc_steps
from prober.probes.questions import asked_model, money_mistakes, spending_of
from prober.probes.reason import Reason
from prober.probes.session import BUILT_IN
from prober.probes.step import Step

if TYPE_CHECKING:
    from prober.model.probe import Credentials
    from prober.model.run import Run

__all__ = ["JOURNEY", "KIND", "JourneyProbe", "LoginProbe"]

_Path = tuple[str | int, ...]
_NEEDS_PAGE = frozenset({"form", "click", "fill", "look"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyProbe(HttpSettings):
    """The settings of ``kind: journey``."""

    steps: tuple[Step, ...] = setting("What is done, one step after the other.")
    oidc: Oidc | None = setting("Sign in at an OpenID provider first.", default=None)
    variables: Mapping[str, str] = setting("Texts that the steps use as {{name}}.", factory=dict)
    session: Literal["fresh", "reuse"] = setting(
        "fresh: every run begins without cookies. reuse: they are kept, and one signs in only when whoami fails.",
        default="fresh",
    )
    client: ClientProfile = setting(
        "Who asks: desktop, ios, android, or a User-Agent.", default=ClientProfile("desktop")
    )
    engine: Literal["http", "browser"] = setting(
        "http sends requests; browser opens pages in Chromium.", default="http"
    )
    settle: Duration = setting("Engine browser: how long a page rests after each step.", default=SETTLE)
    breaker_reset: Duration = setting(
        "After a refused password it is not sent again for this long, lest the account be locked.",
        default=Duration(3600 * 10**9),
    )
    budget: Budget | None = setting("What its questions to models may spend in a day of UTC.", default=None)
    reasons: tuple[Reason, ...] = setting("What a failing step means, before the built-in rules.", factory=tuple)
    finally_: tuple[Step, ...] = setting(
        "Steps that are always done at the end, and change no verdict.", factory=tuple, key="finally"
    )
    name: str = ""
    sequence: tuple[Step, ...] = field(default=(), init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Put all steps into their order, and refuse those that no run could do."""
        placed = tuple(_placed(self))
        object.__setattr__(self, "sequence", tuple(step for step, _ in placed))
        errors = [*self.header_mistakes(), *_doubles(self, placed), *_unknown_variables(self, placed)]
        errors += [*_no_start(self), *_not_kept(self), *_not_of_engine(self, placed)]
        refuse([*errors, *money_mistakes(placed, self.budget), *self._unasked()])

    def _unasked(self) -> Iterator[SettingError]:
        yield from ()  # a login must ask who it is

    def given(self) -> dict[str, str]:
        """The configured variables, with those inside others filled in."""
        return {name: fill(value, lambda used: self.variables.get(used, "")) for name, value in self.variables.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginProbe(JourneyProbe):
    """The settings of ``kind: login``: a journey that ends by asking who we are."""

    def _unasked(self) -> Iterator[SettingError]:
        """A login that never asks who it has become."""
        if not any(step.role == "whoami" for step in self.steps):
            said = "a login needs a step with `role: whoami`: no status tells a failed sign-in from a good one"
            yield SettingError(said, ("steps",))


def _placed(settings: JourneyProbe) -> Iterator[tuple[Step, _Path]]:
    """All steps but the last ones, in their order, each with its place in the configuration."""
    if settings.oidc is not None:
        for step, at in oidc_steps(settings.oidc):
            yield step, ("oidc",) if at is None else ("oidc", "login", at)
    yield from ((step, ("steps", at)) for at, step in enumerate(settings.steps))


def _last(settings: JourneyProbe) -> Iterator[tuple[Step, _Path]]:
    yield from ((step, ("finally", at)) for at, step in enumerate(settings.finally_))


def _doubles(settings: JourneyProbe, placed: tuple[tuple[Step, _Path], ...]) -> Iterator[SettingError]:
    seen: set[str] = set()
    for step, path in (*placed, *_last(settings)):
        if step.name in seen:
            yield SettingError(f"there is another step named {step.name!r}", (*path, "name"))
        seen.add(step.name)


def _unknown_variables(settings: JourneyProbe, placed: tuple[tuple[Step, _Path], ...]) -> Iterator[SettingError]:
    known = {*settings.variables, *BUILT_IN}
    for name, value in settings.variables.items():
        if not is_name(name) or name in BUILT_IN:
            yield SettingError("a variable's name is letters, digits and _, and no built-in one", ("variables", name))
        for used in sorted(set(variables(value)) - set(settings.variables)):
            yield SettingError(f"the variable {used!r} is not known", ("variables", name))
    if settings.oidc is not None:
        for used in sorted({name for text in settings.oidc.texts() for name in variables(text)} - known):
            yield SettingError(f"the variable {used!r} is not known here", ("oidc",))
            known.add(used)
    for step, path in placed:
        yield from (
            SettingError(f"the variable {used!r} is not known here", path) for used in sorted(step.reads() - known)
        )
        known |= {*step.sets, *step.reads()}
    for at, step in enumerate(settings.finally_):
        yield from (
            SettingError(f"the variable {used!r} is not known here", ("finally", at))
            for used in sorted(step.reads() - known)
        )
        known |= set(step.sets)


def _no_start(settings: JourneyProbe) -> Iterator[SettingError]:
    if not settings.steps:
        yield SettingError("there must be at least one step", ("steps",))
    elif settings.oidc is None and settings.steps[0].action in _NEEDS_PAGE:
        yield SettingError("the first step has no page yet to work on: begin with a `get`", ("steps", 0))


def _not_kept(settings: JourneyProbe) -> Iterator[SettingError]:
    if settings.session != "reuse":
        return
    at, whoami = next(((at, step) for at, step in enumerate(settings.steps) if step.role == "whoami"), (0, None))
    if whoami is None:
        yield SettingError("goes with a step of `role: whoami`, at which a kept session begins", ("session",))
    elif whoami.action in _NEEDS_PAGE or whoami.when is not None or whoami.allow_failure:
        yield SettingError("a kept session begins here: it must ask by itself, always, and count", ("steps", at))


def _not_of_engine(settings: JourneyProbe, placed: tuple[tuple[Step, _Path], ...]) -> Iterator[SettingError]:
    yield from step_mistakes((*placed, *_last(settings)), engine=settings.engine, settle_ns=settings.settle)
    if settings.engine == "browser":
        yield from travel_mistakes(settings, reuses=settings.session == "reuse", oidc=settings.oidc is not None)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The settings as a run needs them."""

    http: JourneyProbe
    act: Act

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.http.sequence

    @property
    def last_steps(self) -> tuple[Step, ...]:
        return self.http.finally_

    @property
    def given(self) -> Mapping[str, str]:
        return self.http.given()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.http.reasons

    @property
    def reuses(self) -> str | None:
        return self.http.name if self.http.session == "reuse" else None


async def _run(settings: JourneyProbe, run: Run) -> None:
    def go(by: Act) -> Awaitable[None]:
        return Journey(_Plan(settings, by), run).go()

    if settings.engine == "browser":
        await travel(settings, run, go, client=settings.client, home=_target(settings), settle_ns=settings.settle)
    else:
        await go(partial(act, user_agent=settings.client.user_agent))


def _prepare(settings: JourneyProbe, common: Common) -> JourneyProbe:
    return dataclasses.replace(settings, name=common.name)


def _info(settings: JourneyProbe) -> Mapping[str, str]:
    info = {"target": _target(settings).host or "", "session": settings.session, "engine": settings.engine}
    return {**info, **asked_model(settings.sequence)}


def _target(settings: JourneyProbe) -> URL:
    """The URL of the first step."""
    given = settings.given()
    first = next((step for step in settings.steps if step.action in {"get", "post"}), settings.steps[0])
    try:
        return URL(fill(first.url, lambda name: given.get(name, "")))
    except ValueError:
        return URL()


def _credentials(settings: JourneyProbe) -> Credentials | None:
    return credentials_of(
        settings.sequence, given=settings.given(), target=_target(settings), hold_ns=settings.breaker_reset
    )


KIND: Kind[JourneyProbe] = Kind(
    name="login",
    doc="Signs in as a person does, and asks who it has become.",
    settings=LoginProbe,
    run=_run,
    phases=(*TRANSPORT_PHASES, "expect", "first_token", "stream"),
    slow=("first_byte", "first_token"),
    buckets=BUCKETS_CHAT,
    prepare=_prepare,
    info=_info,
    steps=lambda settings: tuple(step.name for step in settings.sequence),
    credentials=_credentials,
    before=lambda settings: partial(open_tab, settings) if settings.engine == "browser" else None,
    spending=lambda settings: spending_of(settings.sequence, settings.budget),
)

JOURNEY = dataclasses.replace(
    KIND,
    name="journey",
    doc="Does one step after the other, such as writing a message and reading it back.",
    settings=JourneyProbe,
)
