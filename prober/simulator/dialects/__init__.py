"""Which dialect a path that no route answers is refused in."""

from __future__ import annotations

from prober.simulator.dialects.anthropic import ANTHROPIC
from prober.simulator.dialects.azure import AZURE
from prober.simulator.dialects.dialect import Dialect, Told, Trouble, bearer
from prober.simulator.dialects.gemini import GEMINI
from prober.simulator.dialects.interactions import INTERACTIONS
from prober.simulator.dialects.ollama import OLLAMA
from prober.simulator.dialects.openai import OPENAI

__all__ = [
    "ANTHROPIC",
    "AZURE",
    "DIALECTS",
    "GEMINI",
    "INTERACTIONS",
    "OLLAMA",
    "OPENAI",
    "Dialect",
    "Told",
    "Trouble",
    "bearer",
    "dialect_of",
]

DIALECTS = {each.name: each for each in (OPENAI, AZURE, ANTHROPIC, GEMINI, INTERACTIONS, OLLAMA)}
"""Every dialect by its name, with which the names of its errors begin."""

_PLACES = {
    "/v1/messages": ANTHROPIC,
    "/v1/interactions": INTERACTIONS,
    "/v1/": OPENAI,
    "/openai/": AZURE,
    "/v1beta/interactions": INTERACTIONS,
    "/v1beta/": GEMINI,
    "/api/chat": OLLAMA,
    "/api/generate": OLLAMA,
    "/api/tags": OLLAMA,
}


def dialect_of(path: str) -> Dialect | None:
    """The dialect of the API that a path, whatever its company's prefix is, belongs to; None for a page."""
    return next((dialect for place, dialect in _PLACES.items() if place in path), None)
