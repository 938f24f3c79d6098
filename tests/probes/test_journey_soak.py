"""A thousand sign-ins leave nothing behind."""

from __future__ import annotations

from tests.probes.soak import soak


def test_a_thousand_sign_ins_leave_nothing() -> None:
    """No growth in memory, objects, sockets or tasks, whether they were good, refused, kept or by token."""
    left = soak(1_000)
    assert left.good == 800, left
    assert left.grown_files <= 0, left
    assert left.grown_tasks <= 0, left
    assert left.grown_objects < 500, left
    assert left.grown_bytes < 4_000_000, left
