"""Errors of hosts that speak OpenAI's language in words of their own: Mistral, xAI, Groq, Cerebras and more."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["HOSTS"]

_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")
_BILLING = Rule(ErrorClass.QUOTA_EXHAUSTED, "billing")
_MONTHLY = Rule(ErrorClass.QUOTA_EXHAUSTED, "usage_limit")
_DAILY = Rule(ErrorClass.QUOTA_EXHAUSTED, "daily_quota")

HOSTS = Table(
    codes={
        Scope.CODE: {
            "invalid_model": _MODEL,  # Mistral and Perplexity, with status 400
            "model_not_available": _MODEL,  # Together, with status 400
            "model_not_supported": _MODEL,  # Hugging Face and GitHub, with status 400
            "unknown_model": _MODEL,  # GitHub, with status 400
            "service_tier_capacity_exceeded": _CAPACITY,  # Mistral, with status 429
            "capacity_exceeded": _CAPACITY,  # Groq, with a status of its own, 498
            "over_capacity": _CAPACITY,  # Groq, inside a stream
            "queue_exceeded": _CAPACITY,  # Cerebras, with status 429: everybody's queue, not our quota
        }
    },
    types={
        Scope.CODE: {
            **dict.fromkeys(  # Cerebras, whose message says which limit it was
                ("too_many_requests_error", "request_quota_exceeded", "too_many_tokens_error", "token_quota_exceeded"),
                429,
            ),
            "wrong_api_key": 401,
        }
    },
    texts=(
        text(r"has either used all available credits or reached its monthly spending limit", _BILLING, 403, 429),  # xAI
        text(r"^you have run out of credits\b", _BILLING, 403, 429),  # xAI
        text(r"^your newly created teams? doesn't have any credits", _BILLING, 403, 429),  # xAI
        text(r"^model not (found|exist)\b", _MODEL, 400, 404),  # xAI and llama.cpp's router; DeepSeek
        text(r"^you are using a trial key, which is limited to \d+ API calls / month", _MONTHLY, 429),  # Cohere
        text(r"^(requests|tokens) per day limit exceeded", _DAILY, 429),  # Cerebras
        text(r"^account .{1,100} is suspended, possibly due to reaching", _BILLING, 403, 412, 429),  # Fireworks
    ),
)
