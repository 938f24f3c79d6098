"""The dialect of Gemini's Interactions API: errors whose code is a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble
from prober.simulator.dialects.gemini import google_headers, google_key
from prober.simulator.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

__all__ = ["INTERACTIONS"]

_REFUSALS = {
    Trouble.NO_KEY: (401, "authentication", "The request has no API key."),
    Trouble.BAD_KEY: (401, "authentication", "The API key is not valid."),
    Trouble.INVALID: (400, "invalid_request", "{}"),
    Trouble.NO_MODEL: (400, "invalid_request", "Either 'model' or 'agent' must be provided."),
    Trouble.UNKNOWN_MODEL: (404, "model_not_found", "The model '{}' does not exist."),
    Trouble.UNFIT_MODEL: (400, "invalid_request", "The model '{}' does not support interactions."),
    Trouble.NOT_FOUND: (404, "not_found", "{} does not exist."),
    Trouble.TOO_LARGE: (413, "invalid_request", "The request is too large."),
    Trouble.TOO_MANY: (429, "rate_limit_exceeded", "Too many requests per minute. Please retry in {}s."),
    Trouble.UNKNOWN_URL: (404, "not_found", "Not found."),
    Trouble.WRONG_METHOD: (405, "invalid_request", "Method not allowed."),
}


class _Interactions(Dialect):
    name = "interactions"

    def key(self, request: web.Request) -> str | None:
        """As for the rest of Gemini."""
        return google_key(request)

    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """A code and a message."""
        status, code, message = _REFUSALS[trouble]
        return Refusal(status, {"error": {"code": code, "message": message.format(about)}})

    def headers(self, told: Told) -> Mapping[str, str]:
        """As for the rest of Gemini."""
        return google_headers(told)


INTERACTIONS = _Interactions()
"""The Interactions API's dialect."""
