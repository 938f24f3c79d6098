"""What a person reads when a check was missed."""

from __future__ import annotations

from typing import Any

import pytest

from prober.http.expect import Expect, Extract, Missing
from prober.model.secret import Redactor
from tests.http.expect.answers import answer, page, seen

MESSAGES = [
    ({"status": 404}, "expected status 404, saw 200"),
    ({"status": ["3xx", 404]}, "expected status 3xx or 404, saw 200"),
    ({"status": True, "gte": 400}, "expected status gte 400, saw 200"),
    ({"jsonpath": "$.status", "equals": "down"}, 'expected jsonpath $.status equals "down", saw "ok"'),
    ({"jsonpath": "$.x", "equals": "down"}, 'expected jsonpath $.x equals "down", saw nothing'),
    ({"jsonpath": "$.x"}, "expected jsonpath $.x exists, saw nothing"),
    ({"jsonpath": "$.n", "exists": False}, "expected jsonpath $.n exists false, saw 42"),
    ({"jsonpath": "$.user", "equals": None}, 'expected jsonpath $.user equals null, saw {"name": "Ann", "id": 7}'),
    ({"jsonpath": "$.nothing", "not_equals": None}, "expected jsonpath $.nothing not_equals null, saw null"),
    ({"jsonpath": "$.empty", "contains": "x"}, 'expected jsonpath $.empty contains "x", saw ""'),
    ({"jsonpath": "$.n", "gt": 1, "lt": 9}, "expected jsonpath $.n lt 9, saw 42"),
    ({"jsonpath": "$.status", "lt": 9}, 'expected jsonpath $.status lt 9, saw "ok", which is no number'),
    (
        {"jsonpath": "$.data", "filters": "count", "equals": 3},
        "expected jsonpath $.data | count equals 3, saw 2",
    ),
    (
        {"jsonpath": "$.status", "filters": ["trim", {"regex": "x+"}]},
        "expected jsonpath $.status | trim | regex x+ exists, saw nothing",
    ),
    ({"header": "x-many", "contains": "c"}, 'expected header x-many contains "c", saw 2 values: "a", "b"'),
    ({"duration": True, "lt": "1s"}, "expected duration lt 1s, saw 1.500s"),
    ({"duration": True, "gt": "2s"}, "expected duration gt 2s, saw 1.500s"),
    ({"bytes": True, "gt": "1MiB"}, "expected bytes gt 1MiB, saw 320 bytes"),
    ({"redirects": True, "lt": 2}, "expected redirects lt 2, saw 2"),
    ({"certificate_days": True, "gt": 31}, "expected certificate_days gt 31, saw 30.0"),
    ({"content_type": ["html", "xml"]}, 'expected content_type html or xml, saw "application/json"'),
    ({"model": "sora"}, 'expected model sora, saw "gpt-6-luna-2026-02-03"'),
    ({"header": "x-none"}, "expected header x-none exists, saw nothing"),
]


@pytest.mark.parametrize(("check", "message"), MESSAGES, ids=[str(check) for check, _ in MESSAGES])
def test_a_miss_reads_as_a_sentence(check: Any, message: str) -> None:
    """What was asked as it is written in the file, and what came instead."""
    assert seen(check) == message


def test_a_short_time_is_told_in_milliseconds() -> None:
    """As a person would."""
    assert seen({"duration": True, "lt": "10ms"}, answer(duration_ns=12_460_000)).endswith("saw 12.5ms")


def test_a_long_text_is_cut() -> None:
    """The beginning of a body says more than its length."""
    (miss,) = Expect.from_setting({"contains": "y" * 500}).misses(answer(b"x" * 5000))
    assert miss.seen == '"' + "x" * 78 + "…"
    assert miss.check == 'body contains "' + "y" * 64 + "…"


def test_a_large_value_is_not_written_out_first() -> None:
    """Of ten million numbers the first few are read."""
    subject = answer(b"[" + b"1," * 500_000 + b"1]")
    assert seen({"jsonpath": "$", "equals": 1}, subject).endswith("saw [" + "1, " * 26 + "…")
    assert seen({"css": "b", "equals": 1}, page(b"<b>x</b>" * 5)) == (
        'expected css b equals 1, saw 5 values: "x", "x", "x", … (one is expected: filter by first, or count)'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r", '"a\\nb\\tc\\r"'),
        ("\x1b[31mred", '"\\x1b[31mred"'),
        ("a\u202eb\u200bc", '"a\\u202eb\\u200bc"'),
        ("\ud800", '"\\ud800"'),
        ("grüße 日本", '"grüße 日本"'),
    ],
)
def test_what_moves_the_cursor_is_escaped(text: str, shown: str) -> None:
    """A terminal, a log and a page show what came, and do what we say."""
    (miss,) = Expect.from_setting({"contains": "zzz"}).misses(answer(text=text))
    assert miss.seen == shown


def test_half_a_secret_is_not_shown() -> None:
    """A secret that the cut would go through is taken out before."""
    secret = "s3cr3t-" * 6
    redact = Redactor([secret])
    expect = Expect.from_setting([{"body": True, "equals": "a" * 60 + secret}])
    (miss,) = expect.misses(answer(text="b" * 70 + secret), redact=redact)
    assert "s3c" not in str(miss)
    found = Extract.from_setting({"x": {"css": "a" * 50 + secret}}).values(answer(), redact=redact)
    assert isinstance(found, Missing)
    assert "s3c" not in str(found)
