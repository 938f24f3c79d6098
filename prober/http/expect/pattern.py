"""Regular expressions that run in linear time, whatever the pattern is and the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from prober.http.expect.source import Source

__all__ = ["Pattern", "PatternError", "read_pattern"]

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False

_LONGEST = 10_000  # characters of a pattern


class PatternError(ValueError):
    """A pattern that RE2 cannot compile, and why."""


class Pattern:
    """A compiled pattern. It works on UTF-8, so that a large text is encoded once for many patterns."""

    __slots__ = ("_regexp", "group", "source")

    def __init__(self, source: str) -> None:
        if len(source) > _LONGEST:
            raise PatternError(f"the pattern is longer than {_LONGEST} characters")
        try:
            self._regexp = re2.compile(source.encode(), _OPTIONS)
        except UnicodeEncodeError:
            raise PatternError("the pattern holds half a surrogate pair, which no text can hold") from None
        except re2.error as error:
            raise PatternError(_explain(error)) from None
        self.source = source
        self.group: int = min(1, self._regexp.groups)

    def found(self, utf8: bytes) -> bool:
        """Whether the pattern matches anywhere in the text."""
        return self._regexp.search(utf8) is not None

    def extract(self, utf8: bytes) -> str | None:
        """What the first match holds: group 1 where the pattern has one, else all of it. None for no match."""
        match = self._regexp.search(utf8)
        found: bytes | None = match and match.group(self.group)
        return None if found is None else found.decode("utf-8", "replace")

    @staticmethod
    def escape(text: str) -> str:
        """A pattern that matches this text and nothing else."""
        escaped: str = re2.escape(text.encode("utf-8", "replace").decode())
        return escaped


def _explain(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    hint = ""
    if "perl operator" in text or "escape sequence" in text:
        hint = " (RE2 runs in linear time: it has no lookaround, no backreferences, and \\z for the end)"
    return f"RE2 cannot compile this pattern: {text}{hint}"


def read_pattern(source: Source) -> Pattern | None:
    """The compiled pattern of a setting; None, and a mistake, if it is none."""
    return source.compile(Pattern, Pattern.escape, "a regular expression")
