"""What the queries yield."""

from __future__ import annotations

from typing import Any

import pytest

from prober.http.expect import Extract, Extracted, Missing, Subject
from tests.http.expect.answers import PAGE, answer, holds, page, seen


def value(query: Any, subject: Subject | None = None) -> Any:
    """What a query finds, by way of ``extract``."""
    found = Extract.from_setting({"x": query}).values(subject or answer())
    return found.values["x"] if isinstance(found, Extracted) else found


ASKED = [
    ({"status": True}, 200),
    ({"header": "x-one"}, "1"),
    ({"header": "X-Many"}, ["a", "b"]),
    ({"header": "x-empty"}, ""),
    ({"cookie": "session"}, "abc"),
    ({"url": True}, "https://acme.example/cb?code=c%20d&state=7&x=1&x=2"),
    ({"url_param": "code"}, "c d"),
    ({"url_param": "x"}, ["1", "2"]),
    ({"jsonpath": "$.status"}, "ok"),
    ({"jsonpath": "$.nothing"}, None),
    ({"jsonpath": "$.healthy"}, True),
    ({"jsonpath": "$.tags"}, ["a", "b"]),
    ({"jsonpath": "$.tags[*]"}, ["a", "b"]),
    ({"jsonpath": "$.data[?@.n > 1].id"}, "sora"),
    ({"jsonpath": "$.data[?match(@.id, 'gpt-.')].n"}, 1),
    ({"jsonpath": "$.data[?search(@.id, '^s')].n"}, 2),
    ({"jsonpath": "$.user"}, '{"name": "Ann", "id": 7}'),
    ({"jsonpath": "$.data[-1].id"}, "sora"),
    ({"regex": '"n": ([0-9]+)'}, "42"),
    ({"regex": "gpt-[0-9]"}, "gpt-6"),
    ({"duration": True}, 1_500_000_000),
    ({"redirects": True}, 2),
    ({"certificate_days": True}, 30.0),
    ({"http_version": True}, "1.1"),
    ({"content_type": True}, "application/json"),
    ({"model": True}, "gpt-6-luna-2026-02-03"),
]


@pytest.mark.parametrize(("query", "expected"), ASKED, ids=[str(query) for query, _ in ASKED])
def test_a_query_finds_its_value(query: Any, expected: Any) -> None:
    """One value is itself, several are a list, an object is its JSON."""
    assert value(query) == expected


SELECTED = [
    ({"css": "h1"}, "Sign in"),
    ({"css": "li"}, ["one", "two", "three"]),
    ({"css": "ul"}, "one two three"),
    ({"css": "body > p"}, ["a", "bc"]),
    ({"css": "title"}, "Sign in | Acme"),
    ({"css": "script"}, 'var state = "x";'),
    ({"css": "pre"}, "two\nlines"),
    ({"css": "a", "attr": "href"}, "/login"),
    ({"css": "input[name=csrf]", "attr": "value"}, "t0k&n"),
    ({"css": "#empty"}, ""),
    ({"xpath": "//li[2]"}, "two"),
    ({"xpath": "//li/@class"}, ["item", "item", "item"]),
    ({"xpath": "//h1/text()"}, "Sign   "),
    ({"xpath": "count(//li)"}, 3),
    ({"xpath": "count(//li) div 2"}, 1.5),
    ({"xpath": "string(//input[@name='csrf']/@value)"}, "t0k&n"),
    ({"xpath": "boolean(//table)"}, False),
    ({"xpath": "//comment()"}, "c"),
    ({"xpath": "//h1/namespace::xml"}, "http://www.w3.org/XML/1998/namespace"),
]


@pytest.mark.parametrize(("query", "expected"), SELECTED, ids=[str(query) for query, _ in SELECTED])
def test_a_selector_reads_what_a_person_sees(query: Any, expected: Any) -> None:
    """Blanks are one blank, blocks are apart, scripts and comments are not part of their surroundings."""
    assert value(query, page()) == expected


def test_many_small_elements_are_read() -> None:
    """Only elements inside elements inside elements have more text than a page is long."""
    assert holds({"css": "b", "not_contains": "oops"}, page(b"<p><b>x</b></p>" * 30_000))


def test_scripts_are_not_visible() -> None:
    """A word inside a script is not on the page."""
    subject = page(b"<body>Welcome<script>'oops'</script><style>oops{}</style><template>oops</template> back</body>")
    assert value({"css": "body"}, subject) == "Welcome back"


ABSENT = [
    {"header": "x-none"},
    {"cookie": "none"},
    {"cookie": "deleted"},
    {"url_param": "none"},
    {"jsonpath": "$.none_of_these"},
    {"jsonpath": "$.none[*]"},
    {"jsonpath": "$.status.deeper"},
    {"jsonpath": "$.status[0]"},
    {"regex": "no such text"},
    {"regex": '"ok"|(never)'},
]


@pytest.mark.parametrize("query", ABSENT, ids=str)
def test_nothing_is_not_a_value(query: Any) -> None:
    """A query that finds nothing meets ``exists: false``, and no predicate that says something about a value."""
    assert isinstance(value(query), Missing)
    assert holds(query | {"exists": False})
    assert not holds(query)
    for predicate in ({"equals": None}, {"not_equals": 1}, {"not_contains": "x"}, {"not_matches": "x"}, {"lt": 1}):
        assert not holds(query | predicate)


@pytest.mark.parametrize("name", ["status", "http_version", "model", "certificate_days", "content_type"])
def test_what_an_answer_does_not_have_is_nothing(name: str) -> None:
    """An answer that did not come by HTTP has no status, one without TLS no certificate."""
    fields = {"certificate_days": "certificate_expiry"}
    changes: dict[str, Any] = {} if name == "content_type" else {fields.get(name, name): None}
    subject = answer(content_type=None, **changes)
    assert holds({name: True, "exists": False}, subject)
    assert not holds({name: True, "equals": 1}, subject)


def test_an_empty_body_does_not_exist_and_holds_no_text() -> None:
    """``body: true`` asks whether there is one; what an empty body does not contain is known."""
    empty = answer(b"")
    assert not holds({"body": True}, empty)
    assert holds({"body": True, "exists": False}, empty)
    assert holds({"body": True, "not_contains": "oops"}, empty)
    assert holds({"not_contains": "oops"}, empty)
    assert not holds({"contains": "oops"}, empty)


def test_an_xpath_that_says_no_does_not_exist() -> None:
    """A bare ``boolean()`` asks for yes, a bare ``string()`` for a text."""
    assert not holds({"xpath": "boolean(//table)"}, page())
    assert holds({"xpath": "boolean(//table)", "equals": False}, page())
    assert not holds({"xpath": "string(//table)"}, page())
    assert holds({"xpath": "//input"}, page())


def test_the_text_is_asked_and_raw_is_what_came() -> None:
    """A chat's text is its visible answer; only ``raw`` looks at the stream that carried it."""
    subject = answer(b'data: {"delta": "Hel"}', "text/event-stream", text='{"answer": "Hello"}')
    assert holds({"contains": "Hello"}, subject)
    assert holds({"jsonpath": "$.answer", "equals": "Hello"}, subject)
    assert holds({"raw": True, "contains": "delta"}, subject)
    assert not holds({"body": True, "contains": "delta"}, subject)


SCHEMA = {"type": "object", "required": ["status"], "properties": {"n": {"type": "integer", "maximum": 50}}}


def test_a_body_fits_a_schema_or_says_where_not() -> None:
    """``schema`` is a check by itself, and its miss names the place."""
    assert holds({"schema": SCHEMA})
    assert seen({"schema": SCHEMA}, answer(b'{"status": 1, "n": 60}')) == (
        "expected the schema, saw $.n: 60 is greater than the maximum of 50"
    )
    assert seen({"schema": SCHEMA}, page()) == f"expected the schema, saw not JSON: text/html, {len(PAGE)} bytes"


def test_a_schema_runs_in_linear_time() -> None:
    """Python's regexes would need longer than the sun has for this pattern and text."""
    assert not holds({"schema": {"pattern": "^(a+)+$"}}, answer(b'"' + b"a" * 50_000 + b'b"'))


def test_a_jsonpath_runs_in_linear_time() -> None:
    """The regexes of ``match`` and ``search`` too."""
    subject = answer(b'["' + b"a" * 50_000 + b'b"]')
    assert not holds({"jsonpath": "$[?match(@, '(a+)+')]"}, subject)
    assert not holds({"jsonpath": "$[?search(@, '(a+)+$')]"}, subject)


def test_a_bad_pattern_inside_a_jsonpath_matches_nothing() -> None:
    """So says the RFC; a text that is no text is matched by nothing either."""
    assert not holds({"jsonpath": "$.data[?search(@.id, '(')]"})
    assert not holds({"jsonpath": "$.data[?search(@.n, '.')]"})


def test_a_text_inside_json_is_not_json() -> None:
    """A document that is a text is not parsed a second time, although the library would."""
    subject = answer(rb'"{\"a\": 1}"')
    assert holds({"jsonpath": "$", "equals": '{"a": 1}'}, subject)
    assert not holds({"jsonpath": "$.a"}, subject)
    assert not holds({"jsonpath": "$..*"}, subject)


def test_what_is_parsed_is_parsed_once() -> None:
    """All checks on one subject share the tree, the document and the encoded text."""
    subject = page()
    assert holds({"css": "h1"}, subject)
    tree = subject.memo.html
    assert tree is not None
    assert holds({"xpath": "//h1"}, subject)
    assert subject.memo.html is tree
    assert not holds({"jsonpath": "$"}, subject)
    reason = subject.memo.json
    assert not holds({"jsonpath": "$.a"}, subject)
    assert subject.memo.json is reason
