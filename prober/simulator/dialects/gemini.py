"""Gemini's dialect: ``x-goog-api-key``, errors with a number and a status, a bad key that is a 400."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble
from prober.simulator.errors import ERRORS, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

__all__ = ["GEMINI", "google_headers", "google_key"]

_REFUSALS = {
    Trouble.NO_KEY: (
        403,
        "PERMISSION_DENIED",
        (
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form of API consumer identity to call this API."
        ),
    ),
    Trouble.INVALID: (400, "INVALID_ARGUMENT", "{}"),
    Trouble.NO_MODEL: (400, "INVALID_ARGUMENT", "model is required"),
    Trouble.UNKNOWN_MODEL: (404, "NOT_FOUND", "models/{} is not found for API version v1beta."),
    Trouble.UNFIT_MODEL: (404, "NOT_FOUND", "models/{} is not supported for this method."),
    Trouble.NOT_FOUND: (404, "NOT_FOUND", "{} is not found."),
    Trouble.TOO_LARGE: (413, "INVALID_ARGUMENT", "Request payload size exceeds the limit."),
    Trouble.TOO_MANY: (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota. Please retry in {}s."),
    Trouble.UNKNOWN_URL: (404, "NOT_FOUND", "Requested entity was not found."),
    Trouble.WRONG_METHOD: (405, "UNIMPLEMENTED", "Method not allowed."),
}
_RPC = "type.googleapis.com/google.rpc"


class _Gemini(Dialect):
    name = "gemini"

    def key(self, request: web.Request) -> str | None:
        """The header, or ``?key=``."""
        return google_key(request)

    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """An error object with a number and a status; a rate limit says which, and when to come again."""
        if trouble is Trouble.BAD_KEY:
            bad_key = ERRORS["gemini.bad_key"]
            return Refusal(bad_key.status, bad_key.json)
        status, name, message = _REFUSALS[trouble]
        error: dict[str, object] = {"code": status, "message": message.format(about), "status": name}
        if trouble is Trouble.TOO_MANY:
            violation = {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}
            error["details"] = [
                {"@type": f"{_RPC}.QuotaFailure", "violations": [violation]},
                {"@type": f"{_RPC}.RetryInfo", "retryDelay": f"{about}s"},
            ]
        return Refusal(status, {"error": error})

    def headers(self, told: Told) -> Mapping[str, str]:
        """How long it took."""
        return google_headers(told)


def google_key(request: web.Request) -> str | None:
    """The key in the header, or else in the query."""
    return request.headers.get("x-goog-api-key") or request.query.get("key")


def google_headers(told: Told) -> dict[str, str]:
    """What Google's front end adds; it tells neither a request id nor an allowance."""
    return {"server-timing": f"gfet4t7; dur={round(told.elapsed_seconds * 1000)}", "vary": "Origin"}


GEMINI = _Gemini()
"""Gemini's dialect."""
