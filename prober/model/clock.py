"""The two clocks of a run: one for durations, one for timestamps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """``monotonic_ns`` is for durations and deadlines, ``wall_ns`` (Unix time) only for exported timestamps.

    uvloop's ``loop.time()`` is cached and in milliseconds, so nothing here measures with it.
    """

    monotonic_ns: Callable[[], int] = time.perf_counter_ns
    wall_ns: Callable[[], int] = time.time_ns
