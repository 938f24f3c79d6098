"""Errors of Azure OpenAI, where they differ from OpenAI's."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["AZURE"]

_FILTERED = Rule(ErrorClass.CONTENT_FILTERED, "prompt")

AZURE = Table(
    codes={
        Scope.INNER: {"responsibleaipolicyviolation": _FILTERED},
        Scope.CODE: {
            "content_filter": _FILTERED,
            "responsibleaipolicyviolation": _FILTERED,
            "deploymentnotfound": Rule(ErrorClass.MODEL_MISSING, "model"),
            "permissiondenied": Rule(ErrorClass.ACCESS_DENIED, "permission"),
            "accessdenied": Rule(ErrorClass.ACCESS_DENIED, "permission"),
        },
    },
    texts=(
        text(r"\bsystem is (currently )?experiencing high demand", Rule(ErrorClass.OVERLOADED, "capacity"), 429, 503),
        text(
            r"^rate limit is exceeded|^requests to .{1,200}? have been limited",
            Rule(ErrorClass.RATE_LIMITED, "rate_limit"),
            429,
        ),
        text(r"^rate limit of \d+ per 86400s exceeded", Rule(ErrorClass.QUOTA_EXHAUSTED, "daily_quota"), 429),
        text(r"^access denied due to virtual network|network access", Rule(ErrorClass.ACCESS_DENIED, "ip"), 403),
        text(r"resource has been temporarily blocked", Rule(ErrorClass.ACCESS_DENIED, "on_hold"), 403),
    ),
    types={
        Scope.CODE: {"timeout": 408, "ratelimitreached": 429, "internalservererror": 500, "serviceunavailable": 503}
    },
)
