"""Placeholders in a text, written ``{{name}}``, and what is put in their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fill", "is_name", "variables"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_PLACEHOLDER = re.compile(r"\{\{[ \t]*(" + _NAME.pattern + r")[ \t]*\}\}")


def is_name(text: str) -> bool:
    """Whether a placeholder can name this: letters, digits, ``_`` and ``-``, with dots between the parts."""
    return _NAME.fullmatch(text) is not None


def variables(text: str) -> tuple[str, ...]:
    """The names of the placeholders, each once, in the order in which they first stand.

    Braces around anything that is no name are ordinary text: a page may well show ``{{ 1 + 1 }}``.
    """
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text))) if "{{" in text else ()


def fill(text: str, lookup: Callable[[str], str]) -> str:
    """The text with each placeholder replaced by ``lookup(name)``; what was put in is not looked at again."""
    if "{{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: lookup(found[1]), text)
