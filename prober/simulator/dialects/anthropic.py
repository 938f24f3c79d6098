"""Anthropic's dialect: ``x-api-key``, typed errors that carry the request's id, resets as points in time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble, bearer
from prober.simulator.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

__all__ = ["ANTHROPIC"]

_INVALID = "invalid_request_error"
_REFUSALS = {
    Trouble.NO_KEY: (401, "authentication_error", "x-api-key header is required"),
    Trouble.BAD_KEY: (401, "authentication_error", "invalid x-api-key"),
    Trouble.INVALID: (400, _INVALID, "{}"),
    Trouble.NO_MODEL: (400, _INVALID, "model: Field required"),
    Trouble.UNKNOWN_MODEL: (404, "not_found_error", "model: {}"),
    Trouble.UNFIT_MODEL: (400, _INVALID, "model: {} cannot be used here"),
    Trouble.NOT_FOUND: (404, "not_found_error", "{}"),
    Trouble.TOO_LARGE: (413, "request_too_large", "Request exceeds the maximum allowed number of bytes."),
    Trouble.TOO_MANY: (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    Trouble.UNKNOWN_URL: (404, "not_found_error", "Not found"),
    Trouble.WRONG_METHOD: (405, _INVALID, "Method Not Allowed"),
}


class _Anthropic(Dialect):
    name = "anthropic"

    def key(self, request: web.Request) -> str | None:
        """The ``x-api-key`` header, or a bearer as the newer SDKs send it."""
        return request.headers.get("x-api-key") or bearer(request)

    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """An error object with a type; the id is filled in when it is answered."""
        status, kind, message = _REFUSALS[trouble]
        error = {"type": kind, "message": message.format(about)}
        return Refusal(status, {"type": "error", "error": error, "request_id": ""})

    def labels(self, request_id: str) -> Mapping[str, str]:
        """Anthropic's header of the request id."""
        return {"request-id": request_id}

    def headers(self, told: Told) -> Mapping[str, str]:
        """The request id, and the allowance: of requests, of tokens, and of those that go in and out."""
        allowance = told.allowance
        found = {
            **self.labels(told.id),
            "anthropic-organization-id": told.organization,
            "anthropic-ratelimit-requests-limit": str(allowance.requests_limit),
            "anthropic-ratelimit-requests-remaining": str(allowance.requests_left),
            "anthropic-ratelimit-requests-reset": _in(allowance.requests_reset_seconds),
        }
        for what in ("tokens", "input-tokens", "output-tokens"):
            found[f"anthropic-ratelimit-{what}-limit"] = str(allowance.tokens_limit)
            found[f"anthropic-ratelimit-{what}-remaining"] = str(allowance.tokens_left)
            found[f"anthropic-ratelimit-{what}-reset"] = _in(allowance.tokens_reset_seconds)
        return found


def _in(seconds: float) -> str:
    """The time so many seconds from now, as RFC 3339 spells it."""
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


ANTHROPIC = _Anthropic()
"""Anthropic's dialect."""
