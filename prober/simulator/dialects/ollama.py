"""Ollama's own dialect: no key needed, an error is a sentence, and answers have no headers to speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble
from prober.simulator.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OLLAMA"]

_REFUSALS = {
    Trouble.BAD_KEY: (401, "unauthorized"),
    Trouble.INVALID: (400, "{}"),
    Trouble.NO_MODEL: (400, "model is required"),
    Trouble.UNKNOWN_MODEL: (404, 'model "{}" not found, try pulling it first'),
    Trouble.UNFIT_MODEL: (400, '"{}" does not support chat'),
    Trouble.TOO_LARGE: (413, "http: request body too large"),
    Trouble.TOO_MANY: (429, "too many requests, please try again in {}s"),
}


class _Ollama(Dialect):
    name = "ollama"
    needs_key = False

    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """A sentence."""
        status, message = _REFUSALS.get(trouble, (404, "not found"))
        return Refusal(status, {"error": message.format(about)})

    def headers(self, told: Told) -> Mapping[str, str]:
        """None."""
        del told
        return {}


OLLAMA = _Ollama()
"""Ollama's own dialect."""
