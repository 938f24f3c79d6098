"""A question that has no answer is a failed check: never an exception, never a pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.http.expect import Checks, Expect, Extract, Missing, Subject
from tests.http.expect.answers import JSON, PAGE, answer, holds, seen

DEEP_JSON = b"[" * 100_000 + b"]" * 100_000
DEEP_LIST = b"[" * 700 + b"]" * 700

GARBAGE: dict[str, tuple[bytes, str | None]] = {
    "empty": (b"", "text/html"),
    "blank": (b" \r\n\t", None),
    "html as json": (PAGE, "application/json"),
    "json as html": (JSON, "text/html"),
    "truncated json": (JSON[:100], "application/json"),
    "nan": (b'{"a": NaN}', "application/json"),
    "infinity": (b"[-Infinity]", "application/json"),
    "endless number": (b"[" + b"9" * 5000 + b"]", "application/json"),
    "two documents": (b"{}{}", "application/json"),
    "deep json": (DEEP_JSON, "application/json"),
    "deep list": (DEEP_LIST, "application/json"),
    "half a surrogate": (rb'{"a": "\ud800", "\udfff": 1}', "application/json"),
    "twice a key": (b'{"a": 1, "a": 2}', "application/json"),
    "only a number": (b"7", "application/json"),
    "only a word": (b"ok", "text/plain"),
    "deep html": (b"<div>" * 100_000 + b"x", "text/html"),
    "open comment": (b"<!-- <p>x", "text/html"),
    "open tag": (b"<a href='", "text/html"),
    "doctype alone": (b"<!DOCTYPE html>", "text/html"),
    "xml declaration": ('<?xml version="1.0" encoding="utf-16"?><html><p>ü'.encode(), "application/xhtml+xml"),
    "wrong charset": ("<p>ü".encode("latin-1"), "text/html; charset=utf-16"),
    "zeros": (b"\x00" * 500, "text/html"),
    "zeros in html": (b"<p>a\x00b</p>\x00<p>", "text/html"),
    "all bytes": (b"<p>" + bytes(range(256)) * 4, "text/html"),
    "image": (b"\x89PNG\r\n\x1a\n<b>", "image/png"),
    "frames": (b"<frameset><frame src=x></frameset>", "text/html"),
    "character references": (b"<p>&#0;&#xD800;&#x110000;&#" + b"9" * 5000 + b";", "text/html"),
    "billion laughs": (b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><p>&b;</p>', "text/html"),
}

QUERIES: list[dict[str, Any]] = [
    {"status": True},
    {"header": "content-type"},
    {"cookie": "session"},
    {"url": True},
    {"url_param": "x"},
    {"body": True},
    {"raw": True},
    {"jsonpath": "$"},
    {"jsonpath": "$.a"},
    {"jsonpath": "$..*"},
    {"jsonpath": "$[?@ == @]"},
    {"css": "*"},
    {"css": "p", "attr": "class"},
    {"xpath": "//*"},
    {"xpath": "//*/@*"},
    {"xpath": "count(//*)"},
    {"xpath": "string(.)"},
    {"xpath": "number(//p)"},
    {"regex": "(?s)a.*"},
    {"duration": True},
    {"bytes": True},
    {"redirects": True},
    {"certificate_days": True},
    {"http_version": True},
    {"content_type": True},
    {"model": True},
]

FILTERS: list[Any] = [
    None,
    "first",
    "count",
    {"nth": 3},
    {"regex": "."},
    {"jsonpath": "$.a"},
    "trim",
    "html_decode",
    "url_decode",
    "base64_decode",
    {"split": "a"},
    "to_int",
]

PREDICATES: list[dict[str, Any]] = [
    {},
    {"exists": True},
    {"exists": False},
    {"equals": 1},
    {"not_equals": "zzz"},
    {"equals": None},
    {"contains": "zzz"},
    {"not_contains": "zzz"},
    {"matches": "zzz"},
    {"not_matches": "zzz"},
    {"in": [1, "a", None]},
    {"lt": 1},
    {"gte": 0},
]

TEXTLESS = {"duration"}
UNFILTERED = {*TEXTLESS, "bytes", "redirects", "certificate_days"}
MEASURED = {*UNFILTERED, "status"}


def checks() -> list[dict[str, Any]]:
    """Every query with every filter and predicate that it takes."""
    found: list[dict[str, Any]] = [{"schema": {"type": "object"}}, {"not_contains": "zzz"}, {"matches": "zzz"}]
    for query in QUERIES:
        (name, *_) = query
        for filters in FILTERS if name not in UNFILTERED else [None]:
            for predicate in PREDICATES:
                if name in MEASURED and filters is None and predicate.keys() - {"lt", "gte", "exists"}:
                    continue
                if name in TEXTLESS and predicate.keys() & {"lt", "gte"}:
                    continue
                if filters == "count" and predicate in ({}, {"exists": True}):
                    continue
                found.append(query | ({} if filters is None else {"filters": filters}) | predicate)
    return found


EVERY = Expect.from_setting(checks())
EVERY_ALONE = [Checks.from_setting(check) for check in checks()]
VALUES = [Extract.from_setting({"x": query}) for query in QUERIES]


def test_there_are_enough_checks_here() -> None:
    """The product of queries, filters and predicates."""
    assert len(EVERY.checks) > 2500


def ask_everything(subject: Subject) -> None:
    """No check raises, whatever is asked of whatever came; and all can be told."""
    for miss in EVERY.misses(subject):
        assert len(miss.check) <= 80
        assert len(miss.seen) <= 80
        assert str(miss).isprintable()
        str(miss).encode()
    for condition in EVERY_ALONE:
        condition.hold(subject)
    for extract in VALUES:
        found = extract.values(subject)
        if isinstance(found, Missing):
            assert found.names == ("x",)
        else:
            json.dumps(found.values).encode()


@pytest.mark.parametrize("kind", GARBAGE)
def test_no_body_makes_a_check_raise(kind: str) -> None:
    """Every kind of garbage is a miss or a pass."""
    ask_everything(answer(*GARBAGE[kind]))


BODIES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=40).map(str.encode),
    st.lists(st.sampled_from(["<p>", "</p>", "<!--", "&#", "<a href=", '"', "{", "}", "[", "1", "\x00", "\ud800"]))
    .map("".join)
    .map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5).map(
        lambda value: json.dumps(value).encode()
    ),
)
TYPES = st.sampled_from([None, "text/html", "application/json", "text/plain; charset=utf-16"])


@settings(max_examples=25)
@given(BODIES, TYPES)
def test_no_bytes_make_a_check_raise(body: bytes, content_type: str | None) -> None:
    """Nor do those that a machine comes up with."""
    ask_everything(answer(body, content_type))


@settings(max_examples=25)
@given(st.text(max_size=30), st.sampled_from(["text/html", "application/json"]))
def test_no_text_makes_a_check_raise(text: str, content_type: str) -> None:
    """A rendered page or a chat's answer comes as text, half surrogate pairs included."""
    ask_everything(answer(b"", content_type, text=text + "\ud800<p>\udfff"))


NOT_HTML = ["empty", "blank", "truncated json", "only a word", "doctype alone", "zeros", "image", "deep html"]
NOT_JSON = [*NOT_HTML, "html as json", "nan", "infinity", "endless number", "two documents", "deep json"]
CASES = [
    *((kind, {"css": "p"}) for kind in NOT_HTML),
    *((kind, {"css": "p", "attr": "class"}) for kind in NOT_HTML),
    *((kind, {"xpath": "//p"}) for kind in NOT_HTML),
    *((kind, {"xpath": "count(//p)"}) for kind in NOT_HTML),
    *((kind, {"jsonpath": "$.a"}) for kind in NOT_JSON if kind != "only a number"),
    *((kind, {"jsonpath": "$..a"}) for kind in [*NOT_JSON, "deep list"]),
    *((kind, {"body": True, "filters": {"jsonpath": "$.a"}}) for kind in NOT_JSON),
]


@pytest.mark.parametrize(("kind", "query"), CASES, ids=[f"{kind}: {query}" for kind, query in CASES])
def test_an_unevaluable_query_passes_no_predicate(kind: str, query: Any) -> None:
    """Neither a positive one nor a negative one nor ``exists: false``, in ``expect`` as in ``when``."""
    subject = answer(*GARBAGE[kind])
    for predicate in PREDICATES:
        assert not holds(query | predicate, subject), predicate
    assert isinstance(Extract.from_setting({"x": query}).values(subject), Missing)


def test_a_schema_on_what_is_no_json_fails() -> None:
    """Even the one that everything fits."""
    assert not holds({"schema": {}}, answer(*GARBAGE["nan"]))
    assert not holds({"schema": {}}, answer(b""))
    assert not holds({"schema": {"items": {"$ref": "#"}}}, answer(DEEP_LIST))
    assert not holds({"schema": {"additionalProperties": {"maxLength": 9}}}, answer(*GARBAGE["half a surrogate"]))
    assert holds({"schema": {}}, answer(*GARBAGE["twice a key"]))


def test_an_xpath_that_fails_on_this_page_passes_nothing() -> None:
    """The mistake is inside a condition that is not reached before there is a list item."""
    for predicate in PREDICATES:
        assert holds({"xpath": "//li[nope()]", "exists": False}, answer(b"<p>x", "text/html"))
        assert not holds({"xpath": "//li[nope()]"} | predicate, answer(b"<li>x", "text/html"))


def test_what_is_nested_beyond_the_stack_is_told_and_kept_by_no_one() -> None:
    """Python 3.12 reads deeper JSON than it writes."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    subject = answer(b"[]")
    subject.memo.json = (deep,)
    assert seen({"jsonpath": "$", "equals": 1}, subject) == "expected jsonpath $ equals 1, saw a list"
    assert not holds({"jsonpath": "$..*", "exists": False}, subject)
    assert not holds({"schema": {}}, subject)
    assert isinstance(Extract.from_setting({"x": {"jsonpath": "$"}}).values(subject), Missing)


REASONS = [
    ({"jsonpath": "$.a"}, "html as json", f"not JSON: application/json, {len(PAGE)} bytes"),
    ({"jsonpath": "$.a"}, "empty", "not JSON: an empty body"),
    ({"css": "p"}, "empty", "an empty body"),
    ({"css": "p"}, "only a word", "not HTML: text/plain, 2 bytes"),
    ({"css": "p"}, "deep html", "HTML nested too deeply: text/html, 500001 bytes"),
    ({"jsonpath": "$..a"}, "deep list", "JSON nested too deeply for this path"),
]


@pytest.mark.parametrize(("query", "kind", "reason"), REASONS, ids=[reason for _, _, reason in REASONS])
def test_the_miss_says_why(query: Any, kind: str, reason: str) -> None:
    """What came, in the words of somebody who has to find out why."""
    assert seen(query, answer(*GARBAGE[kind])).partition(", saw ")[2] == reason


def test_a_page_that_names_another_encoding_is_read_by_its_text() -> None:
    """The text is decoded already; what an XML declaration or a tag says about it is past."""
    assert holds({"css": "p", "equals": "ü"}, answer(*GARBAGE["xml declaration"]))
    assert holds(
        {"css": "p", "equals": "ü"}, answer('<meta charset="latin1"><p>ü'.encode(), "text/html; charset=utf-8")
    )


def test_the_last_of_two_keys_counts() -> None:
    """As it does in a browser."""
    assert holds({"jsonpath": "$.a", "equals": 2}, answer(*GARBAGE["twice a key"]))


def test_too_many_values_are_no_answer() -> None:
    """A path that multiplies does not eat the memory of the other probes."""
    subject = answer(json.dumps([[1] * 500] * 500).encode())
    for predicate in ({"exists": True}, {"exists": False}, {"not_contains": 2}):
        assert not holds({"jsonpath": "$[*][*]", **predicate}, subject)


def test_the_text_of_too_many_nodes_is_no_answer() -> None:
    """A page of nested elements has a text in each of them, and all of them together have no end."""
    subject = answer(b"<div>" * 1_500 + b"<p>x</p>" * 2_000, "text/html")
    assert not holds({"css": "div", "contains": "zzz"}, subject)
    assert not holds({"css": "div", "not_contains": "zzz"}, subject)
    assert isinstance(Extract.from_setting({"x": {"css": "div"}}).values(subject), Missing)
