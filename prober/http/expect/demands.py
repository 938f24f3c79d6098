"""The predicates of a check, read from its mapping."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prober.http.expect import predicates
from prober.http.expect.display import shown
from prober.http.expect.pattern import read_pattern
from prober.http.expect.predicates import COMPARISONS, Predicate
from prober.http.expect.quantity import quantity
from prober.http.expect.source import Source, kind_of
from prober.model.template import variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.http.expect.predicates import Test
    from prober.http.expect.queries import Query
    from prober.http.expect.values import Value

__all__ = ["PREDICATES", "TEXT_PREDICATES", "read_predicates", "read_texts"]

TEXT_PREDICATES = ("contains", "not_contains", "matches", "not_matches")
"""The predicates that look into texts; each takes one or a list."""

PREDICATES = ("equals", "not_equals", *TEXT_PREDICATES, "in", *COMPARISONS, "exists")
"""The names of all predicates."""

_DEEPEST = 50  # levels of an expected value


def _quantity(source: Source, query: Query) -> int | float | None:
    value = source.value
    if isinstance(value, str) and variables(value):
        value = source.fill(value)
        if source.fill.tries:
            return 0
    try:
        return quantity(value, query.unit or "number")
    except ValueError as error:
        source.wrong(f"expected {error}, got {shown(source.value)}")
        return None


def _plain(source: Source, depth: int = 0) -> Value:
    """A plain value with the placeholders of all its texts filled."""
    value = source.value
    if depth > _DEEPEST:
        source.wrong("nested too deeply")
        return None
    if isinstance(value, str):
        return source.fill(value)
    if isinstance(value, float) and not math.isfinite(value):
        source.wrong("no value of JSON equals this")
    if isinstance(value, list):
        return [_plain(source.at(index), depth + 1) for index in range(len(value))]
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            source.wrong("the names in JSON are texts: put them in quotes")
        return {key: _plain(source.of(each, str(key)), depth + 1) for key, each in value.items()}
    return value


def _expected(source: Source, query: Query) -> Value:
    return _plain(source) if query.unit is None else _quantity(source, query)


def _read_contains(source: Source) -> Test | None:
    """The test for a text, or for a number in a list."""
    value = source.value
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        source.wrong(f"expected a text, got {'an empty text' if value == '' else kind_of(value)}")
        return None
    return predicates.contains(source.fill(value) if isinstance(value, str) else value)


def _read_matches(source: Source) -> Test | None:
    """The test for a regular expression."""
    pattern = read_pattern(source)
    return None if pattern is None else predicates.matches(pattern)


def _read_equals(source: Source, query: Query) -> Test | None:
    return predicates.equals(_expected(source, query))


def _read_in(source: Source, query: Query) -> Test | None:
    if not isinstance(source.value, list) or not source.value:
        source.wrong(
            f"expected a list of values, got {kind_of(source.value) if source.value != [] else 'an empty one'}"
        )
        return None
    return predicates.one_of([_expected(item, query) for item in source.items()])


def _read_exists(source: Source, query: Query) -> Test | None:
    if not isinstance(source.value, bool):
        source.wrong(f"expected true or false, got {kind_of(source.value)}")
        return None
    return predicates.exists(wanted=source.value, solid=query.solid)


def _read_comparison(source: Source, query: Query, name: str) -> Test | None:
    bound = _quantity(source, query)
    return None if bound is None else predicates.compares(name, bound)


def _read_one(source: Source, query: Query, name: str) -> Test | None:
    match name:
        case "equals" | "not_equals":
            return _read_equals(source, query)
        case "in":
            return _read_in(source, query)
        case "exists":
            return _read_exists(source, query)
        case _:
            return _read_comparison(source, query, name)


def _predicate(source: Source, name: str, test: Test, *, quoted: bool = True) -> Predicate:
    value = source.fill.shown(source.value) if isinstance(source.value, str) else source.value
    return Predicate(
        name,
        f"{name} {shown(value) if quoted else value}",
        predicates.negated(test) if name.startswith("not_") else test,
    )


def read_texts(source: Source, name: str) -> Iterator[Predicate]:
    """The predicates of ``contains``, ``matches`` and their opposites: one for each text of a list."""
    if source.value == []:
        source.wrong("expected a text or a list of texts, got an empty list")
    for item in source.items():
        test = _read_contains(item) if name.endswith("contains") else _read_matches(item)
        if test is not None:
            yield _predicate(item, name, test)


def _read(source: Source, query: Query, name: str) -> Iterator[Predicate]:
    if name not in TEXT_PREDICATES:
        test = _read_one(source, query, name)
        if test is not None:
            yield _predicate(source, name, test, quoted=query.unit is None)
    elif query.unit in {"time", "size"}:
        source.wrong(f"{query.name} is a number: compare it by lt, lte, gt or gte")
    else:
        yield from read_texts(source, name)


def read_predicates(source: Source, query: Query) -> tuple[Predicate, ...]:
    """The predicates of a check on this query; that it exists, where the check names none."""
    given = source.value if isinstance(source.value, dict) else {}
    names = [name for name in PREDICATES if name in given]
    if not names:
        if query.name == "schema":
            return (Predicate("exists", "", predicates.exists(wanted=True)),)
        return (Predicate("exists", "exists", predicates.exists(wanted=True, solid=query.solid)),)
    if query.name == "schema":
        source.at(names[0]).wrong("a schema says all by itself: it takes no predicate")
        return ()
    if given.get("exists") is False and len(names) > 1:
        source.at("exists").wrong("what does not exist meets no other predicate: leave one of them out")
    return tuple(each for name in names for each in _read(source.at(name), query, name))
