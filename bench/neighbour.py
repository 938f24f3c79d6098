"""A healthy 20 ms target beside fifty probes of each fault: how much later its p95 is than alone."""

from __future__ import annotations

from tests.faults.neighbour import EVERY_FAULT, alone, beside
from tests.target.zoo import open_zoo

__all__ = ["measure"]

_TRIES = 3  # a busy machine slows any neighbour; a fault that does so does it every time


def measure() -> dict[str, float]:
    """The ratio of the two p95 for each fault, the best of a few tries. A healthy run that fails ends the bench."""
    with open_zoo() as servers:
        idle = min(alone(servers) for _ in range(_TRIES))
        found: dict[str, float] = {}
        for case in EVERY_FAULT:
            ratios: list[float] = []
            while len(ratios) < _TRIES and (not ratios or ratios[-1] > 2):
                ratios.append(beside(case, servers) / idle)
            found[str(case)] = min(ratios)
    return found
