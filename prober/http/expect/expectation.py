"""What an answer must be: the value of ``expect``, ``when`` and ``reasons``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from prober.http.expect.binding import no_value, read_again
from prober.http.expect.check import Check, Miss, Redact, read_check
from prober.http.expect.language import checks_schema
from prober.http.expect.queries import QUERIES
from prober.http.expect.shorthand import SHORTHANDS, read_error_class, read_shorthands
from prober.http.expect.source import Filler, Source, kind_of
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prober.http.expect.subject import Subject

__all__ = ["Checks", "Expect"]

_AMBIGUOUS = frozenset(SHORTHANDS) & frozenset(QUERIES)
"""Both a query, ``status: true``, and a shorthand, ``status: 200``."""


def _queries(item: dict[object, object]) -> list[str]:
    """The queries that a mapping asks; none makes it a mapping of shorthands."""
    asked = [key for key in QUERIES if key in item]
    plain = [key for key in asked if key not in _AMBIGUOUS or item[key] is True]
    return asked if plain else []


def _checks(source: Source) -> Iterator[Check]:
    """The checks of one mapping."""
    if not isinstance(source.value, dict):
        source.wrong(f"expected a check, which is a mapping, got {kind_of(source.value)}")
    elif queries := _queries(source.value):
        if (check := read_check(source, queries)) is not None:
            yield check
    else:
        yield from read_shorthands(source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One mapping of the list with its checks. ``names`` are its placeholders."""

    raw: object
    names: frozenset[str]
    checks: tuple[Check, ...]

    def bound(self, lookup: Callable[[str], str]) -> _Item:
        """The same with its placeholders filled. If that cannot be, its checks are always missed."""
        if not self.names:
            return self
        checks = read_again(self.raw, lambda source: tuple(_checks(source)), lookup)
        if isinstance(checks, str):
            return self.unbound(checks)
        return _Item(raw=self.raw, names=frozenset(), checks=checks)

    def unbound(self, why: str) -> _Item:
        """The same, always missed, and why."""
        return replace(self, checks=tuple(replace(check, broken=why) for check in self.checks))


def _item(source: Source) -> _Item:
    mine = Source(source.value, Filler(), source.path, source.mistakes)
    checks = tuple(_checks(mine))
    item = _Item(raw=source.value, names=frozenset(mine.fill.names), checks=checks)
    why = no_value(item.names)
    return item if why is None else item.unbound(why)


def _items(source: Source) -> tuple[_Item, ...]:
    if not isinstance(source.value, dict | list):
        source.wrong(f"expected a list of checks, or a mapping such as `status: 200`, got {kind_of(source.value)}")
        return ()
    return tuple(_item(each) for each in source.items())


def _written(raw: object) -> str:
    """What makes two settings equal: how they are written."""
    return json.dumps(raw, default=str, skipkeys=True)


def _listed(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [raw]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What an answer must be. Without checks it demands nothing.

    ``names_status`` says that the expectation decides about the status, so that the default (2xx) does not;
    ``error_class`` is the class of failure that is expected instead of an answer. Two are equal if they are written so.
    """

    written: str = field(default="", repr=False)  # it may hold secrets
    error_class: ErrorClass | None = None
    names_status: bool = False
    items: tuple[_Item, ...] = field(default=(), compare=False, repr=False)
    checks: tuple[Check, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The expectation of a list of checks, or of a mapping. Raises :class:`SettingErrors` with all mistakes."""
        source = Source(raw, Filler())
        items = _items(source)
        error_class = _error_class(source)
        source.raise_mistakes()
        return cls(
            written=_written(raw),
            error_class=error_class,
            names_status=any(check.about_status and not check.slow for item in items for check in item.checks),
            items=items,
            checks=tuple(check for item in items for check in item.checks),
        )

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """The JSON Schema of what :meth:`from_setting` takes."""
        return checks_schema("expect")

    def misses(self, subject: Subject, *, redact: Redact | None = None) -> tuple[Miss, ...]:
        """The checks that the subject does not meet. Never raises.

        With ``redact`` the secrets are taken out of the texts before these are cut: of half a secret nobody can tell
        any more that it was one.
        """
        if not self.checks:
            return ()
        return tuple([miss for check in self.checks if (miss := check.miss(subject, redact)) is not None])

    def asks(self, query: str) -> bool:
        """Whether any check asks this query."""
        return any(check.query.name == query for check in self.checks)

    def variables(self) -> frozenset[str]:
        """The names of the placeholders that are not filled yet."""
        return frozenset().union(*(item.names for item in self.items))

    def bind(self, variables: Callable[[str], str]) -> Expect:
        """The same with its placeholders filled by ``variables(name)``; a LookupError makes the check a miss."""
        if not self.variables():
            return self
        items = tuple(item.bound(variables) for item in self.items)
        checks = tuple(check for item in items for check in item.checks)
        return replace(self, items=items, checks=checks)


def _error_class(source: Source) -> ErrorClass | None:
    """The error class that one of the mappings names; two that differ are a mistake."""
    found: list[ErrorClass] = []
    for item in source.items():
        if isinstance(item.value, dict) and "error_class" in item.value and not _queries(item.value):
            named = read_error_class(item.at("error_class"))
            if named is not None and found and named is not found[0]:
                item.at("error_class").wrong(f"{found[0]} is expected already, and a failure has one class")
            found.extend([named] if named else [])
    return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """A condition: all its checks hold, or it does not. The value of ``when`` and of the rules in ``reasons``."""

    written: str = field(repr=False)
    items: tuple[_Item, ...] = field(compare=False, repr=False)

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The condition of a list of checks, or of a mapping. Raises :class:`SettingErrors` with all mistakes."""
        source = Source(raw, Filler())
        items = _items(source)
        if raw in ({}, []):
            source.wrong("expected at least one check")
        for item in source.items() if isinstance(raw, dict | list) else ():
            given = item.value if isinstance(item.value, dict) else {}
            for key in ("severity", "error_class"):
                if key in given:
                    item.at(key).wrong(f"{key} belongs to expect: a condition only holds or does not")
        source.raise_mistakes()
        return cls(written=_written(raw), items=items)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """The JSON Schema of what :meth:`from_setting` takes."""
        return checks_schema("condition")

    def and_also(self, other: Checks) -> Checks:
        """The condition that both are."""
        both = [*_listed(json.loads(self.written)), *_listed(json.loads(other.written))]
        return replace(self, written=_written(both), items=self.items + other.items)

    def hold(self, subject: Subject) -> bool:
        """Whether every check holds. One that cannot be evaluated does not. Never raises."""
        return all(check.holds(subject) for item in self.items for check in item.checks)

    def variables(self) -> frozenset[str]:
        """The names of the placeholders that are not filled yet."""
        return frozenset().union(*(item.names for item in self.items))

    def bind(self, variables: Callable[[str], str]) -> Checks:
        """The same with its placeholders filled by ``variables(name)``; after a LookupError it does not hold."""
        if not self.variables():
            return self
        return replace(self, items=tuple(item.bound(variables) for item in self.items))
