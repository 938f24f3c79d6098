"""Numbers and times as a person reads them."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime

__all__ = ["ago", "amount", "clock_time", "day", "duration", "percent", "until"]

_SECOND = 10**9
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(nanoseconds: int | None) -> str:
    """A length of time with the digits that matter: <0.1 ms, 84 ms, 1.24 s, 2 min 5 s, 3 h 12 min."""
    if nanoseconds is None:
        return "–"
    seconds = max(0, nanoseconds) / _SECOND
    if 0 < seconds < 0.00005:
        return "<0.1 ms"
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else f"{seconds * 1000:.0f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    return _two_units(round(seconds))


def _two_units(seconds: int) -> str:
    """The two largest units of a minute or more, or one if that is all of it."""
    pairs = itertools.pairwise(_UNITS)
    (size, unit), (smaller, smaller_unit) = next(pair for pair in pairs if seconds >= pair[0][0])
    rest = seconds % size // smaller
    return f"{seconds // size} {unit} {rest} {smaller_unit}" if rest else f"{seconds // size} {unit}"


def _one_unit(seconds: float) -> str:
    whole = round(seconds)
    size, unit = next((each for each in _UNITS if whole >= each[0]), _UNITS[-1])
    return f"{whole // size} {unit}"


def ago(then_ns: int, now_ns: int) -> str:
    """How long a time lies back."""
    return f"{_one_unit((now_ns - then_ns) / _SECOND)} ago" if now_ns - then_ns >= _SECOND else "just now"


def until(then_ns: int, now_ns: int) -> str:
    """How long it is until a time."""
    return f"in {_one_unit((then_ns - now_ns) / _SECOND)}" if then_ns - now_ns >= _SECOND else "now"


def clock_time(then_ns: int, now_ns: int) -> str:
    """The time of day, with the date where it is not today's."""
    then, now = (datetime.fromtimestamp(ns // _SECOND, UTC) for ns in (then_ns, now_ns))
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then.day} {then:%b %H:%M}"


def day(seconds: float) -> str:
    """The day in UTC of a time that may lie years ahead."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def percent(share: float | None) -> str:
    """A share in percent, rounded down: 100 % means all of them."""
    if share is None:
        return "–"
    hundredths = math.floor(share * 10_000 + 1e-9)
    if hundredths % 100 == 0:
        return f"{hundredths // 100} %"
    return f"{hundredths / 100:.1f} %" if hundredths % 10 == 0 else f"{hundredths / 100:.2f} %"


def amount(value: float) -> str:
    """A number with thin spaces between thousands, and no more digits than it has."""
    if isinstance(value, float) and not value.is_integer():
        return _decimal(value) if math.isfinite(value) else "–"
    return f"{int(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _decimal(value: float) -> str:
    """Four digits that count, and no exponent: a price of 0.0000151 is read as such."""
    places = 4 - 1 - math.floor(math.log10(abs(value)))
    text = f"{value:.{min(max(places, 0), 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
