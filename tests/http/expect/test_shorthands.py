"""The short forms, and what tells them from queries."""

from __future__ import annotations

from typing import Any

import pytest

from prober.http.expect import Expect
from prober.model.errors import ErrorClass
from tests.http.expect.answers import answer, holds, page

SHORT = [
    ({"status": 200}, True),
    ({"status": "200"}, True),
    ({"status": 201}, False),
    ({"status": "2xx"}, True),
    ({"status": "2XX"}, True),
    ({"status": "3xx"}, False),
    ({"status": [200, 302]}, True),
    ({"status": ["3xx", 200]}, True),
    ({"status": ["3xx", 404]}, False),
    ({"contains": "gpt-6"}, True),
    ({"contains": ["gpt-6", "sora"]}, True),
    ({"contains": ["gpt-6", "dall-e"]}, False),
    ({"not_contains": ["oops", "error"]}, True),
    ({"not_contains": ["oops", "sora"]}, False),
    ({"matches": "gpt-[0-9]"}, True),
    ({"matches": ["gpt", "^x"]}, False),
    ({"not_matches": "(?i)OOPS"}, True),
    ({"not_matches": ["x{9}", "sora"]}, False),
    ({"content_type": "json"}, True),
    ({"content_type": "application/json"}, True),
    ({"content_type": "Application/JSON; charset=utf-8"}, True),
    ({"content_type": "html"}, False),
    ({"content_type": ["html", "json"]}, True),
    ({"model": "gpt-6-luna"}, True),
    ({"model": "gpt-6-luna-2026-02-03"}, True),
    ({"model": "gpt-6"}, False),
    ({"model": "gpt-6-luna-2026-02"}, False),
    ({"model": ["sora", "gpt-6-luna"]}, True),
    ({"status": 200, "contains": "sora", "content_type": "json"}, True),
    ({"status": 200, "contains": "oops"}, False),
    ({"status": True}, True),
    ({"status": True, "lt": 300}, True),
    ({"content_type": True, "equals": "application/json"}, True),
    ({"content_type": True, "contains": "html"}, False),
    ({"model": True, "matches": "^gpt"}, True),
    ({}, True),
]


@pytest.mark.parametrize(("raw", "met"), SHORT, ids=[str(raw) for raw, _ in SHORT])
def test_a_short_form_is_met_or_not(raw: Any, met: bool) -> None:
    """As a mapping by itself and as an item of a list."""
    assert (not Expect.from_setting(raw).misses(answer())) is met
    assert (not Expect.from_setting([raw]).misses(answer())) is met


SNAPSHOTS = [
    ("gpt-6-luna-2026-02-03", True),
    ("gpt-6-luna-20260203", True),
    ("gpt-6-luna@20260203", True),
    ("gpt-6-luna-0203", True),
    ("gpt-6-luna-02-03", True),
    ("gpt-6-luna-12-2026", True),
    ("gpt-6-luna-mini", False),
    ("gpt-6-luna-mini-2026-02-03", False),
    ("gpt-6-luna2026", False),
    ("GPT-6-luna", False),
    ("", False),
    (None, False),
]


@pytest.mark.parametrize(("served", "met"), SNAPSHOTS)
def test_a_model_is_served_under_its_name_or_a_dated_one(served: str | None, met: bool) -> None:
    """A smaller sibling is another model, whatever its name begins with."""
    assert holds({"model": "gpt-6-luna"}, answer(model=served)) is met


def test_what_a_list_may_hold() -> None:
    """Short forms and queries side by side, told apart by their keys."""
    expect = Expect.from_setting([{"status": 200}, {"jsonpath": "$.status", "equals": "ok"}, {"contains": "sora"}])
    assert expect.misses(answer()) == ()
    assert [miss.check for miss in expect.misses(page())] == ['jsonpath $.status equals "ok"', 'body contains "sora"']


STATUS = [
    ({}, False),
    ([], False),
    ({"contains": "x"}, False),
    ({"status": 401}, True),
    ([{"status": "2xx"}], True),
    ([{"status": True, "lt": 500}], True),
    ([{"status": True}], True),
    ([{"status": 200, "severity": "slow"}], False),
    ([{"status": 200, "severity": "fail"}], True),
    ([{"header": "status"}], False),
    ({"error_class": "bot_challenge"}, False),
]


@pytest.mark.parametrize(("raw", "named"), STATUS, ids=[str(raw) for raw, _ in STATUS])
def test_who_names_the_status_decides_about_it(raw: Any, named: bool) -> None:
    """A check that only makes a run slow does not: a 500 must not pass as slow."""
    assert Expect.from_setting(raw).names_status is named


def test_only_misses_of_the_status_are_marked_as_such() -> None:
    """So that a 500 is told by its status and not as a wrong content."""
    misses = Expect.from_setting([{"status": 401}, {"status": True, "gt": 400}, {"contains": "oops"}]).misses(answer())
    assert [miss.status for miss in misses] == [True, True, False]


def test_a_slow_check_misses_slowly() -> None:
    """``severity`` belongs to all checks of its mapping."""
    raw = [{"duration": True, "lt": "1s", "severity": "slow"}, {"contains": ["oops", "zzz"], "severity": "slow"}]
    assert [miss.slow for miss in Expect.from_setting(raw).misses(answer())] == [True, True, True]
    assert [miss.slow for miss in Expect.from_setting({"contains": "oops"}).misses(answer())] == [False]


@pytest.mark.parametrize("raw", [{"error_class": "bot_challenge"}, [{"status": 403}, {"error_class": "bot_challenge"}]])
def test_a_failure_can_be_expected(raw: Any) -> None:
    """The class is handed out; it is no check of the answer."""
    expect = Expect.from_setting(raw)
    assert expect.error_class is ErrorClass.BOT_CHALLENGE
    assert not [miss for miss in expect.misses(answer(status=403)) if miss.check != "status 403"]


def test_an_expectation_without_checks_is_met() -> None:
    """Also the default value of a setting."""
    assert Expect() == Expect()
    assert Expect().misses(answer(status=None)) == ()
    assert Expect().error_class is None


def test_expectations_are_equal_if_they_are_written_so() -> None:
    """A reload compares settings; patterns and selectors are compiled anew."""
    raw: Any = [{"css": "h1", "matches": "x"}]
    assert Expect.from_setting(raw) == Expect.from_setting(raw)
    assert hash(Expect.from_setting(raw)) == hash(Expect.from_setting(raw))
    assert Expect.from_setting(raw) != Expect.from_setting([{"css": "h1", "matches": "y"}])
    assert "x" not in repr(Expect.from_setting([{"contains": "x-secret"}])).replace("Expect", "")
