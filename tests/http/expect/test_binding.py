"""Placeholders in checks and extractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.http.expect import Checks, Expect, Extract, Extracted, Missing
from tests.http.expect.answers import answer, mistakes, page

if TYPE_CHECKING:
    from collections.abc import Callable


def lookup(**values: str) -> Callable[[str], str]:
    """The values of variables, by name; a missing one is a LookupError."""
    return values.__getitem__


PLACES = [
    ({"jsonpath": "$.user.name", "equals": "{{user}}"}, {"user": "Ann"}, True),
    ({"jsonpath": "$.user.name", "equals": "{{user}}"}, {"user": "Bob"}, False),
    ({"jsonpath": "$.user.id", "equals": "{{id}}"}, {"id": "7"}, True),
    ({"jsonpath": "$.user.id", "equals": "{{id}}"}, {"id": "7.0"}, True),
    ({"jsonpath": "$.user.id", "equals": "{{id}}"}, {"id": "77"}, False),
    ({"jsonpath": "$.healthy", "equals": "{{yes}}"}, {"yes": "true"}, True),
    ({"jsonpath": "$.tags", "equals": ["{{one}}", "b"]}, {"one": "a"}, True),
    ({"jsonpath": "$.user", "equals": {"name": "{{user}}", "id": 7}}, {"user": "Ann"}, True),
    ({"jsonpath": "$.status", "in": ["{{good}}", "fine"]}, {"good": "ok"}, True),
    ({"jsonpath": "$.n", "lt": "{{most}}"}, {"most": "43"}, True),
    ({"jsonpath": "$.n", "lt": "{{most}}"}, {"most": "many"}, False),
    ({"duration": True, "lt": "{{most}}"}, {"most": "2s"}, True),
    ({"duration": True, "lt": "{{most}}"}, {"most": "2"}, False),
    ({"contains": "{{what}}-6"}, {"what": "gpt"}, True),
    ({"contains": ["{{a}}", "{{b.c}}"]}, {"a": "gpt", "b.c": "sora"}, True),
    ({"not_contains": "{{what}}"}, {"what": "oops"}, True),
    ({"matches": "^.{{what}}"}, {"what": '"status"'}, True),
    ({"matches": "{{what}}"}, {"what": "g.t-6"}, False),
    ({"regex": "{{what}}", "equals": "gpt-6"}, {"what": "gpt-6"}, True),
    ({"jsonpath": "$.{{key}}", "equals": "ok"}, {"key": "status"}, True),
    ({"jsonpath": "$.data[{{at}}].id", "equals": "sora"}, {"at": "1"}, True),
    ({"jsonpath": "$.data[?@.id == '{{id}}'].n", "contains": 2}, {"id": "sora"}, True),
    ({"jsonpath": '$.data[?@.id == "{{id}}"].n', "contains": 2}, {"id": "sora"}, True),
    ({"header": "x-{{which}}", "equals": 1}, {"which": "one"}, True),
    ({"header": "x-{{which}}"}, {"which": "a b"}, False),
    ({"cookie": "{{which}}"}, {"which": "session"}, True),
    ({"url_param": "{{which}}", "equals": "7"}, {"which": "state"}, True),
    ({"url_param": "state", "equals": "{{random.state}}"}, {"random.state": "7"}, True),
    ({"body": True, "filters": [{"regex": "{{a}}(.)"}, {"split": "{{b}}"}, "first"]}, {"a": "gpt-", "b": ","}, True),
    ({"model": "{{model}}"}, {"model": "gpt-6-luna"}, True),
    ({"content_type": "{{type}}"}, {"type": "json"}, True),
]


@pytest.mark.parametrize(("check", "values", "met"), PLACES, ids=[f"{check} {values}" for check, values, _ in PLACES])
def test_a_placeholder_may_stand_in_values_patterns_and_paths(check: Any, values: dict[str, str], met: bool) -> None:
    """Its names are known when the configuration is read, its value when the step runs."""
    expect = Expect.from_setting([check])
    assert expect.variables() == values.keys()
    assert (not expect.bind(values.__getitem__).misses(answer())) is met
    assert Checks.from_setting([check]).bind(values.__getitem__).hold(answer()) is met


SELECTORS = [
    ({"css": "input[name={{name}}]"}, {"name": "user"}, True),
    ({"css": "input[name='{{name}}']"}, {"name": "user']"}, False),
    ({"css": ".{{name}}", "filters": "count", "equals": 3}, {"name": "item"}, True),
    ({"css": "a", "attr": "{{name}}"}, {"name": "href"}, True),
    ({"xpath": "//input[@name='{{name}}']"}, {"name": "user"}, True),
    ({"xpath": "//input[@name='{{name}}']"}, {"name": "' or '1'='1"}, False),
    ({"xpath": '//li[text()="t{{a}}" or text()="{{b}}e"]', "equals": ["one", "two"]}, {"a": "wo", "b": "on"}, True),
]


@pytest.mark.parametrize(
    ("check", "values", "met"), SELECTORS, ids=[f"{check} {value}" for check, value, _ in SELECTORS]
)
def test_a_placeholder_may_stand_in_a_selector(check: Any, values: dict[str, str], met: bool) -> None:
    """A value is a value: it ends no string and adds no condition."""
    expect = Expect.from_setting([check]).bind(values.__getitem__)
    assert expect.variables() == frozenset()
    assert (not expect.misses(page())) is met


@given(st.text())
def test_a_value_in_a_pattern_matches_itself_only(value: str) -> None:
    """Whatever a server had us extract before."""
    expect = Expect.from_setting([{"body": True, "matches": "^{{value}}\\z"}]).bind(lambda _name: value)
    assert not expect.misses(answer(text=value))
    assert expect.misses(answer(text=value + "x"))


def test_a_value_that_no_page_can_hold_misses() -> None:
    """XML has no NUL, and so has no XPath."""
    check = {"xpath": "//input[@name='{{name}}']", "exists": False}
    assert Expect.from_setting([check]).bind(lookup(name="\x00")).misses(page())


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80))
def test_a_value_in_a_path_is_a_name_only(value: str) -> None:
    """In quotes it is the name itself; without them it is that or nothing."""
    subject = answer(b"{}")
    subject.memo.json = ({value: "found", "other": "wrong"},)
    for source in ("$['{{value}}']", '$["{{value}}"]'):
        found = Extract.from_setting({"x": {"jsonpath": source}}).bind(lambda _name: value).values(subject)
        assert isinstance(found, Extracted)
        assert found.values["x"] == ("wrong" if value == "other" else "found")
    bare = Extract.from_setting({"x": {"jsonpath": "$.{{value}}"}}).bind(lambda _name: value).values(subject)
    assert isinstance(bare, Missing) or bare.values["x"] in ("found", "wrong" if value == "other" else "found")


@given(st.text(min_size=1))
def test_a_value_in_a_selector_is_a_value_only(value: str) -> None:
    """The page has one element with another value, and it is never selected."""
    subject = page(b"<p title=other>x</p>")
    for check in ({"css": "p[title='{{v}}']"}, {"css": 'p[title="{{v}}"]'}, {"xpath": "//p[@title='{{v}}']"}):
        bound = Expect.from_setting([check]).bind(lambda _name: value)
        assert bool(bound.misses(subject)) is (value != "other")


def test_what_has_no_placeholder_is_not_read_again() -> None:
    """A step binds before every run."""
    expect, checks = Expect.from_setting([{"css": "h1"}]), Checks.from_setting({"css": "h1"})
    extract = Extract.from_setting({"x": {"css": "h1"}})
    assert expect.bind(lookup()) is expect
    assert checks.bind(lookup()) is checks
    assert extract.bind(lookup()) is extract


def test_an_unknown_value_misses_the_check_and_no_other() -> None:
    """A step that extracts it may have failed, and been allowed to."""
    raw: list[Any] = [{"css": "h1"}, {"body": True, "contains": "{{gone}}"}, {"body": True, "not_contains": "{{gone}}"}]
    for expect in (Expect.from_setting(raw), Expect.from_setting(raw).bind(lookup())):
        assert [miss.seen for miss in expect.misses(page())] == ["{{gone}} has no value"] * 2
    assert not Checks.from_setting(raw[2]).bind(lookup()).hold(page())
    extract = Extract.from_setting({"a": {"css": "{{gone}}"}, "b": {"css": "h1"}})
    found = extract.bind(lookup()).values(page())
    assert isinstance(found, Missing)
    assert str(found) == "a not found: css {{gone}}: {{gone}} has no value"


def test_a_bound_check_says_what_it_expected() -> None:
    """With the value, not with the placeholder."""
    expect = Expect.from_setting([{"jsonpath": "$.{{a}}", "equals": "{{b}}"}, {"status": 404}])
    assert [miss.check for miss in expect.misses(answer())] == ['jsonpath $.{{a}} equals "{{b}}"', "status 404"]
    bound = expect.bind(lookup(a="status", b="down"))
    assert [miss.check for miss in bound.misses(answer())] == ['jsonpath $.status equals "down"', "status 404"]
    assert bound.names_status


def test_a_filled_value_is_not_filled_again() -> None:
    """A server that answers ``{{password}}`` gets to see no password."""
    expect = Expect.from_setting([{"body": True, "equals": "{{a}}"}])
    assert not expect.bind(lookup(a="{{password}}")).misses(answer(text="{{password}}"))


def test_extractions_are_bound() -> None:
    """Paths, filters and defaults."""
    raw = {
        "id": {"jsonpath": "$.data[?@.n == {{n}}].id", "filters": [{"regex": "{{prefix}}(.*)"}]},
        "other": {"jsonpath": "$.missing", "default": "{{n}}-x"},
    }
    extract = Extract.from_setting(raw)
    assert extract.variables() == {"n", "prefix"}
    assert "{{n}} has no value" in str(extract.values(answer()))
    found = extract.bind(lookup(n="2", prefix="so")).values(answer())
    assert isinstance(found, Extracted)
    assert found.values == {"id": "ra", "other": "2-x"}


@pytest.mark.parametrize(
    "check", [{"jsonpath": "$.[{{a}}"}, {"matches": "({{a}}"}, {"css": "[{{a}}"}, {"xpath": "//a['{{a}}'"}]
)
def test_a_pattern_that_no_value_can_mend_is_refused_at_once(check: Any) -> None:
    """The rest of it is known when the configuration is read."""
    assert len(mistakes(Expect, [check])) == 1


def test_a_schema_is_not_filled() -> None:
    """Braces inside a JSON Schema are its own."""
    expect = Expect.from_setting({"schema": {"const": "{{a}}"}})
    assert expect.variables() == frozenset()
    assert not expect.misses(answer(b'"{{a}}"'))
