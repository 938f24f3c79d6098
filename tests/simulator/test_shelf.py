"""The bounded store of sessions, conversations and jobs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prober.simulator.shelf import Shelf


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 9)), max_size=30))
def test_the_newest_things_are_kept(puts: list[tuple[str, int]]) -> None:
    """At most three of them, newest first, each with its last value."""
    shelf: Shelf[int] = Shelf(3, 60)
    for id_, thing in puts:
        shelf.put(id_, thing)
    newest: dict[str, int] = {}
    for id_, thing in reversed(puts):
        newest.setdefault(id_, thing)
    expected = list(newest.values())[:3]
    assert list(shelf) == expected
    assert len(shelf) == len(expected)


def test_what_has_expired_is_not_found() -> None:
    """From the second of its expiry on."""
    now = [0.0]
    shelf: Shelf[str] = Shelf(9, 10, clock=lambda: now[0])
    shelf.put("a", "thing")
    now[0] = 9.9
    assert (shelf.get("a"), list(shelf)) == ("thing", ["thing"])
    now[0] = 10.0
    assert list(shelf) == []
    assert shelf.get("a") is None
    assert len(shelf) == 0


def test_a_dropped_thing_is_returned_once() -> None:
    """And unknown ones are None."""
    shelf: Shelf[str] = Shelf(9, 10)
    shelf.put("a", "thing")
    assert shelf.drop("a") == "thing"
    assert shelf.drop("a") is None
