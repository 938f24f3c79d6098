"""One step of a login or a journey, as it is configured."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prober.http.expect import Checks, Expect, Extract
from prober.http.expect.pattern import Pattern
from prober.http.settings import Basic, header_mistakes
from prober.model.setting import Duration, SettingError, SettingErrors, setting
from prober.model.template import is_name, variables
from prober.probes.chat_step import ChatStep
from prober.probes.form_choice import FormChoice
from prober.probes.oauth import OAuth2
from prober.probes.pause import Css, Pause
from prober.probes.texts import texts_in
from prober.probes.totp import Algorithm, seed_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACTIONS", "METHODS", "Step"]

METHODS = ("get", "post", "put", "patch", "delete")
ACTIONS = (*METHODS, "form", "click", "fill", "totp", "oauth2", "chat", "look", "wait")
"""A step is exactly one of these."""

_WITH_BODY = METHODS[1:]
_NAVIGATES = (*METHODS, "form")
_SENDS = (*_NAVIGATES, "oauth2")
_ANSWERED = (*_SENDS, "click", "fill", "look")
_SEEN = ("get", "form", "click", "fill", "look")
_ONLY_WITH: Mapping[str, tuple[str, ...]] = {
    "fields": ("form",),
    "query": METHODS,
    "json": _WITH_BODY,
    "data": _WITH_BODY,
    "body": _WITH_BODY,
    "headers": _SENDS,
    "basic": _NAVIGATES,
    "bearer": _NAVIGATES,
    "follow": _SENDS,
    "until": _NAVIGATES,
    "ready": _SEEN,
    "role": _ANSWERED,
    "extract": _ANSWERED,
    "expect": _ANSWERED,
    "as_": ("totp",),
    "digits": ("totp",),
    "period": ("totp",),
    "algorithm": ("totp",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: exactly one action, and what goes with it. Texts may hold ``{{variables}}``."""

    name: str = setting("Name of the step: label of its metrics, and the phase of a failure in it.")
    role: Literal["submit", "whoami"] | None = setting("What the step is to the sign-in.", default=None)
    get: str | None = setting("GET this URL; it may be relative to the last one.", default=None)
    post: str | None = setting("POST to this URL.", default=None)
    put: str | None = setting("PUT to this URL.", default=None)
    patch: str | None = setting("PATCH this URL.", default=None)
    delete: str | None = setting("DELETE this URL.", default=None)
    form: FormChoice | None = setting("Fill in and send a form of the last page.", default=None)
    click: Css | None = setting("Engine browser: click what this CSS selector names.", default=None)
    fill: Mapping[str, str] | None = setting(
        "Engine browser: write texts into the fields that CSS selectors name.", default=None
    )
    totp: str | None = setting("Make a one-time code of this seed.", default=None)
    oauth2: OAuth2 | None = setting("Ask for a token; its answer is the last response.", default=None)
    chat: ChatStep | None = setting("Ask a model a question, as `kind: chat` does.", default=None)
    look: Literal[True] | None = setting("Send nothing: read the last response again.", default=None)
    wait: Pause | None = setting("Wait this long; engine browser: or until that is to be seen.", default=None)
    fields: Mapping[str, str] = setting("Fields of the form.", factory=dict)
    ready: Css | None = setting("Engine browser: CSS selector of what must come to be seen.", default=None)
    headers: Mapping[str, str] = setting("Headers of this request.", factory=dict)
    query: Mapping[str, str] = setting("Added to the URL's query.", factory=dict)
    json: Mapping[str, object] | tuple[object, ...] | None = setting("Body, as JSON.", default=None)
    data: Mapping[str, str] | None = setting("Body, as a URL-encoded form.", default=None)
    body: str | None = setting("Body, as it is.", default=None)
    basic: Basic | None = setting("User and password of basic authentication.", default=None)
    bearer: str | None = setting("Token of the Authorization header.", default=None)
    follow: int = setting("So many redirects are followed.", default=10)
    until: str | None = setting(
        "Stop at a redirect to a URL that this regex matches, without requesting it.", default=None
    )
    as_: str | None = setting("Name of the variable that the code becomes.", default=None, key="as")
    digits: int = setting("Digits of the one-time code.", default=6)
    period: Duration = setting("How long a one-time code is good.", default=Duration(30 * 10**9))
    algorithm: Algorithm = setting("Hash of the one-time code.", default="sha1")
    when: Checks | None = setting("Do the step only if these checks hold of the last response.", default=None)
    timeout: Duration | None = setting("The step ends by then.", default=None)
    extract: Extract = setting("Variables read out of the response.", factory=Extract)
    expect: Expect = setting("What the response must be.", factory=Expect)
    allow_failure: bool = setting("Go on if this step fails.", default=False)

    def __post_init__(self) -> None:
        """Refuse a step that is not exactly one action, or has keys its action has no use for."""
        given = [action for action in ACTIONS if getattr(self, action) is not None]
        if len(given) != 1:
            said = f"has {' and '.join(given)}" if given else "has none of them"
            raise SettingErrors.one(f"a step is exactly one of {', '.join(ACTIONS)}; this one {said}")
        errors = [*self._useless(), *self._wrong()]
        if errors:
            raise SettingErrors(errors)

    def _useless(self) -> Iterator[SettingError]:
        for field in dataclasses.fields(self):
            takes = _ONLY_WITH.get(field.name)
            if takes is None or self.action in takes or getattr(self, field.name) == _default(field):
                continue
            key = str(field.metadata["key"] or field.name)
            said = f"goes with {', '.join(takes)}"
            if self.action == "chat" and key in {"expect", "headers"}:
                said = "belongs inside `chat`"
            yield SettingError(said, (key,))

    def _wrong(self) -> Iterator[SettingError]:
        yield from header_mistakes(self.headers)
        bodies = [key for key in ("json", "data", "body") if getattr(self, key) is not None]
        if len(bodies) > 1:
            yield SettingError(f"give only one of {' and '.join(bodies)}", (bodies[-1],))
        if self.basic is not None and self.bearer is not None:
            yield SettingError("give either `basic` or `bearer`", ("bearer",))
        if self.totp is not None:
            yield from self._wrong_code()
        if self.follow < 0:
            yield SettingError("must not be negative", ("follow",))
        if self.until is not None and not variables(self.until):
            yield from _refused(lambda: Pattern(self.until or ""), "until")
        if self.chat is not None:
            try:
                self.chat.mistakes()
            except SettingErrors as errors:
                yield from errors.under("chat").errors

    def _wrong_code(self) -> Iterator[SettingError]:
        if self.as_ is None:
            yield SettingError("a code needs a name: `as: code` makes it {{code}}", ("as",))
        elif not is_name(self.as_) or "." in self.as_:
            yield SettingError("a variable's name is letters, digits and _", ("as",))
        if not 4 <= self.digits <= 10:
            yield SettingError("must be between 4 and 10", ("digits",))
        if self.totp is not None and not variables(self.totp):
            yield from _refused(lambda: seed_of(self.totp or ""), "totp")

    @property
    def action(self) -> str:
        """The one action's name."""
        return next(action for action in ACTIONS if getattr(self, action) is not None)

    @property
    def awaited(self) -> Css | None:
        """What must come to be seen, in a browser."""
        return self.ready if self.wait is None else self.wait.css

    @property
    def url(self) -> str:
        """The URL of a get, post, put, patch or delete step, as it is written."""
        return str(getattr(self, self.action))

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the variables that this step leaves."""
        return self.extract.names if self.as_ is None else (*self.extract.names, self.as_)

    def reads(self) -> frozenset[str]:
        """The names of all variables that this step uses."""
        names = set(self.expect.variables()) | set(self.extract.variables())
        if self.when is not None:
            names |= self.when.variables()
        if self.chat is not None:
            names |= self.chat.reads()
        return frozenset(names.union(*map(variables, self.texts())))

    def texts(self) -> Iterator[str]:
        """What it sends, and where to: all texts in which placeholders may stand, but for its checks."""
        for field in dataclasses.fields(self):
            yield from texts_in(getattr(self, field.name))
        if self.wait is not None and self.wait.css is not None:
            yield self.wait.css
        if self.basic is not None:
            yield from (self.basic.user, self.basic.password.reveal())
        if self.oauth2 is not None:
            yield from self.oauth2.texts()


def _default(field: dataclasses.Field[object]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _refused(read: Callable[[], object], key: str) -> Iterator[SettingError]:
    """What a reader says against the value of a key."""
    try:
        read()
    except ValueError as error:
        yield SettingError(str(error), (key,))
