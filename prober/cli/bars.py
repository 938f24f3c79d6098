"""Bars on a time axis: where in a run a phase lay, drawn in blocks or in plain ASCII."""

from __future__ import annotations

import sys
from dataclasses import dataclass

__all__ = ["ASCII", "UNICODE", "Ink", "ink_for"]

_EIGHTHS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The characters of a drawing. ``parts`` are the fills of one cell by eighths, the empty one left out."""

    full: str
    parts: str
    ok: str
    slow: str
    fail: str
    error: str
    disabled: str
    first_token: str
    dot: str
    ellipsis: str
    spinner: str

    def bar(self, offset: float, length: float, width: int) -> str:
        """A bar of that length at that offset, both shares of the axis; at least an eighth of a cell is seen."""
        begin = min(width - 1, int(max(0.0, offset) * width))
        eighths = max(1, round((max(0.0, offset) + length) * width * _EIGHTHS) - begin * _EIGHTHS)
        eighths = min(eighths, (width - begin) * _EIGHTHS)
        whole, rest = divmod(eighths, _EIGHTHS)
        bar = self.full * whole + (self.parts[rest - 1] if rest else "")
        return (" " * begin + bar).ljust(width)[:width]

    def shortened(self, text: str, width: int) -> str:
        """The text, cut to the width."""
        return text if len(text) <= width else text[: max(0, width - len(self.ellipsis))] + self.ellipsis


UNICODE = Ink(
    full="█",
    parts="▏▎▍▌▋▊▉",
    ok="●",
    slow="◐",
    fail="✗",
    error="⚠",
    disabled="○",
    first_token="◆",  # noqa: S106 - a token of a model, not of a lock
    dot="·",
    ellipsis="…",
    spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
)
"""For terminals that show Unicode."""

ASCII = Ink(
    full="#",
    parts="|||####",
    ok="+",
    slow="~",
    fail="x",
    error="!",
    disabled="-",
    first_token="*",  # noqa: S106 - a token of a model, not of a lock
    dot="|",
    ellipsis="...",
    spinner="|/-\\",
)
"""For all others."""


def ink_for(encoding: str | None) -> Ink:
    """What a stream of that encoding can show."""
    unicode = "".join(getattr(UNICODE, name) for name in UNICODE.__slots__)
    try:
        unicode.encode(encoding or sys.getdefaultencoding())
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
