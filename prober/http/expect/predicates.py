"""What can be demanded of the values of a query.

With several values ``contains`` and ``matches`` hold if they hold for any, ``not_contains`` and ``not_matches`` if they
hold for none. ``equals`` with a list compares all of them. Every other predicate wants one value: several are a miss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING

from prober.http.expect.display import described, shown
from prober.http.expect.source import Filled
from prober.http.expect.values import Unevaluable, Value, Values, number_of, text_form

if TYPE_CHECKING:
    from prober.http.expect.pattern import Pattern

__all__ = [
    "COMPARISONS",
    "Predicate",
    "Test",
    "compares",
    "contains",
    "equals",
    "exists",
    "matches",
    "negated",
    "one_of",
]

Test = Callable[[Values], bool]


COMPARISONS: dict[str, Callable[[int | float, int | float], bool]] = {"lt": lt, "lte": le, "gt": gt, "gte": ge}
"""The predicates that compare numbers."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One demand: how it is written in a message, and whether values meet it. Of no values it is not asked."""

    name: str
    label: str
    holds: Test


def _lone(values: Values) -> Value:
    """The only value. Of several, the first few are seen: a filter must say which one is meant."""
    if len(values.items) != 1:
        raise Unevaluable(f"{described(values)} (one is expected: filter by first, or count)")
    return values.items[0]


def _same(value: Value, expected: Value) -> bool:
    """Equal as JSON: 1 is 1.0, and neither true nor "1"."""
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(_same, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(_same(value[key], expected[key]) for key in expected)
    return value == expected


def _equal(value: Value, expected: Value) -> bool:
    """As :func:`_same`, but a text equals a number that it spells: headers and HTML have no numbers.

    The other way round only what came out of a placeholder equals a number or a bool: it was one before it was a text.
    """
    if isinstance(expected, Filled) and isinstance(value, int | float):
        return text_form(value) == expected or (not isinstance(value, bool) and value == number_of(expected))
    if isinstance(value, str) and isinstance(expected, int | float) and not isinstance(expected, bool):
        return number_of(value) == expected
    return _same(value, expected)


def equals(expected: Value) -> Test:
    """The value is this one; or, of several, their list is."""

    def test(values: Values) -> bool:
        if values.many and isinstance(expected, list) and _same(list(values.items), expected):
            return True
        if len(values.items) > 1 and isinstance(expected, list):
            return False
        return _equal(_lone(values), expected)

    return test


def one_of(expected: list[Value]) -> Test:
    """The value is one of these."""

    def test(values: Values) -> bool:
        value = _lone(values)
        return any(_equal(value, each) for each in expected)

    return test


def _any(holds: Callable[[Value], bool]) -> Test:
    """Whether it holds for any value. One that cannot be asked is passed over only where another one says yes."""

    def test(values: Values) -> bool:
        reason: Unevaluable | None = None
        for value in values.items:
            try:
                if holds(value):
                    return True
            except Unevaluable as error:
                reason = error
        if reason is not None:
            raise reason
        return False

    return test


def negated(test: Test) -> Test:
    """The opposite. A question that has no answer has no opposite one either."""
    return lambda values: not test(values)


def contains(expected: Value) -> Test:
    """A text holds the text, a list a value equal to it, a number is equal to it."""
    needle = text_form(expected)

    def holds(value: Value) -> bool:
        match value:
            case str():
                return needle in value
            case list():
                return any(_equal(member, expected) for member in value)
            case bool() | int() | float():
                return _equal(value, expected)
            case _:
                return needle in text_form(value)  # which says that it has none

    return _any(holds)


def matches(pattern: Pattern) -> Test:
    """The pattern is found in the text, or in any member of the list."""

    def holds(value: Value) -> bool:
        members = value if isinstance(value, list) else [value]
        return _any(lambda member: pattern.found(text_form(member).encode("utf-8", "replace")))(Values(members))

    return _any(holds)


def compares(name: str, bound: float) -> Test:
    """The value is a number, or spells one, on this side of the bound."""
    compare = COMPARISONS[name]

    def test(values: Values) -> bool:
        value = _lone(values)
        number = number_of(value)
        if number is None:
            raise Unevaluable(f"{shown(value)}, which is no number")
        return compare(number, bound)

    return test


def exists(*, wanted: bool, solid: bool = False) -> Test:
    """There is a value, or there is none. Asked as ``solid``, a lone empty text or false is none."""

    def test(values: Values) -> bool:
        found = bool(values.items)
        if found and solid and not values.many:
            found = values.items[0] not in ("", False)
        return found is wanted

    return test
