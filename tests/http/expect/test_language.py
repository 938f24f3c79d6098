"""The JSON Schema of the language."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from prober.http.expect import Checks, Expect, Extract
from prober.http.expect.demands import PREDICATES
from prober.http.expect.filters import FILTERS
from prober.http.expect.queries import QUERIES
from prober.http.expect.shorthand import SHORTHANDS
from tests.http.expect.test_binding import PLACES
from tests.http.expect.test_extract import KEPT
from tests.http.expect.test_messages import MESSAGES
from tests.http.expect.test_shorthands import SHORT


def accepts(of: Any, raw: object) -> bool:
    """Whether an editor with this schema is content."""
    return jsonschema.Draft202012Validator(of.json_schema()).is_valid(raw)


@pytest.mark.parametrize("of", [Expect, Checks, Extract])
def test_it_is_a_json_schema(of: Any) -> None:
    """An editor can read it."""
    jsonschema.Draft202012Validator.check_schema(of.json_schema())


def test_what_is_taken_is_accepted() -> None:
    """Every check and extraction of the tests is fine for an editor."""
    checks = [check for check, *_ in [*PLACES, *SHORT, *MESSAGES]]
    assert [check for check in checks if not (accepts(Expect, check) and accepts(Expect, [check]))] == []
    assert [rule for rule, _ in KEPT if not accepts(Extract, {"x": rule})] == []
    assert accepts(Checks, [{"css": "a"}])
    assert accepts(Checks, {"css": "a"})


@pytest.mark.parametrize(
    ("of", "raw"),
    [
        (Expect, 5),
        (Expect, None),
        (Expect, [5]),
        (Expect, {"statsu": 200}),
        (Expect, {"error_class": "nope"}),
        (Expect, {"status": 99}),
        (Expect, [{"css": "a", "filters": ["frist"]}]),
        (Expect, [{"css": "a", "filters": [{"nth": "a"}]}]),
        (Expect, [{"css": "a", "severity": "warn"}]),
        (Expect, [{"url": 5}]),
        (Expect, [{"header": "a", "in": []}]),
        (Checks, []),
        (Checks, {}),
        (Checks, {"css": "a", "severity": "slow"}),
        (Extract, []),
        (Extract, {"a": 5}),
        (Extract, {"a": {}}),
        (Extract, {"a": {"css": "a", "equals": 1}}),
    ],
)
def test_a_common_slip_is_marked(of: Any, raw: object) -> None:
    """Names and kinds of values; what a selector means is not an editor's matter."""
    assert not accepts(of, raw)


def test_every_name_is_known_to_the_editor() -> None:
    """Queries, predicates and shorthands; filters are names inside."""
    properties = Expect.json_schema()["anyOf"][0]["properties"]  # type: ignore[index]  # plain JSON inside
    assert {*QUERIES, *PREDICATES, *SHORTHANDS, "attr", "filters", "severity"} == properties.keys()
    listed = str(properties["filters"])
    assert all(f"'{name}'" in listed for name in FILTERS)
