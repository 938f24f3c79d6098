"""The keys of a fault: what each may hold, checked without leniency."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

__all__ = [
    "BadValue",
    "Check",
    "boolean",
    "integer",
    "json_value",
    "key",
    "mapping",
    "nested",
    "number",
    "one_of",
    "one_or_more_of",
    "position",
    "text",
]

Check = Callable[[object], Any]
"""Returns the value as the fault keeps it, or raises :class:`BadValue`."""


class BadValue(ValueError):
    """A value that a key cannot have; the text says what it should have been."""


def key(check: Check, doc: str, *, default: object = ...) -> Any:
    """A dataclass field that is a key of a fault. Without a default it is required; ``doc`` is one sentence."""
    metadata = {"check": check, "doc": doc}
    if default is ...:
        return field(metadata=metadata)
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


def number(low: float, high: float) -> Check:
    """A finite number from ``low`` to ``high``."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BadValue(f"must be a number, not {_shown(value)}")
        if not low <= value <= high:
            raise BadValue(f"must be from {low:g} to {high:g}, not {_shown(value)}")
        return float(value)

    return check


def integer(low: int, high: int) -> Check:
    """A whole number from ``low`` to ``high``."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(f"must be a whole number, not {_shown(value)}")
        if not low <= value <= high:
            raise BadValue(f"must be from {low} to {high}, not {_shown(value)}")
        return value

    return check


def boolean(value: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise BadValue(f"must be true or false, not {_shown(value)}")
    return value


def text(value: object) -> str:
    """A text of at most 10,000 characters."""
    if not isinstance(value, str):
        raise BadValue(f"must be a text, not {_shown(value)}")
    if len(value) > 10_000:
        raise BadValue("must be at most 10000 characters long")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadValue("must not hold half of a surrogate pair") from None
    return value


def one_of(*words: str) -> Check:
    """One of a closed set of words."""

    def check(value: object) -> str:
        if value not in words:
            raise BadValue(f"must be one of {', '.join(words)}, not {_shown(value)}")
        return str(value)

    return check


def one_or_more_of(*words: str) -> Check:
    """One word of a closed set, or a list of them; kept as a tuple."""
    single = one_of(*words)

    def check(value: object) -> tuple[str, ...]:
        if isinstance(value, list):
            if not value:
                raise BadValue("must name at least one")
            return tuple(single(each) for each in value)
        return (single(value),)

    return check


def position(*words: str) -> Check:
    """A place in a stream: one of ``words``, or after how many tokens."""
    count = integer(0, 1_000_000)

    def check(value: object) -> str | int:
        if isinstance(value, str):
            if value not in words:
                raise BadValue(f"must be {', '.join(words)} or a number of tokens, not {_shown(value)}")
            return value
        return int(count(value))

    return check


def mapping(of_key: Check, of_value: Check) -> Check:
    """An object whose keys and values pass their checks."""

    def check(value: object) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise BadValue(f"must be an object, not {_shown(value)}")
        return {of_key(name): of_value(each) for name, each in value.items()}

    return check


def nested(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these keys and no others."""

    def check(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BadValue(f"must be an object, not {_shown(value)}")
        known = {**required, **optional}
        wrong = [f"has no key {name!r}" for name in value if name not in known]
        wrong += [f"needs the key {name!r}" for name in required if name not in value]
        if wrong:
            raise BadValue("; ".join(wrong))
        return {name: known[name](each) for name, each in value.items()}

    return check


def json_value(value: object) -> object:
    """A text, or any object or list, to be sent as JSON."""
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, dict | list):
        raise BadValue(f"must be a text, an object or a list, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    shown = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
