"""Errors of Gemini's generateContent and of Veo: RPC statuses, reasons, quotas."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["GEMINI"]

_INVALID_KEY = Rule(ErrorClass.AUTH_REJECTED, "invalid_key")
_PERMISSION = Rule(ErrorClass.ACCESS_DENIED, "permission")
_REGION = Rule(ErrorClass.ACCESS_DENIED, "region")
_BILLING_OFF = Rule(ErrorClass.ACCESS_DENIED, "billing")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")

_REASONS = {
    "api_key_invalid": _INVALID_KEY,  # with status 400, not 401
    "access_token_expired": _INVALID_KEY,
    "credentials_missing": _INVALID_KEY,
    "api_key_ip_address_blocked": Rule(ErrorClass.ACCESS_DENIED, "ip"),
    "api_key_service_blocked": _PERMISSION,
    "api_key_http_referrer_blocked": _PERMISSION,
    "api_key_android_app_blocked": _PERMISSION,
    "api_key_ios_app_blocked": _PERMISSION,
    "access_token_scope_insufficient": _PERMISSION,
    "service_disabled": _PERMISSION,
    "billing_disabled": _BILLING_OFF,
    "consumer_suspended": Rule(ErrorClass.ACCESS_DENIED, "on_hold"),
}

_TEXTS = (
    text(r"^API key (not valid|expired)", _INVALID_KEY, 400),
    text(r"location is not supported|not available in your country", _REGION, 400),
    text(r"\blimit: 0\b", Rule(ErrorClass.QUOTA_EXHAUSTED, "usage_limit"), 429),
    text(
        r"prepay\w* (credit|balance)\w* (is|are|has been) (depleted|exhausted)",
        Rule(ErrorClass.QUOTA_EXHAUSTED, "billing"),
        429,
    ),
    text(r"service is temporarily out of capacity", _CAPACITY, 429),
    # Said of a minute's limit as well as of a day's, and a day's is known by its quota: OpenAI means money by it.
    text(r"^you exceeded your current quota", Rule(ErrorClass.RATE_LIMITED, "rate_limit"), 429),
)

GEMINI = Table(
    codes={Scope.REASON: _REASONS, Scope.QUOTA: {"per_day": Rule(ErrorClass.QUOTA_EXHAUSTED, "daily_quota")}},
    texts=_TEXTS,
    types={
        Scope.REASON: {"rate_limit_exceeded": 429, "resource_quota_exceeded": 429},
        Scope.QUOTA: {"per_minute": 429},
        Scope.RPC: {
            "invalid_argument": 400,
            "failed_precondition": _BILLING_OFF,
            "out_of_range": 416,
            "unauthenticated": 401,
            "permission_denied": _PERMISSION,
            "not_found": 404,
            "already_exists": 409,
            "aborted": 409,
            "resource_exhausted": 429,
            "cancelled": Rule(ErrorClass.SERVER_ERROR, "cancelled"),
            "unknown": 500,
            "internal": 500,
            "data_loss": 500,
            "unimplemented": 501,
            "unavailable": _CAPACITY,
            "deadline_exceeded": Rule(ErrorClass.SERVER_ERROR, "service_timeout"),
        },
    },
)
