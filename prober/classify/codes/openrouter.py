"""Errors of OpenRouter: error types, and why a model is not available."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["OPENROUTER"]

_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")
_PROVIDER = Rule(ErrorClass.UPSTREAM_ERROR, "provider")
_INTERNAL = Rule(ErrorClass.SERVER_ERROR, "internal")
_PARAMETER = Rule(ErrorClass.REQUEST_REJECTED, "parameter")
_FLAGGED = Rule(ErrorClass.CONTENT_FILTERED, "prompt")
_LENGTH = Rule(ErrorClass.OUTPUT_TRUNCATED, "length")

_ERROR_TYPES = {
    "authentication": Rule(ErrorClass.AUTH_REJECTED, "invalid_key"),
    "permission_denied": Rule(ErrorClass.ACCESS_DENIED, "permission"),
    "payment_required": Rule(ErrorClass.QUOTA_EXHAUSTED, "billing"),
    "rate_limit_exceeded": Rule(ErrorClass.RATE_LIMITED, "rate_limit"),
    "provider_overloaded": _CAPACITY,
    "provider_unavailable": _PROVIDER,
    "timeout": _PROVIDER,
    "server": _INTERNAL,
    "unmapped": _INTERNAL,
    "invalid_request": _PARAMETER,
    "invalid_prompt": _PARAMETER,
    "string_too_long": _PARAMETER,
    "payload_too_large": Rule(ErrorClass.REQUEST_REJECTED, "request_too_large"),
    "unprocessable": _PARAMETER,
    "precondition_failed": _PARAMETER,
    "context_length_exceeded": _LENGTH,
    "max_tokens_exceeded": _LENGTH,
    "token_limit_exceeded": _LENGTH,
    "not_found": _MODEL,
    "content_policy_violation": _FLAGGED,
    "refusal": Rule(ErrorClass.CONTENT_FILTERED, "refusal"),
}

_AVAILABILITY = {
    "model_not_found": _MODEL,
    "wrong_endpoint": _MODEL,
    "no_endpoints": _MODEL,
    "model_deprecated": _MODEL,
    "model_unavailable_upstream": _MODEL,
    "privacy_restricted": _MODEL,
    "constraint_filtered": _MODEL,
    "free_variant_ended": _MODEL,
    "capacity_exhausted": _CAPACITY,
    "temporarily_unavailable": _CAPACITY,
    "region_restricted": Rule(ErrorClass.ACCESS_DENIED, "region"),
}

OPENROUTER = Table(
    codes={Scope.ERROR_TYPE: _ERROR_TYPES, Scope.AVAILABILITY: _AVAILABILITY},
    texts=(
        text(r"^\S{1,100} is not a valid model ID", _MODEL, 400),
        text(r"^no endpoints found", _MODEL, 404),
        text(r"requires moderation on .{1,100}your input was flagged", _FLAGGED, 403),
        text(r"^key limit exceeded \(", Rule(ErrorClass.QUOTA_EXHAUSTED, "spend_limit"), 403),
        text(r"^rate limit exceeded: \S{1,40}-per-day", Rule(ErrorClass.QUOTA_EXHAUSTED, "daily_quota"), 429),
    ),
)
