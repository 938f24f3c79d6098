"""Scalars: YAML 1.2's own, and those with a unit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.config.scalars import (
    MAX_DURATION_NS,
    format_duration,
    format_ratio,
    format_size,
    natural,
    parse_duration,
    parse_ratio,
    parse_size,
)

MS = 10**6
S = 10**9


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("010", 10),
        ("1.5", 1.5),
        ("-0.25", -0.25),
        ("1e3", 1000.0),
        ("2.5E-1", 0.25),
        ("True", True),
        ("FALSE", False),
        ("Null", None),
        ("+5", 5),
        ("0o17", 15),
        ("0x1F", 31),
        (".5", 0.5),
        ("5.", 5.0),
    ],
)
def test_a_plain_scalar_is_what_the_core_schema_makes_of_it(text: str, value: object) -> None:
    """True, false, null and numbers, as in the table of YAML 1.2; a leading zero means nothing."""
    found = natural(text)
    assert (found, type(found)) == (value, type(value))


TEXTS = """
no yes on off y n No tRUE nULL 12:30 12:30:45 0o18 0xG -0x1 0b1 1_000 + . .inf -.inf .nan 2024-01-01 1e999 << = -
1.2.3 ٣
"""


@pytest.mark.parametrize("text", TEXTS.split())
def test_everything_else_is_a_text(text: str) -> None:
    """What YAML 1.1 made a boolean, a date, a base-60 or an octal number stays what was written."""
    assert natural(text) == text


def test_a_number_of_absurd_length_is_a_text() -> None:
    """Python refuses to read it as a number."""
    assert natural("9" * 5000) == "9" * 5000


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0s", 0),
        ("250ms", 250 * MS),
        ("10s", 10 * S),
        ("5m", 300 * S),
        ("1h", 3600 * S),
        ("7d", 7 * 86400 * S),
        ("1m30s", 90 * S),
        ("1d2h3m4s5ms", 93784 * S + 5 * MS),
        ("1.5s", 1500 * MS),
        ("0.5h", 1800 * S),
        ("0.000001ms", 1),
        ("090s", 90 * S),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, ns: int) -> None:
    """Units once each, the largest first; fractions down to a nanosecond."""
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10", "10 has no unit: write 10s for seconds"),
        ("1.5", "1.5 has no unit: write 1.5s for seconds"),
        ("-10", "-10 has no unit: write 10s for seconds"),
        ("", "is not a duration"),
        ("s", "is not a duration"),
        ("10 s", "is not a duration"),
        ("-10s", "is not a duration"),
        ("10sec", "is not a duration"),
        ("10S", "is not a duration"),
        ("30s1m", "each unit once, the largest first"),
        ("1s1s", "each unit once, the largest first"),
        ("0.0000001ms", "finer than a nanosecond"),
        ("99999d", "longer than ten years"),
        ("9999999999999999999s", "is not a duration"),
        ("١٠s", "is not a duration"),
    ],
)
def test_what_is_no_duration_says_how_to_write_it(text: str, message: str) -> None:
    """The message has the mend."""
    with pytest.raises(ValueError, match=message):
        parse_duration(text)


@given(st.integers(0, MAX_DURATION_NS))
def test_durations_survive_writing_and_reading(ns: int) -> None:
    """What is formatted is read back to the nanosecond."""
    assert parse_duration(format_duration(ns)) == ns


@pytest.mark.parametrize(
    ("ns", "text"), [(0, "0s"), (60 * S, "1m"), (90 * S, "1m30s"), (1500 * MS, "1s500ms"), (1, "0.000001ms")]
)
def test_durations_are_written_as_people_write_them(ns: int, text: str) -> None:
    """Only the units that are needed."""
    assert format_duration(ns) == text


@pytest.mark.parametrize(
    ("text", "value"), [("99.5%", 0.995), ("99.9%", 0.999), ("0%", 0.0), ("100%", 1.0), ("0.995", 0.995), ("1", 1.0)]
)
def test_a_ratio_is_a_percentage_or_a_share(text: str, value: float) -> None:
    """99.9% is exactly 0.999."""
    assert parse_ratio(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("99.5", "99.5 is not between 0% and 100%: write 99.5%"),
        ("101%", "101% is not between 0% and 100%$"),
        ("250", "250 is not between 0% and 100%$"),
        ("-1", "-1 is not between 0% and 100%$"),
        ("most", "is not a share: write it as 99.5%"),
        ("% ", "is not a share"),
    ],
)
def test_what_is_no_ratio_says_how_to_write_it(text: str, message: str) -> None:
    """A forgotten percent sign is named."""
    with pytest.raises(ValueError, match=message):
        parse_ratio(text)


@given(st.integers(0, 10**7))
def test_ratios_survive_writing_and_reading(parts: int) -> None:
    """Up to five digits behind the point of a percentage."""
    assert math.isclose(parse_ratio(format_ratio(parts / 10**7)), parts / 10**7, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("1024", 1024), ("64KiB", 65536), ("10MiB", 10 * 2**20), ("1GiB", 2**30), ("5B", 5), ("010", 10)],
)
def test_a_size_is_a_number_of_bytes(text: str, size: int) -> None:
    """With a unit of powers of two, or none."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["10MB", "10 MiB", "1.5MiB", "-1", "many", ""])
def test_what_is_no_size_says_how_to_write_it(text: str) -> None:
    """A unit that could mean two things is refused."""
    with pytest.raises(ValueError, match=r"is not a size: write it as 64KiB, 10MiB, 1GiB or a number of bytes"):
        parse_size(text)


@given(st.integers(0, 10**15 - 1))
def test_sizes_survive_writing_and_reading(size: int) -> None:
    """The largest unit that divides it."""
    assert parse_size(format_size(size)) == size
