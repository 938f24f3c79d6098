"""What is refused when the configuration is read, in which words, and where."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.http.expect import Checks, Expect, Extract
from prober.http.expect.demands import PREDICATES
from prober.http.expect.filters import FILTERS
from prober.http.expect.queries import BARE_QUERIES, QUERIES
from prober.http.expect.shorthand import SHORTHANDS
from prober.model.setting import SettingErrors
from tests.http.expect.answers import answer, mistakes

MISTAKES: list[tuple[Any, tuple[str | int, ...], str]] = [
    (5, (), "expected a list of checks, or a mapping such as `status: 200`, got a number"),
    (None, (), "expected a list of checks, or a mapping such as `status: 200`, got nothing"),
    ([5], (0,), "expected a check, which is a mapping, got a number"),
    ({"statsu": 200}, ("statsu",), "unknown key statsu, did you mean status?"),
    ([{"jsonpth": "$", "equals": 1}], (0, "jsonpth"), "unknown key jsonpth, did you mean jsonpath?"),
    ([{"jsonpath": "$", "equal": 1}], (0, "equal"), "unknown key equal, did you mean equals?"),
    ([{"css": "a", "xyzzy": 1}], (0, "xyzzy"), "unknown key xyzzy"),
    ([{"css": "a", 5: 1}], (0, "5"), "unknown key 5"),
    (
        [{"equals": 3}],
        (0,),
        "equals belongs to a query, and there is none: add one, as `status: true` or `body: true`",
    ),
    ([{"css": "a", "url": True}], (0,), "a check asks one question, and this has 2: url, css; write a list"),
    ({"status": 200, "css": "a"}, (), "a check asks one question, and this has 2: status, css; write a list"),
    (
        {"status": True, "content_type": "json"},
        (),
        "a check asks one question, and this has 2: status, content_type; write a list",
    ),
    ([{"url": 5}], (0, "url"), "expected true, got a number: what is read takes no argument here"),
    ([{"body": False}], (0, "body"), "expected true, got false: what is read takes no argument here"),
    ([{"header": ""}], (0, "header"), "expected the name of a header, got an empty text"),
    ([{"header": "x y"}], (0, "header"), "no header can have this name"),
    ([{"cookie": 5}], (0, "cookie"), "expected the name of a cookie, got a number"),
    ([{"jsonpath": "status"}], (0, "jsonpath"), "a JSONPath begins with $, as $.data[0].id"),
    ([{"jsonpath": "$[?@.a <> 1]"}], (0, "jsonpath"), "`<>` is not of RFC 9535: write `!=`"),
    ([{"jsonpath": "$.["}], (0, "jsonpath"), "not a JSONPath, as $.data[0].id: expected a shorthand selector"),
    ([{"jsonpath": "$[?nope(@)]"}], (0, "jsonpath"), "function 'nope' is not defined"),
    ([{"css": "a["}], (0, "css"), "not a CSS selector, as main h1: Expected ident or '*', got <EOF at 2>"),
    ([{"css": "a:nope"}], (0, "css"), "The pseudo-class :nope is unknown"),
    ([{"xpath": "//a["}], (0, "xpath"), "not an XPath, as //main/h1: Invalid expression"),
    ([{"xpath": "nope()"}], (0, "xpath"), "Unregistered function"),
    ([{"xpath": "//a[text()={{user}}]"}], (0, "xpath"), "a placeholder stands inside quotes: '{{name}}'"),
    ([{"xpath": "//a", "attr": "href"}], (0, "attr"), "attr belongs to a css query"),
    ([{"css": "a", "attr": 5}], (0, "attr"), "expected the name of an attribute, got a number"),
    (
        {"matches": "(?=a)"},
        ("matches",),
        "RE2 cannot compile this pattern: invalid perl operator: (?= (RE2 runs in linear time: it has no lookaround, ",
    ),
    ({"matches": "a" * 10_001}, ("matches",), "the pattern is longer than 10000 characters"),
    ({"matches": "\ud800"}, ("matches",), "the pattern holds half a surrogate pair, which no text can hold"),
    ([{"regex": "("}], (0, "regex"), "RE2 cannot compile this pattern: missing ): ("),
    ({"matches": ["a", "["]}, ("matches", 1), "RE2 cannot compile this pattern: missing ]: ["),
    ({"contains": []}, ("contains",), "expected a text or a list of texts, got an empty list"),
    ({"contains": ""}, ("contains",), "expected a text, got an empty text"),
    ({"contains": ["a", None]}, ("contains", 1), "expected a text, got nothing"),
    ({"not_matches": 5}, ("not_matches",), "expected a regular expression, got a number"),
    ({"schema": {"type": "objekt"}}, ("schema",), '$.type: "objekt" is not valid under any of the schemas listed'),
    ({"schema": {"$ref": "http://a/b"}}, ("schema",), "http://a/b is not part of the schema, and nothing is fetched"),
    ({"schema": {"pattern": "(?=a)"}}, ("schema",), '"(?=a)" is not a "regex"'),
    ({"schema": "x"}, ("schema",), "expected a JSON Schema, got a text"),
    ({"schema": {}, "equals": 1}, ("equals",), "a schema says all by itself: it takes no predicate"),
    ({"schema": {}, "filters": "first"}, ("filters",), "schema takes no filters"),
    ([{"duration": True, "lt": 2}], (0, "lt"), "expected a duration such as 250ms, 2s or 1m, got 2"),
    ([{"duration": True, "lt": "2 parsecs"}], (0, "lt"), "expected a duration such as 250ms, 2s or 1m"),
    ([{"duration": True, "contains": "2"}], (0, "contains"), "duration is a number: compare it by lt, lte, gt or gte"),
    ([{"bytes": True, "lt": "2 parsecs"}], (0, "lt"), "expected bytes: a whole number, or a size such as 10kB or 2MiB"),
    ([{"header": "x", "lt": "many"}], (0, "lt"), 'expected a number, got "many"'),
    ([{"status": True, "equals": "ok"}], (0, "equals"), 'expected a number, got "ok"'),
    ([{"header": "x", "lt": float("nan")}], (0, "lt"), "expected a number, got NaN"),
    ([{"header": "x", "in": "a"}], (0, "in"), "expected a list of values, got a text"),
    ([{"header": "x", "in": []}], (0, "in"), "expected a list of values, got an empty one"),
    ([{"header": "x", "exists": "no"}], (0, "exists"), "expected true or false, got a text"),
    (
        [{"header": "x", "exists": False, "equals": 1}],
        (0, "exists"),
        "what does not exist meets no other predicate: leave one of them out",
    ),
    ([{"header": "x", "equals": float("inf")}], (0, "equals"), "no value of JSON equals this"),
    ([{"header": "x", "equals": {1: 2}}], (0, "equals"), "the names in JSON are texts: put them in quotes"),
    (
        [{"css": "a", "filters": ["trim", "count"]}],
        (0,),
        "there is always a count: say how many are expected, as `gte: 1`",
    ),
    ([{"css": "a", "filters": "frist"}], (0, "filters"), "unknown filter frist, did you mean first?"),
    ([{"css": "a", "filters": ["nth"]}], (0, "filters", 0), "nth takes an argument: `nth: ...`"),
    ([{"css": "a", "filters": {"nth": "1"}}], (0, "filters", "nth"), "expected a whole number, 0 for the first"),
    ([{"css": "a", "filters": [{"trim": True}]}], (0, "filters", 0, "trim"), "trim takes no argument"),
    ([{"css": "a", "filters": [{"regx": "a"}]}], (0, "filters", 0, "regx"), "unknown filter, did you mean regex?"),
    ([{"css": "a", "filters": [{"regex": "a", "nth": 1}]}], (0, "filters", 0), "one filter is expected, got 2"),
    ([{"css": "a", "filters": [3]}], (0, "filters", 0), "expected the name of a filter, or a mapping of one name"),
    ([{"css": "a", "filters": [{"split": ""}]}], (0, "filters", 0, "split"), "expected the text between the parts"),
    ([{"css": "a", "filters": [{"jsonpath": "a"}]}], (0, "filters", 0, "jsonpath"), "a JSONPath begins with $"),
    ([{"css": "a", "severity": "warn"}], (0, "severity"), "expected slow or fail"),
    ({"status": "20x"}, ("status",), "expected a status such as 200, a family such as 2xx, or a list of them"),
    ({"status": [200, 99]}, ("status", 1), "expected a status such as 200, a family such as 2xx, or a list of them"),
    ({"status": []}, ("status",), "expected at least one status"),
    ({"status": False}, ("status",), "expected a status such as 200, a family such as 2xx, or a list of them"),
    ({"content_type": 5}, ("content_type",), "expected a media type such as application/json, or a part of one"),
    ({"model": []}, ("model",), "expected the name of a model, got an empty list"),
    (
        {"error_class": "bot_challeng"},
        ("error_class",),
        'expected an error class, got "bot_challeng", did you mean bot_challenge?',
    ),
    (
        [{"error_class": "dns_error"}, {"error_class": "tls_error"}],
        (1, "error_class"),
        "dns_error is expected already, and a failure has one class",
    ),
]


@pytest.mark.parametrize(("raw", "path", "message"), MISTAKES, ids=[str(raw)[:60] for raw, _, _ in MISTAKES])
def test_a_mistake_is_told_with_its_path(raw: Any, path: tuple[str | int, ...], message: str) -> None:
    """One mistake makes one message, at the value that is wrong."""
    ((where, said),) = mistakes(Expect, raw)
    assert where == path
    assert message in said


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of the file, across the list and inside one check."""
    raw = [{"css": "a[", "filters": ["frist"], "matches": "(", "severity": 1}, {"status": "x"}, {"regex": 5}]
    assert {path for path, _ in mistakes(Expect, raw)} == {
        (0, "css"),
        (0, "filters", 0),
        (0, "matches"),
        (0, "severity"),
        (1, "status"),
        (2, "regex"),
    }


CONDITIONS: list[tuple[Any, tuple[str | int, ...], str]] = [
    ([], (), "expected at least one check"),
    ({}, (), "expected at least one check"),
    ({"css": "a", "severity": "slow"}, ("severity",), "severity belongs to expect"),
    ([{"error_class": "dns_error"}], (0, "error_class"), "error_class belongs to expect"),
    ("css", (), "expected a list of checks"),
]


@pytest.mark.parametrize(("raw", "path", "message"), CONDITIONS, ids=[str(raw) for raw, _, _ in CONDITIONS])
def test_a_condition_knows_neither_severity_nor_class(raw: Any, path: tuple[str | int, ...], message: str) -> None:
    """And an empty one would hold of everything."""
    ((where, said),) = mistakes(Checks, raw)
    assert where == path
    assert message in said


EXTRACTIONS: list[tuple[Any, tuple[str | int, ...], str]] = [
    ([], (), "expected a mapping of names to queries, got a list"),
    ({"a": 5}, ("a",), "expected a query, as `jsonpath: $.token`, got a number"),
    ({"a": {}}, ("a",), "no query: say what is read, by one of status, url"),
    ({"a": {"secret": True}}, ("a",), "no query: say what is read, by one of status, url"),
    ({"a": {"jsonpth": "$"}}, ("a", "jsonpth"), "unknown key jsonpth, did you mean jsonpath?"),
    ({"a": {"jsonpath": "$", "css": "b"}}, ("a",), "one query is expected, got 2: jsonpath, css"),
    ({"a": {"schema": {}}}, ("a", "schema"), "a schema finds no value"),
    ({"a": {"jsonpath": "$", "equals": 1}}, ("a", "equals"), "equals belongs to expect"),
    ({"a": {"status": 200}}, ("a", "status"), "expected true, got a number"),
    ({"a": {"jsonpath": "$", "secret": "yes"}}, ("a", "secret"), "expected true or false, got a text"),
    ({"a": {"jsonpath": "$", "default": {"b": 1}}}, ("a", "default"), "expected a text, a number, true, false or"),
    ({"a": {"jsonpath": "$", "default": [[]]}}, ("a", "default", 0), "expected a text, a number, true, false or"),
    ({"a": {"css": "b", "filters": ["x"]}}, ("a", "filters", 0), "unknown filter x"),
    ({"a b": {"jsonpath": "$"}}, ("a b",), "expected a name of letters, digits and _"),
    ({"pkce.verifier": {"jsonpath": "$"}}, ("pkce.verifier",), "expected a name of letters, digits and _"),
    ({5: {"jsonpath": "$"}}, ("5",), "expected a name, got a number"),
]


@pytest.mark.parametrize(("raw", "path", "message"), EXTRACTIONS, ids=[str(raw) for raw, _, _ in EXTRACTIONS])
def test_a_mistake_in_extract_is_told_with_its_path(raw: Any, path: tuple[str | int, ...], message: str) -> None:
    """Names are what a placeholder can name; nothing is judged there."""
    ((where, said),) = mistakes(Extract, raw)
    assert where == path
    assert message in said


@pytest.mark.parametrize("source", ["$" + ".a" * 2000, "$[?" + "!" * 900 + "(@)]", "$[?@.a==1e999999]"])
def test_a_jsonpath_beyond_all_bounds_is_refused(source: str) -> None:
    """Python's stack is finite, and a long enough path ended the process."""
    assert [path for path, _ in mistakes(Expect, [{"jsonpath": source}])] == [(0, "jsonpath")]


@pytest.mark.parametrize("source", ["a " * 900, ":not(" * 300, "a" * 3000, "a\x00b:contains('\x01')"])
@pytest.mark.parametrize("query", ["css", "xpath"])
def test_a_selector_beyond_all_bounds_is_refused_or_taken(query: str, source: str) -> None:
    """Whatever its parser thinks of it, the answer is a mistake or a check."""
    assert {path for path, _ in mistakes(Expect, [{query: source}])} <= {(0, query)}


@pytest.mark.parametrize("depth", [60, 5000])
def test_what_is_nested_too_deeply_is_refused(depth: int) -> None:
    """Also where the parts that look inside call themselves."""
    deep: Any = []
    schema: Any = {}
    for _ in range(depth):
        deep, schema = [deep], {"items": schema}
    assert mistakes(Expect, [{"body": True, "equals": deep}])
    assert bool(mistakes(Expect, {"schema": schema})) is (depth == 5000)
    assert mistakes(Extract, {"a": {"body": True, "default": deep}})


TEXTS = (
    st.sampled_from(["", "a", "$.a", "//a", "{{user}}", "2xx", "2s", "1.5", "(", "[", "\x00", "\ud800", "$["])
    | st.text()
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.sampled_from(
    [*QUERIES, *PREDICATES, *FILTERS, *SHORTHANDS, "attr", "filters", "severity", "default", "secret"]
) | st.one_of(st.text(max_size=4), st.integers())
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
CHECK = st.dictionaries(KEYS, PLAIN, max_size=4)
LIKELY = st.builds(
    lambda query, rest: {query: True} | rest if query in BARE_QUERIES else {query: "a"} | rest,
    st.sampled_from(QUERIES),
    st.dictionaries(st.sampled_from([*PREDICATES, "filters", "attr"]), PLAIN, max_size=3),
)


def ask(read: Expect | Checks | Extract) -> None:
    """Whatever can be asked."""
    match read:
        case Expect():
            read.misses(answer())
        case Checks():
            read.hold(answer())
        case Extract():
            read.values(answer())


@settings(max_examples=400)
@given(st.one_of(PLAIN, CHECK, LIKELY, st.lists(CHECK | LIKELY, max_size=3), st.dictionaries(KEYS, CHECK | LIKELY)))
def test_any_setting_is_read_or_refused(raw: Any) -> None:
    """No plain value makes reading fail otherwise, and what was read can be asked."""
    for read in (Expect, Checks, Extract):
        with contextlib.suppress(SettingErrors):
            found = read.from_setting(raw)
            ask(found)
            ask(found.bind(lambda name: name))
