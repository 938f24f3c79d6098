"""Tests of the grid: ticks are ahead, one an interval, and spread over names."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.engine.schedule import missed_ticks, next_tick, slot_ns
from tests.engine.fakes import SECOND

NOW = st.integers(min_value=0, max_value=2**63)
INTERVAL = st.integers(min_value=1, max_value=86_400 * SECOND)
NAME = st.text(max_size=40)


@given(now=NOW, interval=INTERVAL, name=NAME)
def test_the_next_tick_is_ahead_and_within_an_interval(now: int, interval: int, name: str) -> None:
    """The next tick is after now, at most one interval away, and on the grid."""
    slot = slot_ns(name, interval)
    tick = next_tick(now, interval, slot)
    assert now < tick <= now + interval
    assert tick % interval == slot


@given(now=NOW, interval=INTERVAL, name=NAME, intervals=st.integers(min_value=1, max_value=50))
def test_there_is_one_tick_in_every_interval(now: int, interval: int, name: str, intervals: int) -> None:
    """Going from tick to tick for some intervals meets exactly that many ticks."""
    slot = slot_ns(name, interval)
    ticks, at = 0, now
    while (at := next_tick(at, interval, slot)) <= now + intervals * interval:
        ticks += 1
    assert ticks == intervals


@given(now=NOW, interval=INTERVAL, name=NAME, early=st.integers(min_value=0, max_value=SECOND))
def test_a_tick_does_not_depend_on_when_one_asks(now: int, interval: int, name: str, early: int) -> None:
    """Asked any time before it, the grid names the same tick: there is no drift."""
    slot = slot_ns(name, interval)
    tick = next_tick(now, interval, slot)
    assert next_tick(max(tick - interval, now - early), interval, slot) in {tick, tick - interval}
    assert next_tick(tick - 1, interval, slot) == tick


def test_slots_are_spread_evenly_over_names() -> None:
    """Ten thousand similar names fill a hundred parts of an interval alike."""
    interval = 60 * SECOND
    parts = Counter(slot_ns(f"probe-{number}", interval) * 100 // interval for number in range(10_000))
    assert len(parts) == 100
    assert max(parts.values()) < 160
    assert min(parts.values()) > 50


def test_a_slot_is_the_same_on_every_start() -> None:
    """The slot of a name is part of what an operator can rely on, so it is written down here."""
    assert slot_ns("openai-chat", 60 * SECOND) == 12_170_441_383
    assert slot_ns("chatgpt-page", 60 * SECOND) == 27_802_197_433


@pytest.mark.parametrize(
    ("late", "missed"),
    [
        pytest.param(-1, 0, id="early"),
        pytest.param(0, 0, id="on time"),
        pytest.param(9, 0, id="late inside its interval"),
        pytest.param(10, 1, id="its successor has come"),
        pytest.param(605, 60, id="after a pause of ten minutes"),
    ],
)
def test_ticks_that_have_come_since(late: int, missed: int) -> None:
    """A tick lasts until its successor; the successors that have come are counted."""
    assert missed_ticks(100, 100 + late, 10) == missed
