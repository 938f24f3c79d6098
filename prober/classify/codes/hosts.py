"""Errors of hosts that speak OpenAI's language, in words of their own: Mistral, xAI, Groq, Fireworks, Perplexity."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["HOSTS"]

_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")
_BILLING = Rule(ErrorClass.QUOTA_EXHAUSTED, "billing")

HOSTS = Table(
    codes={
        Scope.CODE: {
            "invalid_model": _MODEL,  # Mistral and Perplexity, with status 400
            "service_tier_capacity_exceeded": _CAPACITY,  # Mistral, with status 429
            "capacity_exceeded": _CAPACITY,  # Groq, with a status of its own, 498
        }
    },
    texts=(
        text(r"has either used all available credits or reached its monthly spending limit", _BILLING, 403, 429),  # xAI
        text(r"^you have run out of credits\b", _BILLING, 403, 429),  # xAI
        text(r"^account .{1,100} is suspended, possibly due to reaching", _BILLING, 403, 412, 429),  # Fireworks
    ),
)
