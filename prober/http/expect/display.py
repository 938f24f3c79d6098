"""Values as a person reads them in a message: short, on one line, printable."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.http.expect.values import Value, Values

__all__ = ["WIDTH", "as_json", "brief", "described", "printable", "shown"]

WIDTH = 80
"""Characters of a check, or of what was seen instead, that are worth reading."""

_WINDOW = 4096  # characters that are looked at for secrets before the cut, so that none is cut in two
_LISTED = 3
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """The text with everything that moves the cursor, or cannot be encoded, written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else _ESCAPES.get(char) or char.encode("unicode_escape").decode() for char in text
    )


def brief(text: str, redact: Callable[[str], str] | None = None) -> str:
    """At most :data:`WIDTH` printable characters. Secrets are taken out before the cut."""
    text = text[:_WINDOW]
    text = printable(redact(text) if redact else text)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def shown(value: Value) -> str:
    """The beginning of a value in JSON: texts in quotes, so that an empty one can be seen."""
    if isinstance(value, str):
        return f'"{value[:_WINDOW]}"'
    return as_json(value, limit=_WINDOW)


def as_json(value: Value, *, limit: int | None = None) -> str:
    """A value in JSON; of a large one no more is written than ``limit`` asks for."""
    try:
        pieces = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).iterencode(value)
        return "".join(pieces if limit is None else islice(pieces, limit))[:limit]
    except (RecursionError, TypeError, ValueError):  # ValueError: a number of more digits than Python prints
        return f"a {type(value).__name__}"


def described(values: Values) -> str:
    """What a query found, in words for a miss."""
    count = len(values.items)
    if count == 0:
        return "nothing"
    if count == 1:
        return shown(values.items[0])
    few = ", ".join(shown(value) for value in islice(values.items, _LISTED))
    return f"{count} values: {few}" + (", …" if count > _LISTED else "")
