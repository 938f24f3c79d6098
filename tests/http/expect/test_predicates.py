"""Which values meet which predicates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.expect.answers import answer, holds, page, seen

ONE_VALUE = [
    # value, predicate, expected, met
    ("ok", "equals", "ok", True),
    ("ok", "equals", "OK", False),
    ("", "equals", "", True),
    (200, "equals", 200, True),
    (200, "equals", 200.0, True),
    (200, "equals", "200", False),
    ("200", "equals", 200, True),
    ("200.0", "equals", 200, True),
    ("2e2", "equals", 200, True),
    ("two", "equals", 200, False),
    (True, "equals", True, True),
    (True, "equals", 1, False),
    (1, "equals", True, False),
    ("true", "equals", True, False),
    (None, "equals", None, True),
    (None, "equals", "null", False),
    (None, "equals", False, False),
    (0, "equals", False, False),
    (["a", 1], "equals", ["a", 1], True),
    (["a", 1], "equals", ["a", 1.0], True),
    (["a", 1], "equals", ["a", True], False),
    (["a", "1"], "equals", ["a", 1], False),
    ([], "equals", [], True),
    (["a"], "equals", "a", False),
    ({"a": [1]}, "equals", {"a": [1]}, True),
    ({"a": 1}, "equals", {"a": 1, "b": 2}, False),
    ("ok", "not_equals", "down", True),
    ("ok", "not_equals", "ok", False),
    (None, "not_equals", "x", True),
    ("200", "not_equals", 200, False),
    ("ok", "in", ["ok", "degraded"], True),
    ("down", "in", ["ok", "degraded"], False),
    ("1", "in", [1, 2], True),
    (None, "in", [None], True),
    ("hello world", "contains", "o w", True),
    ("hello", "contains", "H", False),
    ("hello", "contains", ["he", "lo"], True),
    ("hello", "contains", ["he", "x"], False),
    ("code 200", "contains", 200, True),
    (["a", "b"], "contains", "a", True),
    (["ab"], "contains", "a", False),
    ([1, 2], "contains", 2, True),
    ([12], "contains", 2, False),
    (12, "contains", 2, False),
    (12, "contains", 12, True),
    ([], "contains", "a", False),
    ("hello", "not_contains", "x", True),
    ("hello", "not_contains", "h", False),
    ("hello", "not_contains", ["x", "h"], False),
    (["a"], "not_contains", "b", True),
    (["a"], "not_contains", "a", False),
    ([], "not_contains", "a", True),
    ("abc", "matches", "^a.c$", True),
    ("abc", "matches", "B", False),
    ("abc", "matches", "(?i)B", True),
    ("abc", "matches", ["a", "c"], True),
    (404, "matches", "^4", True),
    (True, "matches", "^true$", True),
    (["x", "abc"], "matches", "^a", True),
    ([], "matches", ".", False),
    ("abc", "not_matches", "x", True),
    ("abc", "not_matches", "b", False),
    (["x", "abc"], "not_matches", "^a", False),
    (["x"], "not_matches", "^a", True),
    (5, "lt", 6, True),
    (5, "lt", 5, False),
    (5, "lte", 5, True),
    (5, "gt", 4.5, True),
    (5, "gte", 5.1, False),
    ("5", "lt", 6, True),
    (" 5 ", "gte", 5, True),
    (1e400, "gt", 5, True),
    (5, "lt", "6", True),
    (False, "exists", True, True),
    (None, "exists", True, True),
    ("", "exists", True, True),
    (None, "exists", False, False),
]


@pytest.mark.parametrize(("value", "predicate", "expected", "met"), ONE_VALUE)
def test_a_value_meets_a_predicate_or_not(value: Any, predicate: str, expected: Any, met: bool) -> None:
    """Equality is that of JSON; texts spell numbers; a list contains what is equal, a text what is inside."""
    subject = answer(json.dumps({"v": value}).encode().replace(b"Infinity", b"1e400"))
    assert holds({"jsonpath": "$.v", predicate: expected}, subject) is met


MEANINGLESS = [
    ("word", "lt", 5),
    ("", "gte", 0),
    (True, "gte", 0),
    (None, "lt", 5),
    ([1], "lt", 5),
    ({"a": 1}, "gt", 0),
    (None, "contains", "n"),
    (None, "not_contains", "x"),
    ({"a": 1}, "contains", "a"),
    ({"a": 1}, "not_contains", "x"),
    (None, "matches", "."),
    (None, "not_matches", "x"),
    ({"a": 1}, "not_matches", "x"),
    ([{}], "not_matches", "x"),
    ([[1]], "not_matches", "x"),
]


@pytest.mark.parametrize(("value", "predicate", "expected"), MEANINGLESS)
def test_a_question_without_an_answer_is_missed(value: Any, predicate: str, expected: Any) -> None:
    """Nothing is less than a word, and null contains no text and lacks none."""
    assert not holds({"jsonpath": "$.v", predicate: expected}, answer(json.dumps({"v": value}).encode()))


SEVERAL = [
    ({"contains": "two"}, True),
    ({"contains": "w"}, True),
    ({"contains": ["one", "two"]}, True),
    ({"contains": "four"}, False),
    ({"not_contains": "four"}, True),
    ({"not_contains": "two"}, False),
    ({"matches": "^t"}, True),
    ({"matches": "^x"}, False),
    ({"not_matches": "^x"}, True),
    ({"not_matches": "^t"}, False),
    ({"equals": ["one", "two", "three"]}, True),
    ({"equals": ["one", "two"]}, False),
    ({"not_equals": ["one", "two"]}, True),
    ({"not_equals": ["one", "two", "three"]}, False),
    ({"exists": True}, True),
    ({"exists": False}, False),
    ({"equals": "one"}, False),
    ({"not_equals": "one"}, False),
    ({"not_equals": "x"}, False),
    ({"in": ["one", "two", "three"]}, False),
    ({"gt": 0}, False),
    ({"lt": 0}, False),
]


@pytest.mark.parametrize(("predicate", "met"), SEVERAL, ids=[str(predicate) for predicate, _ in SEVERAL])
def test_several_values_meet_a_predicate_or_not(predicate: Any, met: bool) -> None:
    """``contains`` and ``matches`` ask for any, their opposites for none, and the rest wants one value."""
    assert holds({"css": "li", **predicate}, page()) is met


@pytest.mark.parametrize("expected", ["v", ["v"]], ids=str)
def test_a_query_for_several_that_found_one_equals_it_and_its_list(expected: Any) -> None:
    """Whether a page has one heading or a list of one."""
    assert holds({"css": "h1", "equals": expected}, page(b"<h1>v</h1>"))


def test_several_values_are_counted_in_the_miss() -> None:
    """The message says why one value would have to be chosen."""
    assert seen({"css": "li", "equals": "one"}, page()) == (
        'expected css li equals "one", saw 3 values: "one", "two", "three" (one is expected: filter by first, or count)'
    )


UNITS = [
    ({"duration": True, "lt": "2s"}, True),
    ({"duration": True, "lt": "1500ms"}, False),
    ({"duration": True, "lte": "1.5 s"}, True),
    ({"duration": True, "gt": "0.02m"}, True),
    ({"duration": True, "lt": "1h"}, True),
    ({"bytes": True, "lt": 1000}, True),
    ({"bytes": True, "gte": "1kB"}, False),
    ({"bytes": True, "lt": "1 KiB"}, True),
    ({"bytes": True, "gt": "0.0001 MB"}, True),
    ({"redirects": True, "equals": 2}, True),
    ({"redirects": True, "lt": 2}, False),
    ({"certificate_days": True, "gt": 14}, True),
    ({"certificate_days": True, "gt": 30.5}, False),
    ({"status": True, "lt": 400}, True),
    ({"status": True, "in": ["200", 204]}, True),
    ({"status": True, "equals": "200"}, True),
    ({"status": True, "not_equals": 200}, False),
    ({"status": True, "matches": "^2"}, True),
    ({"http_version": True, "equals": 1.1}, True),
    ({"http_version": True, "in": ["1.1", "2"]}, True),
]


@pytest.mark.parametrize(("check", "met"), UNITS, ids=[str(check) for check, _ in UNITS])
def test_measurements_are_compared_in_their_units(check: Any, met: bool) -> None:
    """Durations and sizes as they are written everywhere else in the file."""
    assert holds(check, answer(wire_bytes=999)) is met


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(PLAIN, PLAIN)
def test_a_value_never_meets_a_predicate_and_its_opposite(value: Any, expected: Any) -> None:
    """And of ``equals`` exactly one holds, because every single value can be compared."""
    subject = answer(json.dumps({"v": value}).encode())
    equals = holds({"jsonpath": "$.v", "equals": expected}, subject)
    assert equals is not holds({"jsonpath": "$.v", "not_equals": expected}, subject)
    needle = expected if isinstance(expected, str) and expected else "x"
    both = [holds({"jsonpath": "$.v", name: needle}, subject) for name in ("contains", "not_contains")]
    assert both != [True, True]


@given(PLAIN)
def test_every_value_equals_itself(value: Any) -> None:
    """Through JSON and back."""
    assert holds({"jsonpath": "$", "equals": value}, answer(json.dumps(value).encode()))
