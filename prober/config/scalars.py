"""The scalars of probes.yaml: YAML 1.2's own, and those with a unit."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from prober.config.errors import shown
from prober.model.setting import Duration, Ratio, Size

__all__ = [
    "DURATION_PATTERN",
    "MAX_DURATION_NS",
    "NUMBER",
    "RATIO_PATTERN",
    "SIZE_PATTERN",
    "format_duration",
    "format_ratio",
    "format_size",
    "natural",
    "parse_duration",
    "parse_ratio",
    "parse_size",
]

_WHOLE = r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}"
_DECIMAL = r"[-+]?(?:\.[0-9]{1,300}|[0-9]{1,300}(?:\.[0-9]{0,300})?)(?:[eE][+-]?[0-9]{1,3})?"
_INTEGER, _NUMBER = re.compile(_WHOLE), re.compile(_DECIMAL)
NUMBER = re.compile(rf"(?:{_WHOLE}|{_DECIMAL})\Z")
"""What is a number to YAML 1.2."""

_MEANING: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_WORDS = {form: value for word, value in _MEANING.items() for form in (word, word.title(), word.upper())}
_WORDS |= {"~": None, "": None}
_BASES = {"0o": 8, "0x": 16}

_UNITS_NS = {"d": 86_400 * 10**9, "h": 3_600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|[dhms])")
_WITHOUT_UNIT = re.compile(r"[-+]?([0-9]{1,12}(?:\.[0-9]{1,9})?)")
_SIZE_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "B": 1, "": 1}
_SIZE = re.compile(r"([0-9]{1,15})(KiB|MiB|GiB|B|)")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,15})?)%")

DURATION_PATTERN = r"^([0-9]{1,12}(\.[0-9]{1,9})?(ms|[dhms]))+$"
SIZE_PATTERN = r"^[0-9]{1,15}(KiB|MiB|GiB|B)?$"
RATIO_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,15})?%$"

MAX_DURATION_NS = 3_660 * _UNITS_NS["d"]
"""Ten years. Longer ones are typing mistakes."""


def natural(text: str) -> bool | int | float | str | None:
    """What a plain scalar is by the core schema of YAML 1.2: true, false, null, a number, else the text itself.

    ``.inf`` and ``.nan`` stay texts: no setting takes them, and JSON has no word for them.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        base = _BASES.get(text[:2])
        return int(text[2:], base) if base else int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def parse_duration(text: str) -> Duration:
    """Nanoseconds of ``250ms``, ``10s``, ``1m30s``, ``0.5s``. Raises ValueError that says how to write it."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        if plain := _WITHOUT_UNIT.fullmatch(text):
            raise ValueError(f"{text} has no unit: write {plain[1]}s for seconds")
        raise ValueError(f"{shown(text)} is not a duration: write it as 250ms, 10s, 5m, 1h, 7d or 1m30s")
    order = [list(_UNITS_NS).index(unit) for _, unit in parts]
    if order != sorted(set(order)):
        raise ValueError(f"{shown(text)} is not a duration: each unit once, the largest first, as 1m30s")
    total = sum((Decimal(number) * _UNITS_NS[unit] for number, unit in parts), Decimal(0))
    if total != int(total):
        raise ValueError(f"{shown(text)} is finer than a nanosecond")
    if total > MAX_DURATION_NS:
        raise ValueError(f"{shown(text)} is longer than ten years")
    return Duration(int(total))


def format_duration(duration_ns: int) -> str:
    """The shortest text that :func:`parse_duration` reads back as this, with whole numbers above a millisecond."""
    parts: list[str] = []
    rest = duration_ns
    for unit in "dhms":
        count, rest = divmod(rest, _UNITS_NS[unit])
        parts += [f"{count}{unit}"] if count else []
    if rest:
        parts.append(f"{(Decimal(rest) / 10**6).normalize():f}ms")
    return "".join(parts) or "0s"


def parse_ratio(text: str) -> Ratio:
    """A share of ``99.5%`` or ``0.995``. Raises ValueError that says how to write it."""
    percent = _PERCENT.fullmatch(text)
    if percent:
        value = float(f"{percent[1]}e-2")  # exact, where 99.9 / 100 is not
    elif _NUMBER.fullmatch(text):
        value = float(text)
    else:
        raise ValueError(f"{shown(text)} is not a share: write it as 99.5%")
    if 0 <= value <= 1:
        return Ratio(value)
    hint = f": write {text}%" if not percent and 1 < value <= 100 else ""
    raise ValueError(f"{text} is not between 0% and 100%{hint}")


def format_ratio(ratio: float) -> str:
    """The ratio in percent, as :func:`parse_ratio` reads it."""
    return f"{(Decimal(repr(ratio)) * 100).normalize():f}%"


def parse_size(text: str) -> Size:
    """Bytes of ``64KiB``, ``10MiB`` or a plain number. Raises ValueError that says how to write it."""
    size = _SIZE.fullmatch(text)
    if not size:
        raise ValueError(f"{shown(text)} is not a size: write it as 64KiB, 10MiB, 1GiB or a number of bytes")
    return Size(int(size[1]) * _SIZE_UNITS[size[2]])


def format_size(size: int) -> str:
    """The size in the largest unit that divides it, as :func:`parse_size` reads it."""
    units = [(unit, step) for unit, step in _SIZE_UNITS.items() if size and size % step == 0 and step > 1]
    unit, step = max(units, key=lambda pair: pair[1], default=("", 1))
    return f"{size // step}{unit}"
