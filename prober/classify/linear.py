"""Searches that take linear time: a hostile page must not hold the event loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Bytes", "Phrases"]

_GAP = re.compile(r"(?:\.|\[\^[^\]]*\])\{0,\d+\}")
_LOOKAROUND = re.compile(r"\(\?<?[!=][^)]*\)")
_LETTER = r"\pL\pM\pN_"


def _options(*, latin1: bool) -> object:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20  # the words of many languages are one automaton
    if latin1:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


class Bytes:
    """A pattern on bytes of any encoding, whatever the letters' case."""

    __slots__ = ("_regexp",)

    def __init__(self, pattern: str) -> None:
        self._regexp = re2.compile(f"(?i){pattern}".encode(), _options(latin1=True))

    def found(self, data: bytes) -> bool:
        """Whether the pattern is anywhere in the data."""
        return self._regexp.search(data) is not None

    def first(self, data: bytes) -> bytes | None:
        """The first group of the first match, or None."""
        match = self._regexp.search(data)
        found: bytes | None = match.group(1) if match else None
        return found

    def count(self, data: bytes) -> int:
        """How often the pattern is in the data."""
        return sum(1 for _ in self._regexp.finditer(data))


class Phrases:
    """Phrases of many languages in a text on one line, in small letters.

    Word boundaries in every script need the ``re`` module, whose search through a long page takes a tenth of a second.
    So a coarser pattern is asked first, in linear time: without boundaries, and with gaps of any length.
    """

    __slots__ = ("_coarse", "_exact")

    def __init__(self, patterns: Iterable[str]) -> None:
        pattern = "|".join(patterns)
        self._exact = re.compile(pattern)
        self._coarse = re2.compile(_coarse(pattern), _options(latin1=False))

    def first(self, text: str) -> str | None:
        """The first phrase in the text, or None."""
        if self._coarse.search(text) is None:
            return None
        match = self._exact.search(text)
        return match[0] if match else None


def _coarse(pattern: str) -> str:
    """A pattern for RE2 that matches wherever the given one does."""
    coarse = _LOOKAROUND.sub("", _GAP.sub(".*", pattern))
    return coarse.replace(r"\b", "").replace(r"[\w-]", f"[{_LETTER}-]").replace(r"\w", f"[{_LETTER}]")
