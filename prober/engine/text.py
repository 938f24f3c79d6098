"""What a text of a run must be before anybody reads it: without secrets, printable, short."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prober.model.secret import Redactor

if TYPE_CHECKING:
    from prober.model.run import Measure

__all__ = ["LONGEST", "RunRedactor", "clean", "clean_measure", "clean_optional", "duration"]

LONGEST = 200
"""Characters of a text."""

_LOOKED_AT = 65_536


class RunRedactor(Redactor):
    """Knows the configured secrets, and those that one run extracted; the latter are forgotten with the run."""

    __slots__ = ("_configured",)

    def __init__(self, configured: Redactor) -> None:
        super().__init__()
        self._configured = configured

    def __call__(self, text: str) -> str:
        """The text without either."""
        return self._configured(super().__call__(text))


def clean(text: str, redactor: Redactor) -> str:
    """The text redacted, on one line, printable, and cut to 200 characters."""
    redacted = redactor(text[:_LOOKED_AT])
    shown = " ".join("".join(char if char.isprintable() else " " for char in redacted).split())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def clean_optional(text: str | None, redactor: Redactor) -> str | None:
    """The same for a text that may be absent."""
    return None if text is None else clean(text, redactor)


def clean_measure(value: Measure, redactor: Redactor) -> Measure:
    """A measure that JSON and metrics can carry: texts cleaned, and no number that is not one."""
    match value:
        case str():
            return clean(value, redactor)
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def duration(seconds: float) -> str:
    """A length of time for people: ``12 ms``, ``3.21 s``, ``4 min 05 s``."""
    if seconds < 0.00995:
        return f"{seconds * 1000:.2g} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02d} s"
