"""Reads the fields of a provider's JSON, where any of them may be missing or of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.providers.protocol import Document

__all__ = ["amount", "count", "inside", "objects", "text"]

_NOTHING: Document = {}
_MOST = 10**12  # tokens or dollars in one answer


def text(document: Document, key: str) -> str | None:
    """A text that is not empty, or None."""
    value = document.get(key)
    return value if isinstance(value, str) and value else None


def count(document: Document, key: str) -> int:
    """A number of tokens; anything that cannot be one counts as 0."""
    value = document.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST else 0


def amount(document: Document, key: str) -> float | None:
    """A sum of money, or None."""
    value = document.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _MOST:
        return None
    return float(value)


def inside(document: Document, key: str) -> Document:
    """The object under a key; an empty one if there is none."""
    value = document.get(key)
    return value if isinstance(value, Mapping) else _NOTHING


def objects(document: Document, key: str) -> list[Document]:
    """The objects of a list; none where the key is missing or null. Raises TypeError for anything else."""
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{key} is a list")
    return [item for item in value if isinstance(item, dict)]
