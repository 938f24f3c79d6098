"""What a query yields, and what it means to have no answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["NOTHING", "Unevaluable", "Value", "Values", "number_of", "one", "text_form"]

Value = object
"""A plain value: text, number, bool, None, or a list or mapping of such."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{1,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
_INTEGER = re.compile(r"[+-]?[0-9]+")


class Unevaluable(Exception):
    """The question has no answer here: JSONPath on HTML, a selector on an empty body, ``lt`` on a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def again(self) -> Unevaluable:
        """The same reason in a new exception, which does not keep the frames of the first one alive."""
        return Unevaluable(self.reason)


@dataclass(frozen=True, slots=True)
class Values:
    """The values that a query found. ``many`` says that it may find several, even if it found one or none."""

    items: Sequence[Value]
    many: bool = False


NOTHING = Values(())
"""A query of one value that found none."""


def one(value: Value) -> Values:
    """A single value; None is nothing."""
    return NOTHING if value is None else Values((value,))


def text_form(value: Value) -> str:
    """A text as it is, a number or a bool as JSON writes it. Nothing else has a text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case None:
            raise Unevaluable("null, which has no text")
        case list():
            raise Unevaluable("a list, which has no text")
        case _:
            raise Unevaluable("an object, which has no text")


def number_of(value: Value) -> int | float | None:
    """The number that a value is, or that a text is written as; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if _INTEGER.fullmatch(text) else float(text)
