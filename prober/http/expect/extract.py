"""Values that are kept from an answer, for the steps that follow."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from prober.http.expect.binding import no_value, read_again
from prober.http.expect.check import Check, Redact, read_filtered, unknown_keys
from prober.http.expect.demands import PREDICATES
from prober.http.expect.display import brief
from prober.http.expect.language import extract_schema
from prober.http.expect.queries import QUERIES, read_query
from prober.http.expect.source import Filler, Source, kind_of
from prober.http.expect.values import Unevaluable, Value
from prober.model.template import is_name

if TYPE_CHECKING:
    from prober.http.expect.subject import Subject

__all__ = ["Extract", "Extracted", "Missing", "Plain"]

Plain = str | int | float | bool | None
"""A value of a variable; several are a list, and an object is its JSON text."""

_QUERIES = tuple(name for name in QUERIES if name != "schema")
_KEYS = frozenset({*_QUERIES, "attr", "filters", "default", "secret"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What was found, by name. ``secrets`` are the values that must never be shown, as texts."""

    values: Mapping[str, Plain | list[Plain]]
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The names for which nothing was found and that have no default, each with what was seen instead."""

    seen: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the configuration."""
        return tuple(self.seen)

    def __str__(self) -> str:
        return "; ".join(f"{name} not found: {seen}" for name, seen in self.seen.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How one name gets its value; ``default`` is a tuple of one, or None where the value must be found."""

    name: str
    raw: object
    placeholders: frozenset[str]
    check: Check
    secret: bool
    default: tuple[Plain | list[Plain]] | None

    def find(self, subject: Subject) -> Plain | list[Plain]:
        """The value. Raises :class:`Unevaluable` where there is none."""
        try:
            return _plain(list(self.check.values(subject).items))
        except Unevaluable:
            if self.default is None:
                raise
            return self.default[0]

    def bound(self, lookup: Callable[[str], str]) -> _Rule:
        """The same with its placeholders filled. If that cannot be, nothing is ever found."""
        if not self.placeholders:
            return self
        rule = read_again(self.raw, lambda source: _rule(source, self.name), lookup)
        if rule is None or isinstance(rule, str):
            return self.unbound(rule or "what is extracted could not be read")
        return replace(rule, placeholders=frozenset())

    def unbound(self, why: str) -> _Rule:
        """The same, finding nothing, and why."""
        return replace(self, check=replace(self.check, broken=why))


def _scalar(value: Value) -> Plain:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()  # half a surrogate pair could not be sent on
        case None | bool() | int() | float():
            return value
        case _:
            try:
                return _scalar(json.dumps(value, ensure_ascii=False))
            except (RecursionError, ValueError):
                raise Unevaluable("JSON nested too deeply to be kept") from None


def _plain(items: list[Value]) -> Plain | list[Plain]:
    """A single value as itself, several and a list as a list."""
    if not items:
        raise Unevaluable("nothing")
    if len(items) != 1:
        return [_scalar(item) for item in items]
    only = items[0]
    return [_scalar(item) for item in only] if isinstance(only, list) else _scalar(only)


def _query_name(source: Source, given: Mapping[str, object]) -> str | None:
    asked = [key for key in QUERIES if key in given]
    if misplaced := [key for key in (*PREDICATES, "severity") if key in given]:
        source.at(misplaced[0]).wrong(f"{misplaced[0]} belongs to expect: what is extracted is not judged")
    unknown = unknown_keys(source, {*_KEYS, *PREDICATES, "severity", "schema"})
    if len(asked) > 1:
        source.wrong(f"one query is expected, got {len(asked)}: {', '.join(asked)}")
    elif "schema" in given:
        source.at("schema").wrong("a schema finds no value")
    elif asked:
        return asked[0]
    elif not unknown:
        source.wrong(f"no query: say what is read, by one of {', '.join(_QUERIES)}")
    return None


def _default(source: Source) -> tuple[Plain | list[Plain]]:
    items = [_default_item(item) for item in source.items()]
    return (items,) if isinstance(source.value, list) else (items[0],)


def _default_item(source: Source) -> Plain:
    match source.value:
        case str():
            return str(source.fill(source.value))
        case None | bool() | int() | float():
            return source.value
        case _:
            source.wrong(f"expected a text, a number, true, false or nothing, got {kind_of(source.value)}")
            return None


def _rule(source: Source, name: str) -> _Rule | None:
    given = source.mapping("a query, as `jsonpath: $.token`")
    asked = _query_name(source, given) if given or source.value == {} else None
    default = _default(source.at("default")) if "default" in given else None
    secret = given.get("secret", False)
    if not isinstance(secret, bool):
        source.at("secret").wrong(f"expected true or false, got {kind_of(secret)}")
    query = read_query(source, asked) if asked else None
    if query is None:
        return None
    check = Check(query=query, filters=read_filtered(source, query))
    placeholders = frozenset(source.fill.names)
    return _Rule(
        name=name, raw=source.value, placeholders=placeholders, check=check, secret=secret is True, default=default
    )


def _named(source: Source, name: str) -> _Rule | None:
    at = source.at(name)
    if not is_name(name) or "." in name:
        at.wrong("expected a name of letters, digits and _, as it stands in a placeholder")
    rule = _rule(Source(at.value, Filler(), at.path, at.mistakes), name)
    why = no_value(rule.placeholders) if rule else None
    return rule if rule is None or why is None else rule.unbound(why)


def _texts(value: Plain | list[Plain]) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each not in (None, "")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What is kept of an answer: ``{token: {jsonpath: $.token, secret: true}}``. Equal to another if written so."""

    written: str = field(default="", repr=False)
    rules: tuple[_Rule, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The rules of a mapping of names. Raises :class:`SettingErrors` with all mistakes."""
        source = Source(raw, Filler())
        found = [_named(source, name) for name in source.mapping("a mapping of names to queries")]
        source.raise_mistakes()
        return cls(written=json.dumps(raw, default=str), rules=tuple(rule for rule in found if rule is not None))

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """The JSON Schema of what :meth:`from_setting` takes."""
        return extract_schema()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that get a value."""
        return tuple(rule.name for rule in self.rules)

    def asks(self, query: str) -> bool:
        """Whether any value is found by this query."""
        return any(rule.check.query.name == query for rule in self.rules)

    def values(self, subject: Subject, *, redact: Redact | None = None) -> Extracted | Missing:
        """All values, or the names that have none. Never raises."""
        values: dict[str, Plain | list[Plain]] = {}
        missing: dict[str, str] = {}
        for rule in self.rules:
            try:
                values[rule.name] = rule.find(subject)
            except Unevaluable as error:
                missing[rule.name] = brief(f"{rule.check.label()}: {error.reason}", redact)
        if missing:
            return Missing(seen=missing)
        secrets = [text for rule in self.rules if rule.secret for text in _texts(values[rule.name])]
        return Extracted(values=values, secrets=tuple(secrets))

    def variables(self) -> frozenset[str]:
        """The names of the placeholders that are not filled yet."""
        return frozenset().union(*(rule.placeholders for rule in self.rules))

    def bind(self, variables: Callable[[str], str]) -> Extract:
        """The same with its placeholders filled by ``variables(name)``; after a LookupError nothing is found."""
        if not self.variables():
            return self
        return replace(self, rules=tuple(rule.bound(variables) for rule in self.rules))
