"""Tests of bars: in their place, visible, never too long, and drawable everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.cli.bars import ASCII, UNICODE, Ink, ink_for

SHARE = st.floats(min_value=0, max_value=1)


@pytest.mark.parametrize("ink", [UNICODE, ASCII], ids=["unicode", "ascii"])
@given(offset=SHARE, length=SHARE, width=st.integers(min_value=1, max_value=200))
def test_a_bar_is_as_wide_as_its_axis_and_is_seen(ink: Ink, offset: float, length: float, width: int) -> None:
    """Whatever is drawn fits, and nothing that happened is invisible."""
    bar = ink.bar(offset, length, width)
    assert len(bar) == width
    assert bar.strip()


@pytest.mark.parametrize(
    ("offset", "length", "bar"),
    [
        pytest.param(0, 1, "██████████", id="all"),
        pytest.param(0, 0.5, "█████     ", id="first half"),
        pytest.param(0.5, 0.5, "     █████", id="second half"),
        pytest.param(0.2, 0.25, "  ██▌     ", id="half a cell"),
        pytest.param(0.3, 0, "   ▏      ", id="no time at all"),
        pytest.param(1, 0, "         █", id="at the very end"),
    ],
)
def test_a_bar_lies_where_its_phase_lay(offset: float, length: float, bar: str) -> None:
    """Begin in whole cells, end in eighths."""
    assert UNICODE.bar(offset, length, 10) == bar


@pytest.mark.parametrize(
    ("encoding", "ink"),
    [
        pytest.param("utf-8", UNICODE, id="utf-8"),
        pytest.param("ascii", ASCII, id="ascii"),
        pytest.param("latin-1", ASCII, id="latin-1"),
        pytest.param("no-such-encoding", ASCII, id="unknown"),
    ],
)
def test_the_stream_decides_what_is_drawn_with(encoding: str, ink: Ink) -> None:
    """A terminal without Unicode gets plain characters instead of an error."""
    assert ink_for(encoding) is ink


def test_everything_in_ascii_is_ascii() -> None:
    """The fallback holds what it promises."""
    assert "".join(getattr(ASCII, name) for name in ASCII.__slots__).isascii()


def test_a_long_text_is_shortened_with_a_mark() -> None:
    """What is cut shows that it is cut."""
    assert UNICODE.shortened("abcdefgh", 5) == "abcd…"
    assert ASCII.shortened("abcdefgh", 5) == "ab..."
    assert UNICODE.shortened("abc", 5) == "abc"
