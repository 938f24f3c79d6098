"""Secrets that do not print themselves, and redaction by value."""

from __future__ import annotations

import base64
import hmac
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["REDACTED", "Redactor", "Secret"]

REDACTED = "[redacted]"
_MIN_LENGTH = 4
_URL_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


class Secret:
    """A value that shows itself only to :meth:`reveal`. ``==`` takes the same time whatever the values are."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it only where the value is sent."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret([redacted])"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, format_spec: str) -> str:
        return REDACTED

    def __reduce__(self) -> str:
        msg = "a Secret is not pickled"
        raise TypeError(msg)


def _forms(value: str) -> Iterable[str]:
    """The shapes in which a value may turn up: as it is, URL-encoded, JSON-escaped, in base64, line by line."""
    yield value
    yield quote(value, safe="")
    yield quote_plus(value)
    escaped = json.dumps(value)[1:-1]
    yield escaped
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for skip in range(
            3
        ):  # inside a longer text the three alignments give three texts; their middles are ours alone
            encoded = encode(b"\0" * skip + raw).decode().rstrip("=")
            middle = encoded[(0, 2, 3)[skip] : len(encoded) - (1 if len(raw) + skip else 0)]
            if len(middle) >= 2 * _MIN_LENGTH:
                yield middle
    yield from (line for line in value.splitlines() if len(line) >= 2 * _MIN_LENGTH)


class Redactor:
    """Replaces every known secret, in every form it may take, by ``[redacted]``.

    Values shorter than four characters are left alone: they would blot out ordinary words.
    """

    __slots__ = ("_pattern", "_values")

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Learn further values, for example those that a step extracted and marked as secret."""
        fresh = {value for value in values if len(value) >= _MIN_LENGTH} - self._values
        if not fresh:
            return
        self._values |= fresh
        forms = {form for value in self._values for form in _forms(value) if len(form) >= _MIN_LENGTH}
        self._pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))

    def __call__(self, text: str) -> str:
        """The text without secrets, and without user and password inside URLs."""
        if self._pattern is not None:
            text = self._pattern.sub(REDACTED, text)
        return _URL_USERINFO.sub(REDACTED + "@", text) if "://" in text else text
