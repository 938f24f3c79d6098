"""What filters make of the values of a query."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from prober.http.expect import Extract, Extracted
from prober.http.expect.markup import Lazy
from tests.http.expect.answers import answer, holds, page

FILTERED = [
    ({"header": "x-many"}, "first", "a"),
    ({"header": "x-many"}, "last", "b"),
    ({"header": "x-many"}, {"nth": 1}, "b"),
    ({"header": "x-many"}, {"nth": -2}, "a"),
    ({"header": "x-many"}, {"nth": 2}, None),
    ({"header": "x-many"}, "count", 2),
    ({"header": "x-none"}, "count", 0),
    ({"header": "x-none"}, "first", None),
    ({"jsonpath": "$.tags"}, "count", 2),
    ({"jsonpath": "$.tags"}, "last", "b"),
    ({"jsonpath": "$.one"}, "count", 1),
    ({"jsonpath": "$.none"}, "count", 0),
    ({"jsonpath": "$.none"}, "first", None),
    ({"jsonpath": "$.data[*]"}, "count", 2),
    ({"jsonpath": "$.missing"}, "count", None),
    ({"jsonpath": "$.missing"}, "first", None),
    ({"jsonpath": "$.missing"}, "trim", None),
    ({"jsonpath": "$.missing"}, {"split": ","}, None),
    ({"jsonpath": "$.status"}, "first", "ok"),
    ({"jsonpath": "$.data[*].id"}, [{"regex": "^s(.*)"}], "ora"),
    ({"jsonpath": "$.data[*].id"}, [{"regex": "[a-z]+"}, "last"], "sora"),
    ({"jsonpath": "$.embedded"}, [{"jsonpath": "$.deep"}, "last"], 2),
    ({"jsonpath": "$.embedded"}, [{"jsonpath": "$.deep[*]"}, "count"], 2),
    ({"jsonpath": "$.user"}, {"jsonpath": "$.name"}, "Ann"),
    ({"jsonpath": "$.data[*]"}, [{"jsonpath": "$.n"}, "last"], 2),
    ({"jsonpath": "$.jwt"}, ["base64_decode", {"jsonpath": "$.sub"}], "ann"),
    ({"jsonpath": "$.text"}, "to_int", 200),
    ({"jsonpath": "$.n"}, "to_int", 42),
    ({"jsonpath": "$.status"}, {"split": "k"}, ["o", ""]),
    ({"jsonpath": "$.healthy"}, {"regex": "t(.)ue"}, "r"),
    ({"url_param": "code"}, [{"split": " "}, {"nth": 1}], "d"),
]


@pytest.mark.parametrize(("query", "filters", "expected"), FILTERED, ids=[f"{q} {f}" for q, f, _ in FILTERED])
def test_a_filter_makes_another_value(query: Any, filters: Any, expected: Any) -> None:
    """List filters count values or the items of one list, text filters change each value; None is nothing."""
    found = Extract.from_setting({"x": {**query, "filters": filters}}).values(answer())
    assert found.values["x"] == expected if isinstance(found, Extracted) else expected is None


TEXTS = [
    ("  a b ", "trim", "a b"),
    ("a&amp;b&#33;&nbsp;", "html_decode", "a&b!\xa0"),
    ("a%20b+c%C3%BC", "url_decode", "a b+cü"),
    ("aGk=", "base64_decode", "hi"),
    ("aGk", "base64_decode", "hi"),
    ("w7w_", "base64_decode", "ü?"),
    ("w7w/", "base64_decode", "ü?"),
    ("aG\r\nk=", "base64_decode", "hi"),
    ("", "base64_decode", ""),
    ("-17", "to_int", -17),
    (" +5 ", "to_int", 5),
    ("5.0", "to_int", 5),
    ("a,b,,c", {"split": ","}, ["a", "b", "", "c"]),
]


@pytest.mark.parametrize(("text", "name", "expected"), TEXTS)
def test_a_text_is_decoded(text: str, name: Any, expected: Any) -> None:
    """Text filters work on the body as on everything else."""
    found = Extract.from_setting({"x": {"body": True, "filters": name}}).values(answer(text=text))
    assert isinstance(found, Extracted)
    assert found.values["x"] == expected


UNDECODABLE = [
    ("a", "base64_decode"),
    ("a!b=", "base64_decode"),
    ("=aGk", "base64_decode"),
    ("/w==", "base64_decode"),
    ("twelve", "to_int"),
    ("1.5", "to_int"),
    ("9" * 5000, "to_int"),
    ("²", "to_int"),
    ("&#" + "9" * 5000 + ";", "html_decode"),
    ("<p>", {"jsonpath": "$"}),
    ("text", "count"),
]


@pytest.mark.parametrize(("text", "name"), UNDECODABLE, ids=[f"{text[:9]} {name}" for text, name in UNDECODABLE])
def test_what_cannot_be_decoded_passes_no_check(text: str, name: Any) -> None:
    """Neither a predicate nor its opposite, nor the demand that there be nothing."""
    subject = answer(text=text)
    for predicate in ({"exists": True}, {"exists": False}, {"not_equals": 0}, {"not_contains": "q"}, {"gte": 0}):
        assert not holds({"body": True, "filters": name, **predicate}, subject)


@pytest.mark.parametrize("path", ["$.nothing", "$.user", "$.tags"])
@pytest.mark.parametrize("name", ["trim", "to_int", "base64_decode", {"split": ","}, {"regex": "."}], ids=str)
def test_what_is_no_text_has_no_text_to_filter(path: str, name: Any) -> None:
    """Null, an object and a whole list are refused, not read as the words of some language."""
    assert not holds({"jsonpath": path, "filters": name, "exists": False})
    assert not holds({"jsonpath": path, "filters": name})


@pytest.mark.parametrize("path", ["$.user", "$.status", "$.n", "$.nothing"])
def test_only_lists_are_counted(path: str) -> None:
    """An error object where a list is expected does not count as one item."""
    assert not holds({"jsonpath": path, "filters": "count", "gte": 0})


@given(st.text())
def test_base64_comes_back(text: str) -> None:
    """Both alphabets, with and without padding."""
    raw = text.encode("utf-8", "replace")
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.urlsafe_b64encode(raw).rstrip(b"=")):
        subject = answer(text=encoded.decode())
        assert holds({"body": True, "filters": "base64_decode", "equals": raw.decode()}, subject)


def test_elements_are_read_when_they_are_asked_for() -> None:
    """One by one, or a part of them."""
    asked: list[str] = []

    def convert(node: Any, _spend: Any) -> str:
        asked.append(node.text)
        return str(node.text).upper()

    nodes = Lazy([etree.fromstring(f"<b>{name}</b>") for name in "abc"], convert)
    assert (len(nodes), asked) == (3, [])
    assert nodes[-1] == "C"
    assert asked == ["c"]
    assert list(nodes[1:]) == ["B", "C"]


def test_elements_are_counted_without_being_read() -> None:
    """Counting, or taking one, is cheap even where reading the text of all would be endless."""
    depth, words = 1_500, 3_000
    subject = page(b"<div>" * depth + b"<p>word</p>" * words)
    assert holds({"css": "div", "filters": "count", "equals": depth}, subject)
    assert holds({"css": "div"}, subject)
    assert holds({"css": "div", "filters": "last", "contains": "word word"}, subject)
    assert not holds({"css": "div", "not_contains": "oops"}, subject)
