"""Errors of the OpenAI API: chat completions, responses, images, videos, agent sessions."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["OPENAI"]

_RATE_LIMIT = Rule(ErrorClass.RATE_LIMITED, "rate_limit")
_BILLING = Rule(ErrorClass.QUOTA_EXHAUSTED, "billing")
_SPEND_LIMIT = Rule(ErrorClass.QUOTA_EXHAUSTED, "spend_limit")
_USAGE_LIMIT = Rule(ErrorClass.QUOTA_EXHAUSTED, "usage_limit")
_FILTERED = Rule(ErrorClass.CONTENT_FILTERED, "prompt")
_CAPACITY = Rule(ErrorClass.OVERLOADED, "capacity")
_REGION = Rule(ErrorClass.ACCESS_DENIED, "region")
_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_INVALID_KEY = Rule(ErrorClass.AUTH_REJECTED, "invalid_key")
_IP = Rule(ErrorClass.ACCESS_DENIED, "ip")
_PARAMETER = Rule(ErrorClass.REQUEST_REJECTED, "parameter")
_TIMEOUT = Rule(ErrorClass.SERVER_ERROR, "service_timeout")

_CODES = {
    "rate_limit_exceeded": _RATE_LIMIT,
    "slow_down": Rule(ErrorClass.RATE_LIMITED, "ramp"),
    # Money. `type` may stay insufficient_quota while `code` says which purse it is.
    "insufficient_quota": _BILLING,
    "credit_balance_exhausted": _BILLING,
    "billing_hard_limit_reached": _BILLING,
    "billing_not_active": _BILLING,
    "organization_spend_limit_exceeded": _SPEND_LIMIT,
    "project_spend_limit_exceeded": _SPEND_LIMIT,
    "session_budget_exceeded": _SPEND_LIMIT,
    "organization_usage_limit_exceeded": _USAGE_LIMIT,
    "usage_limit_exceeded": _USAGE_LIMIT,
    # Filters.
    "content_policy_violation": _FILTERED,
    "image_content_policy_violation": _FILTERED,
    "moderation_blocked": _FILTERED,
    "cyber_policy": _FILTERED,
    "bio_policy": _FILTERED,
    "misalignment_policy_violation": _FILTERED,
    # Who we are, and where.
    "invalid_api_key": _INVALID_KEY,
    "unsupported_country_region_territory": _REGION,
    "model_not_found": _MODEL,
    "model_decommissioned": _MODEL,  # Groq
    "max_output_tokens": Rule(ErrorClass.OUTPUT_TRUNCATED, "length"),
    # Their trouble.
    "server_is_overloaded": _CAPACITY,
    "server_overloaded": _CAPACITY,
    "flex_unavailable": _CAPACITY,
    "connection_failed": Rule(ErrorClass.UPSTREAM_ERROR, "provider"),
    "request_timeout": _TIMEOUT,
    "vector_store_timeout": _TIMEOUT,
}

_TEXTS = (
    text(
        r"max_tokens or model output limit was reached", Rule(ErrorClass.OUTPUT_TRUNCATED, "output_limit"), 400
    ),  # GPT-5.x refuses a budget that its reasoning alone uses up
    text(r"rejected as a result of (our|the) safety system", _FILTERED, 400),
    text(r"violating our usage policy", _FILTERED, 400),
    text(r"\bIP\b.{0,40}\bnot authorized\b", _IP, 401, 403),
    text(r"^your request IP does not match\b", _IP, 401, 403),
    text(r"^incorrect API key provided", _INVALID_KEY, 400, 401),  # xAI says so with status 400, and in no code
    text(r"country, region,? or territory", _REGION, 403),
    text(r"(model|engine|server)s? (is|are) (currently )?overloaded", _CAPACITY, 429, 500, 503, 529),
    text(r"^you exceeded your current quota", _BILLING, 429),
    text(r"^(rate limit reached|request too large)", _RATE_LIMIT, 429),
)

_TYPES: dict[str, Rule | int] = {
    "invalid_request_error": 400,
    "invalid_request": 400,
    "image_generation_user_error": 400,
    "authentication_error": 401,
    "request_forbidden": 403,
    "resource_not_found": 404,
    "rate_limit_error": 429,
    "requests": 429,
    "tokens": 429,
    "server_error": 500,
    "internal_error": 500,
    "sandbox_error": 500,
    "service_unavailable_error": 503,
    # Which part of the request was refused; the message may still say something graver.
    **dict.fromkeys(
        (
            "active_turn_not_steerable",
            "array_above_max_length",
            "context_length_exceeded",
            "data_residency_mismatch",
            "decimal_above_max_value",
            "decimal_below_min_value",
            "empty_image_file",
            "executor_version_incompatible",
            "failed_to_download_image",
            "image_file_not_found",
            "image_file_too_large",
            "image_parse_error",
            "image_too_large",
            "image_too_small",
            "integer_above_max_value",
            "integer_below_min_value",
            "invalid_base64_image",
            "invalid_image",
            "invalid_image_format",
            "invalid_image_mode",
            "invalid_image_url",
            "invalid_prompt",
            "invalid_type",
            "invalid_value",
            "missing_required_parameter",
            "string_above_max_length",
            "unknown_parameter",
            "unsupported_image_media_type",
            "unsupported_parameter",
            "unsupported_value",
        ),
        _PARAMETER,
    ),
}

OPENAI = Table(codes={Scope.CODE: _CODES}, texts=_TEXTS, types={Scope.CODE: _TYPES})
