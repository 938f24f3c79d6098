"""Numbers with a unit: lengths of time and sizes."""

from __future__ import annotations

import math
import re
from typing import Literal

from prober.http.expect.values import number_of

__all__ = ["Unit", "measured", "quantity"]

Unit = Literal["time", "size", "number"]
"""What a query counts in. A time is nanoseconds, a size is bytes."""

_WRITTEN = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)[ ]*([A-Za-z]+)")
_TIMES = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9}
_SIZES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def quantity(value: object, unit: Unit) -> int | float:
    """The number that a setting means. Raises ValueError with what is expected instead."""
    if unit == "time":
        return _scaled(value, _TIMES, "a duration such as 250ms, 2s or 1m")
    if isinstance(number := number_of(value), int):
        return number
    if unit == "size":
        return _scaled(value, _SIZES, "bytes: a whole number, or a size such as 10kB or 2MiB")
    if number is None or not math.isfinite(number):
        raise ValueError("a number")
    return number


def _scaled(value: object, units: dict[str, int], expected: str) -> int:
    written = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    factor = units.get(written[2].lower()) if written else None
    if written is None or factor is None:
        raise ValueError(expected)
    whole, _, fraction = written[1].partition(".")
    return int(whole) * factor + (int(fraction) * factor // 10 ** len(fraction) if fraction else 0)


def measured(value: float, unit: Unit) -> str:
    """What was measured, as a person reads it."""
    if unit == "time":
        return f"{value / 1e9:.3f}s" if value >= 10**9 else f"{value / 1e6:.1f}ms"
    if unit == "size":
        return f"{value} bytes"
    return str(value) if isinstance(value, int) else f"{value:.1f}"
