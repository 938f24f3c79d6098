"""Values that are kept for later steps."""

from __future__ import annotations

from typing import Any

import pytest

from prober.http.expect import Extract, Extracted, Missing
from tests.http.expect.answers import answer, page

KEPT = [
    ({"jsonpath": "$.status"}, "ok"),
    ({"jsonpath": "$.n"}, 42),
    ({"jsonpath": "$.ratio"}, 0.5),
    ({"jsonpath": "$.broken"}, False),
    ({"jsonpath": "$.nothing"}, None),
    ({"jsonpath": "$.nothing", "default": "x"}, None),
    ({"jsonpath": "$.missing", "default": "x"}, "x"),
    ({"jsonpath": "$.missing", "default": None}, None),
    ({"jsonpath": "$.missing", "default": 5}, 5),
    ({"jsonpath": "$.missing", "default": ["a", 1]}, ["a", 1]),
    ({"css": "h1", "default": "no page"}, "no page"),
    ({"jsonpath": "$.none"}, []),
    ({"jsonpath": "$.user"}, '{"name": "Ann", "id": 7}'),
    ({"jsonpath": "$.data"}, ['{"id": "gpt-6", "n": 1}', '{"id": "sora", "n": 2}']),
    ({"jsonpath": "$.data[*].id"}, ["gpt-6", "sora"]),
    ({"jsonpath": "$.data[*].id", "filters": "last"}, "sora"),
    ({"status": True}, 200),
]


@pytest.mark.parametrize(("rule", "expected"), KEPT, ids=[str(rule) for rule, _ in KEPT])
def test_a_value_is_kept_as_it_is(rule: Any, expected: Any) -> None:
    """Null is a value; a default stands in for nothing and for a question without an answer."""
    found = Extract.from_setting({"x": rule}).values(answer())
    assert isinstance(found, Extracted)
    assert found.values["x"] == expected
    assert type(found.values["x"]) is type(expected)


def test_what_is_missing_is_told_by_name() -> None:
    """All names at once, each with what was seen."""
    extract = Extract.from_setting({"a": {"jsonpath": "$.a"}, "b": {"status": True}, "c": {"css": "h1"}})
    assert extract.names == ("a", "b", "c")
    found = extract.values(answer())
    assert isinstance(found, Missing)
    assert found.names == ("a", "c")
    assert (
        str(found) == "a not found: jsonpath $.a: nothing; c not found: css h1: not HTML: application/json, 320 bytes"
    )


def test_secrets_are_handed_out_to_be_redacted() -> None:
    """Every text of a secret value, also of a list; nothing where there is nothing."""
    extract = Extract.from_setting(
        {
            "one": {"jsonpath": "$.status", "secret": True},
            "many": {"jsonpath": "$.data[*].id", "secret": True},
            "none": {"jsonpath": "$.nothing", "secret": True},
            "open": {"jsonpath": "$.text"},
            "number": {"jsonpath": "$.n", "secret": True},
        }
    )
    found = extract.values(answer())
    assert isinstance(found, Extracted)
    assert found.secrets == ("ok", "gpt-6", "sora", "42")


def test_a_hidden_field_is_kept() -> None:
    """The commonest extraction: a token of a form."""
    found = Extract.from_setting({"csrf": {"css": "input[name=csrf]", "attr": "value"}}).values(page())
    assert isinstance(found, Extracted)
    assert found.values == {"csrf": "t0k&n"}


def test_half_a_surrogate_pair_can_be_sent_on() -> None:
    """JSON can hold one, no other text can."""
    found = Extract.from_setting({"x": {"jsonpath": "$[*]"}}).values(answer(rb'["\ud800", {"a": "\udfff"}]'))
    assert isinstance(found, Extracted)
    assert found.values == {"x": ["?", '{"a": "?"}']}


def test_extractions_are_equal_if_they_are_written_so() -> None:
    """A reload compares settings."""
    raw = {"x": {"css": "h1"}}
    assert Extract() == Extract.from_setting({}) or Extract.from_setting({}).names == ()
    assert Extract.from_setting(raw) == Extract.from_setting(raw)
    assert Extract.from_setting(raw) != Extract.from_setting({"x": {"css": "h2"}})
