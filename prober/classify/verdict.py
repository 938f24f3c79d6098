"""What evidence comes to: an error class, a detail, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from prober.model.errors import ErrorClass, ProbeFailure

__all__ = ["Redact", "Rule", "Verdict", "printable", "unredacted"]


_SEEN = 4096  # characters of a foreign text that are looked at, at all

Redact = Callable[[str], str]
"""Takes the secrets out of a text. It must see the whole text: half a secret cannot be told from other words."""


def unredacted(text: str) -> str:
    """The text as it is, for evidence that holds no secrets."""
    return text


class Rule(NamedTuple):
    """What a row of a table says: the class and the detail."""

    error_class: ErrorClass
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why an answer is a failure. ``unmapped`` is the provider's code when no table knows it, for log and counter."""

    error_class: ErrorClass
    detail: str
    message: str
    unmapped: str | None = None

    def failure(self, *, phase: str | None = None) -> ProbeFailure:
        """The exception that a probe raises for this verdict."""
        return ProbeFailure(self.error_class, self.message, detail=self.detail, phase=phase)


def printable(text: str, limit: int = 120, *, redact: Redact = unredacted) -> str:
    """The text on one line, at most ``limit`` characters of it, with whatever is not printable escaped."""
    words = " ".join(redact(text[:_SEEN])[: 4 * limit].split())
    safe = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"
