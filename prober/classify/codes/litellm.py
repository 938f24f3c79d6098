"""Errors of the LiteLLM proxy, which names the upstream that failed inside its texts."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["LITELLM"]

_INVALID_KEY = Rule(ErrorClass.AUTH_REJECTED, "invalid_key")
_PERMISSION = Rule(ErrorClass.ACCESS_DENIED, "permission")
_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_OWNERS = ("key", "team", "user", "customer", "org", "project", "agent")

_CODES = {
    "budget_exceeded": Rule(ErrorClass.QUOTA_EXHAUSTED, "spend_limit"),
    "expired_key": _INVALID_KEY,
    "token_not_found_in_db": _INVALID_KEY,
    "team_member_permission_error": _PERMISSION,
    **dict.fromkeys((f"{owner}_model_access_denied" for owner in _OWNERS), _PERMISSION),
    **dict.fromkeys((f"{owner}_vector_store_access_denied" for owner in _OWNERS), _PERMISSION),
    # All that it could have asked have failed lately: 429 is its own word for it.
    "all_deployments_in_cooldown": Rule(ErrorClass.UPSTREAM_ERROR, "provider"),
    "auth_provider_unavailable": Rule(ErrorClass.SERVER_ERROR, "unavailable"),
}

_TEXTS = (
    # A proxy without a database answers so to every key but its master key, with status 400.
    text(r"^no connected db", _INVALID_KEY, 400, 401),
    text(r"^no deployments available\b", Rule(ErrorClass.UPSTREAM_ERROR, "provider"), 429),
    text(r"invalid model name passed in", _MODEL, 400, 404),
    text(r"there (are no healthy deployments for this model|is no 'model_name' with this string)", _MODEL, 400, 404),
    text(r"^litellm\.\w+: .{0,80}\boverloaded", Rule(ErrorClass.OVERLOADED, "capacity"), 500, 503, 529),
    text(
        r"^litellm\.(InternalServerError|ServiceUnavailableError|BadGatewayError|API(Connection)?Error|Timeout)\b",
        Rule(ErrorClass.UPSTREAM_ERROR, "provider"),
        *(408, 500, 502, 503, 504),
    ),
)

LITELLM = Table(
    codes={Scope.CODE: _CODES},
    texts=_TEXTS,
    types={
        Scope.CODE: {
            "auth_error": 401,
            "bad_request_error": 400,
            "validation_error": 400,
            "not_found_error": 404,
            "throttling_error": 429,
            "internal_server_error": 500,
            "no_db_connection": Rule(ErrorClass.SERVER_ERROR, "unavailable"),
            "cache_ping_error": 500,
            "client_disconnect": 500,
            "model_cost_map_missing": 500,
        }
    },
)
