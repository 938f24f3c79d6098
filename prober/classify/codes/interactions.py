"""Errors of Gemini's Interactions API, whose codes are words."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["INTERACTIONS"]

_PARAMETER = Rule(ErrorClass.REQUEST_REJECTED, "parameter")

INTERACTIONS = Table(
    codes={
        Scope.CODE: {
            "parameter_unknown": _PARAMETER,
            "out_of_range": _PARAMETER,
            "failed_precondition": Rule(ErrorClass.QUOTA_EXHAUSTED, "billing"),
            "authentication": Rule(ErrorClass.AUTH_REJECTED, "invalid_key"),
            "payment_required": Rule(ErrorClass.QUOTA_EXHAUSTED, "billing"),
            "permission_denied": Rule(ErrorClass.ACCESS_DENIED, "permission"),
            "model_not_found": Rule(ErrorClass.MODEL_MISSING, "model"),
            "rate_limit_exceeded": Rule(ErrorClass.RATE_LIMITED, "rate_limit"),
            "quota_exceeded": Rule(ErrorClass.QUOTA_EXHAUSTED, "daily_quota"),
            "service_unavailable": Rule(ErrorClass.OVERLOADED, "capacity"),
        }
    },
    types={
        Scope.CODE: {
            "invalid_request": Rule(ErrorClass.REQUEST_REJECTED, "invalid_request"),
            # The interaction itself is gone, and it was theirs to keep.
            "not_found": Rule(ErrorClass.UNEXPECTED_RESPONSE, "not_found"),
        }
    },
)
