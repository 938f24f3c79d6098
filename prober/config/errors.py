"""Mistakes in probes.yaml: where each is, what is wrong, and what was probably meant."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "ConfigErrors", "Trail", "path_text", "shown", "suggestion", "unknown"]

Trail = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and list indices."""

_SHOWN_LENGTH = 40
_MANY_OPTIONS = 16
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigError:
    """One mistake. Line and column count from 1; ``path`` is empty for the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        subject = f"{self.path}: {self.message}" if self.path else self.message
        return f"{self.file}:{self.line}:{self.column}: {subject}"


class ConfigErrors(Exception):
    """All mistakes of a configuration, in the order of files and lines; its text has one line for each."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))


def path_text(trail: Trail) -> str:
    """The trail as people write it: ``probes[2].slow.total``."""
    parts: list[str] = []
    for part in trail:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        elif _PLAIN_KEY.fullmatch(part):
            parts.append(f".{part}")
        else:
            parts.append(f"[{shown(part)}]")
    return "".join(parts).removeprefix(".")


def shown(text: str) -> str:
    """A text of the user's in quotes, on one line and not long."""
    short = text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def suggestion(word: str, options: Iterable[str]) -> str | None:
    """The option that was probably meant, or None."""
    by_folded = {_folded(option): option for option in options}
    close = difflib.get_close_matches(_folded(word)[:100], by_folded, n=1)
    return by_folded[close[0]] if close else None


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_")


def unknown(what: str, word: str, options: Iterable[str]) -> str:
    """What to say of a word that is none of the options: the one probably meant, else all of them if they are few."""
    known = list(options)
    meant = suggestion(word, known)
    if meant is not None:
        return f"{what}, did you mean {meant}?"
    if 1 < len(known) <= _MANY_OPTIONS:
        return f"{what}, expected one of {', '.join(known)}"
    return f"{what}, expected {known[0]}" if len(known) == 1 else what
