"""The checks that have a short form: ``status: 2xx``, ``contains: Welcome``, ``model: gpt``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prober.http.expect.check import Check, read_severity, unknown_keys
from prober.http.expect.demands import PREDICATES, TEXT_PREDICATES, read_texts
from prober.http.expect.display import shown
from prober.http.expect.predicates import Predicate
from prober.http.expect.queries import QUERIES, Query
from prober.http.expect.source import Source, did_you_mean
from prober.http.expect.values import Values, one
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.http.expect.predicates import Test

__all__ = ["SHORTHANDS", "read_error_class", "read_shorthands"]

SHORTHANDS = ("status", *TEXT_PREDICATES, "content_type", "model", "error_class")
"""The names of all shorthands."""

_KEYS = frozenset({*SHORTHANDS, "severity"})
_NOT_ALONE = frozenset({*PREDICATES, "filters", "attr"}) - _KEYS

_CLASS = re.compile(r"([1-5])[xX]{2}")
_DATE = re.compile(r"[-@][0-9]{4}-?[0-9]{2}-?[0-9]{2}|-[0-9]{2}-[0-9]{2}|-[0-9]{2}-[0-9]{4}|-[0-9]{4}")
"""How a dated snapshot of a model ends, after the model's name."""

_BODY = Query("body", "body", lambda subject: Values((subject.text,)))
_STATUS = Query("status", "status", lambda subject: one(subject.status))
_CONTENT_TYPE = Query("content_type", "content_type", lambda subject: one(subject.media_type or None))
_MODEL = Query("model", "model", lambda subject: one(subject.model))


def _codes(source: Source) -> range | None:
    value = source.value
    if isinstance(value, str) and (family := _CLASS.fullmatch(value.strip())):
        first = 100 * int(family[1])
        return range(first, first + 100)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value.strip()):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
        return range(value, value + 1)
    source.wrong(f"expected a status such as 200, a family such as 2xx, or a list of them, got {shown(value)}")
    return None


def _status(source: Source) -> Iterator[Predicate]:
    ranges = [found for item in source.items() if (found := _codes(item)) is not None]
    if source.value == []:
        source.wrong("expected at least one status")
    codes = frozenset(code for found in ranges for code in found)
    yield Predicate("in", _listed(source), lambda values: values.items[0] in codes)


def _listed(source: Source) -> str:
    return " or ".join(str(item.value) for item in source.items())


def _any_of(source: Source, what: str, test: Callable[[str], Test]) -> Iterator[Predicate]:
    """One predicate for a text or for any of a list."""
    tests: list[Test] = []
    if source.value == []:
        source.wrong(f"expected {what}, got an empty list")
    for item in source.items():
        if (text := item.text(what)) is not None:
            tests.extend(test(variant) for variant in list(item.fill.variants(text))[:1])
    label = " or ".join(source.fill.shown(item.value) for item in source.items() if isinstance(item.value, str))
    yield Predicate("in", label, lambda values: any(test(values) for test in tests))


def _of_type(expected: str) -> Test:
    wanted = expected.partition(";")[0].strip().lower()
    return lambda values: wanted in str(values.items[0])


def _of_model(expected: str) -> Test:
    """The model of this name, or a dated snapshot of it: gpt-x is served as gpt-x-2026-02-03."""

    def test(values: Values) -> bool:
        served = str(values.items[0])
        if not served.startswith(expected):
            return False
        rest = served[len(expected) :]
        return not rest or _DATE.fullmatch(rest) is not None

    return test


def _predicates(source: Source, name: str) -> tuple[Query, Iterator[Predicate]]:
    match name:
        case "status":
            return _STATUS, _status(source)
        case "content_type":
            return _CONTENT_TYPE, _any_of(source, "a media type such as application/json, or a part of one", _of_type)
        case "model":
            return _MODEL, _any_of(source, "the name of a model", _of_model)
        case _:
            return _BODY, read_texts(source, name)


def read_error_class(source: Source) -> ErrorClass | None:
    """The member of :class:`ErrorClass` that a setting names; None, and a mistake, if there is none."""
    if isinstance(source.value, str) and source.value in set(ErrorClass):
        return ErrorClass(source.value)
    wrong = source.value if isinstance(source.value, str) else ""
    source.wrong(f"expected an error class, got {shown(source.value)}{did_you_mean(wrong, list(ErrorClass))}")
    return None


def read_shorthands(source: Source) -> list[Check]:
    """The checks of a mapping of shorthands, in the order in which they are written. ``error_class`` makes none."""
    given = source.value if isinstance(source.value, dict) else {}
    slow = read_severity(source)
    unknown = unknown_keys(source, _KEYS | _NOT_ALONE, also=QUERIES)
    if not unknown and (alone := [key for key in given if key in _NOT_ALONE]):
        source.wrong(f"{alone[0]} belongs to a query, and there is none: add one, as `status: true` or `body: true`")
    checks: list[Check] = []
    for name in given:
        if name in _KEYS - {"severity", "error_class"}:
            query, predicates = _predicates(source.at(name), name)
            checks.extend(Check(query=query, predicates=(each,), slow=slow) for each in predicates)
    return checks
