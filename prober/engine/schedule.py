"""When a probe runs: a fixed grid of integer nanoseconds, with a slot of its own for every name."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["missed_ticks", "next_tick", "slot_ns"]


def slot_ns(name: str, interval_ns: int) -> int:
    """The offset of this name inside its interval: the same on every start, and spread evenly over names."""
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % interval_ns


def next_tick(now_ns: int, interval_ns: int, slot: int) -> int:
    """The first tick of the grid after ``now_ns``; never ``now_ns`` itself."""
    return now_ns + interval_ns - (now_ns - slot) % interval_ns


def missed_ticks(due_ns: int, now_ns: int, interval_ns: int) -> int:
    """How many later ticks of the grid have come since the tick ``due_ns``; each of them took its place."""
    return max(0, now_ns - due_ns) // interval_ns
