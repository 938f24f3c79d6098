"""Numbers and times as a person reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.web.wording import ago, amount, clock_time, duration, percent, until
from tests.sinks.makers import MINUTE, NOON, SECOND

MS = 10**6


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (None, "–"),
        (-5, "0.0 ms"),
        (1, "<0.1 ms"),
        (49_999, "<0.1 ms"),
        (50_000, "0.1 ms"),
        (400_000, "0.4 ms"),
        (9_949_999, "9.9 ms"),
        (9_950_000, "10 ms"),
        (84 * MS, "84 ms"),
        (999 * MS, "999 ms"),
        (999_600_000, "1.00 s"),
        (1_240 * MS, "1.24 s"),
        (9_994 * MS, "9.99 s"),
        (9_996 * MS, "10.0 s"),
        (59_940 * MS, "59.9 s"),
        (59_960 * MS, "1 min"),
        (125 * SECOND, "2 min 5 s"),
        (3_600 * SECOND, "1 h"),
        (11_520 * SECOND, "3 h 12 min"),
        (90_000 * SECOND, "1 d 1 h"),
    ],
)
def test_durations(nanoseconds: int | None, text: str) -> None:
    """Three digits that matter, then two units."""
    assert duration(nanoseconds) == text


@given(st.integers(0, 10**19))
def test_every_duration_has_a_unit(nanoseconds: int) -> None:
    """No length of time is without words, and none has more than two units."""
    assert re.fullmatch(r"<?[\d.]+ (ms|s|min|h|d)( \d+ (s|min|h))?", duration(nanoseconds))


def test_relative_times() -> None:
    """One unit is enough to know how long ago, and how soon."""
    assert [ago(NOON - length, NOON) for length in (-1, 12 * SECOND, 4 * MINUTE, 25 * 60 * MINUTE)] == [
        "just now",
        "12 s ago",
        "4 min ago",
        "1 d ago",
    ]
    assert [until(NOON + length, NOON) for length in (-MINUTE, 48 * SECOND)] == ["now", "in 48 s"]


def test_a_time_of_another_day_has_its_date() -> None:
    """Today's times need none."""
    assert clock_time(NOON - 3 * MINUTE, NOON) == "11:57"
    assert clock_time(NOON - 24 * 60 * MINUTE, NOON) == "31 Dec 12:00"


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (1.0, "100 %"), (0.99999, "99.99 %"), (0.985, "98.5 %"), (0.29, "29 %"), (0.0, "0 %")],
)
def test_a_share_is_never_rounded_up_to_all(share: float | None, text: str) -> None:
    """100 % means that nothing failed."""
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (200, "200"),
        (9_812, "9\u202f812"),
        (3.0, "3"),
        (61.44444, "61.44"),
        (0.0000151, "0.0000151"),
        (1234.5678, "1235"),
        (-0.25, "-0.25"),
        (1e-30, "0"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_amounts(value: float, text: str) -> None:
    """Thousands are set apart, and no number is written with an exponent."""
    assert amount(value) == text
