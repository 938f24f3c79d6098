"""Ten thousand sign-ins, and what the process holds after them that it did not hold before."""

from __future__ import annotations

from tests.probes.soak import Left, soak

__all__ = ["measure"]


def measure(runs: int = 10_000) -> Left:
    """So many runs of good, refused and kept sign-ins."""
    return soak(runs, warm_up=3_000)  # until then the heap finds its size
