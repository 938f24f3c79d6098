"""Small kinds of probes, one setting of each type among them, for the tests of the loader."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from json import dumps as json_of
from typing import TYPE_CHECKING, Any, Literal, Self

from prober.model.probe import Common, Kind
from prober.model.secret import Secret
from prober.model.setting import Duration, Ratio, SettingError, SettingErrors, Size, setting

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["KINDS", "ChatSettings", "Checks", "Color", "HttpSettings", "JourneySettings", "Limits", "PageSettings"]


class Color(StrEnum):
    """A closed set that is an enum."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Checks:
    """A type with its own syntax: a list of checks, or a mapping of shorthands."""

    checks: tuple[Mapping[str, object], ...]

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The checks; each may name only the queries ``status`` and ``contains``."""
        checks: list[object] = [raw] if isinstance(raw, dict) else raw if isinstance(raw, list) else [raw]
        many = isinstance(raw, list)
        errors = []
        for index, check in enumerate(checks):
            at = (index,) if many else ()
            if not isinstance(check, dict):
                errors.append(SettingError("expected a check", at))
                continue
            unknown = [key for key in check if key not in {"status", "contains", "severity"}]
            errors += [SettingError(f"unknown query {key}", (*at, key)) for key in unknown]
        if errors:
            raise SettingErrors(errors)
        return cls(tuple(check for check in checks if isinstance(check, dict)))

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A list of checks, or one."""
        return {
            "anyOf": [{"$ref": "#/$defs/Check"}, {"type": "array", "items": {"$ref": "#/$defs/Check"}}],
            "$defs": {
                "Check": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"status": {}, "contains": {}, "severity": {"const": "slow"}},
                }
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A nested mapping with a rule across its keys."""

    low: int = setting("The lower bound.", default=0)
    high: int = setting("The upper bound.", default=10)
    body: Size = setting("The largest body.", default=Size(1024))
    wait: Duration = setting("A pause, which may be none.", default=Duration(0))

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise SettingErrors.one("must not be above high", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The keys that http and page share."""

    url: str = setting("What is asked for.")
    headers: Mapping[str, str] = setting("Headers of the request.", factory=dict)
    limits: Limits = setting("Bounds.", factory=Limits)
    expect: Checks | None = setting("What must be seen.", default=None)

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise SettingErrors.one("must begin with http:// or https://", "url")


@dataclass(frozen=True, slots=True)
class Words:
    """A type that keeps what was written, as JSON or, for one word, as it was."""

    written: str

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The words. A ValueError of a library does for a SettingErrors."""
        if raw == "broken":
            raise ValueError("no word is broken")
        return cls(raw if isinstance(raw, str) else json_of(raw))

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text or a list."""
        return {"type": ["string", "array"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of the day, kept in several shapes."""

    pattern: re.Pattern[str]
    secret: Secret
    colors: frozenset[Color]
    test: object = len
    zone: object = field(default_factory=object)
    hidden: None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The window of ``{from: TEXT}``. Raises SettingErrors."""
        match raw:
            case {"from": str(start)}:
                return cls(pattern=re.compile(start), secret=Secret(start), colors=frozenset({Color.RED}))
        raise SettingErrors.one("expected a window")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """An object."""
        return {"type": "object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(Web):
    """Settings of the kind http."""

    method: Literal["GET", "POST"] = setting("The method.", default="GET")
    ip: Literal["auto", "4", "6"] = setting("The address family.", default="auto")
    ok: bool = setting("A switch.", default=False)
    ratio: float = setting("A number.", default=1.5)
    colors: tuple[Color, ...] = setting("Some colors.", default=())
    json: object = setting("Any plain value.", default=None)
    when: Window | Literal["always"] | Mapping[str, int] = setting("When it counts.", default="always")
    words: Words | None = setting("Words to look for.", default=None)
    inner: str = field(default="not a key of the file")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSettings(Web):
    """Settings of the kind page."""

    settle: Duration = setting("How long to wait.", default=Duration(500 * 10**6))
    ready: str | tuple[str, ...] | None = setting("One selector or several.", default=None)
    idle: Duration | Literal["never"] = setting("When to give up.", default="never")
    share: Ratio = setting("How much must be there.", default=Ratio(1.0))


class Endpoint(str):
    """A text of its own type."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The endpoint. Raises SettingErrors."""
        if isinstance(raw, str) and raw.startswith("http"):
            return cls(raw)
        raise SettingErrors.one("expected a URL")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Settings of the kind chat."""

    model: str = setting("The model that is asked.")
    endpoint: Endpoint | None = setting("Where the API is.", default=None)
    api_key: Secret | None = setting("The key.", default=None)
    max_tokens: int = setting("The limit of output tokens.", default=64)
    headers: Mapping[str, str] = setting("Headers of the request.", factory=dict)
    deadlines: Mapping[Literal["first_token", "idle"], Duration] = setting("Deadlines.", factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a journey; steps may contain steps."""

    name: str = setting("The name of the step.")
    get: str | None = setting("A URL.", default=None)
    password: Secret | None = setting("A secret.", default=None)
    chat: ChatSettings | None = setting("A question.", default=None)
    finally_: tuple[Step, ...] = setting("What is done at the end.", default=(), key="finally")


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneySettings:
    """Settings of the kind journey."""

    steps: tuple[Step, ...] = setting("The steps.")
    variables: Mapping[str, str] = setting("Names for texts.", factory=dict)


async def _run(_settings: Any, _run: Run) -> None:
    """Do nothing: these kinds are only loaded."""


def _prepare_chat(settings: ChatSettings, common: Common) -> ChatSettings:
    if settings.endpoint is not None:
        return settings
    if common.provider != "openai":
        raise SettingErrors.one("is required for a provider that is not in the catalogue", "endpoint")
    return dataclasses.replace(settings, endpoint=Endpoint("https://api.example/v1"))


def _kind(name: str, settings: type[Any], **more: Any) -> Kind[Any]:
    return Kind(name=name, doc=f"A {name} probe.", settings=settings, run=_run, phases=("resolve",), **more)


KINDS: Mapping[str, Kind[Any]] = {
    "http": _kind("http", HttpSettings, slow=("first_byte",)),
    "page": _kind("page", PageSettings),
    "chat": _kind(
        "chat",
        ChatSettings,
        slow=("first_token",),
        prepare=_prepare_chat,
        info=lambda settings: {"model": settings.model},
    ),
    "journey": _kind("journey", JourneySettings, steps=lambda settings: tuple(step.name for step in settings.steps)),
}
