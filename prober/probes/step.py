"""One step of a login or a journey, as it is configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, Self

from prober.http.expect import Checks, Expect, Extract
from prober.http.expect.pattern import Pattern
from prober.http.settings import Basic
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass
from prober.model.secret import Secret
from prober.model.setting import Duration, SettingErrors, setting
from prober.model.template import variables

__all__ = ["ACTIONS", "METHODS", "FormChoice", "Reason", "Step"]

METHODS = ("get", "post", "put", "patch", "delete")
ACTIONS = (*METHODS, "form", "look", "wait")
"""A step is exactly one of these."""


@dataclass(frozen=True, slots=True)
class FormChoice:
    """Which form of the last page is sent: the first that holds all named fields, or the one that ``css`` selects."""

    css: str | None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The choice: ``true`` or ``{css: SELECTOR}``. Raises SettingErrors."""
        match raw:
            case True:
                return cls()
            case {"css": str(css), **rest} if css and not rest:
                return cls(css)
        raise SettingErrors.one("must be true or {css: SELECTOR}")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """True, or an object with a selector."""
        chosen = {
            "type": "object",
            "properties": {"css": {"type": "string"}},
            "required": ["css"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"const": True}, chosen]}


@dataclass(frozen=True, slots=True)
class Reason:
    """What a failure of a step means when these checks hold of its response: asked before the built-in rules."""

    when: Checks
    error_class: ErrorClass = ErrorClass.SERVER_ERROR
    detail: str | None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The reason of ``{class, detail, when}``. Raises SettingErrors."""
        if not isinstance(raw, dict) or "when" not in raw:
            raise SettingErrors.one("must be {class, detail, when}")
        unknown = set(raw) - {"class", "detail", "when"}
        if unknown:
            raise SettingErrors.one(f"unknown key {min(map(str, unknown))!r}: class, detail and when are known")
        named = raw.get("class", "server_error")
        if named not in set(ErrorClass):
            raise SettingErrors.one(f"{named!r} is no error class", "class")
        detail = raw.get("detail")
        if detail is not None and detail not in DETAILS:
            raise SettingErrors.one(f"{detail!r} is no detail; the docs list them", "detail")
        try:
            when = Checks.from_setting(raw["when"])
        except SettingErrors as errors:
            raise errors.under("when") from None
        return cls(when=when, error_class=ErrorClass(named), detail=detail)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """An object of class, detail and when."""
        return {
            "type": "object",
            "properties": {
                "class": {"enum": [str(member) for member in ErrorClass]},
                "detail": {"enum": sorted(DETAILS)},
                "when": Checks.json_schema(),
            },
            "required": ["when"],
            "additionalProperties": False,
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
    look: Literal[True] | None = setting("Send nothing: read the last response again.", default=None)
    wait: Duration | None = setting("Wait this long.", default=None)
    fields: Mapping[str, str] = setting("Fields of the form.", factory=dict)
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
        bodies = [key for key in ("json", "data", "body") if getattr(self, key) is not None]
        if len(bodies) > 1:
            raise SettingErrors.one(f"give only one of {' and '.join(bodies)}", bodies[-1])
        if bodies and self.action not in METHODS[1:]:
            raise SettingErrors.one(f"a {self.action} step sends no body of its own", bodies[0])
        if self.fields and self.action != "form":
            raise SettingErrors.one("goes with `form`", "fields")
        if self.role is not None and self.action == "wait":
            raise SettingErrors.one("a step that waits has no role", "role")
        if self.until is not None and not variables(self.until):
            try:
                Pattern(self.until)
            except ValueError as error:
                raise SettingErrors.one(str(error), "until") from None

    @property
    def action(self) -> str:
        """The one action's name."""
        return next(action for action in ACTIONS if getattr(self, action) is not None)

    @property
    def url(self) -> str:
        """The URL of a get, post, put, patch or delete step, as it is written."""
        return str(getattr(self, self.action))

    def reads(self) -> frozenset[str]:
        """The names of all variables that this step uses."""
        names = set(self.expect.variables()) | set(self.extract.variables())
        if self.when is not None:
            names |= self.when.variables()
        for field in fields(self):
            names.update(_names(getattr(self, field.name)))
        return frozenset(names)


def _names(value: object) -> Iterator[str]:
    """The variables inside a setting, however deep."""
    if isinstance(value, str):
        yield from variables(value)
    elif isinstance(value, Secret):
        yield from variables(value.reveal())
    elif isinstance(value, Basic):
        yield from (*variables(value.user), *variables(value.password.reveal()))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*_names(key), *_names(inner))
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _names(inner)
