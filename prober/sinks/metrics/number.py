"""Measures as numbers that a metric can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Measure

__all__ = ["number_in"]

_LARGEST = 2.0**53  # up to here a float counts in ones


def number_in(measures: Mapping[str, Measure], name: str) -> float | None:
    """A measure that counts: what a server sent may be a text, negative, infinite or beyond any use."""
    value = measures.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return float(value)
    return None
