"""OpenAI's dialect: bearer keys, ``error`` with message, type, param and code, allowances as durations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble
from prober.simulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.company import Allowance

__all__ = ["OPENAI", "OpenAi", "allowance_headers"]


class OpenAi(Dialect):
    """What api.openai.com speaks, and most that is compatible with it."""

    name = "openai"

    def refusal(self, trouble: Trouble, about: str = "") -> ApiError:
        """OpenAI's words."""
        match trouble:
            case Trouble.NO_KEY:
                message = "You didn't provide an API key. Provide it in an Authorization header: Bearer YOUR_KEY."
                refusal = ApiError(401, message)
            case Trouble.BAD_KEY:
                shown = about[:8] + "*" * max(0, len(about) - 12) + about[-4:]
                refusal = ApiError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")
            case Trouble.NO_MODEL:
                refusal = ApiError(400, "you must provide a model parameter")
            case Trouble.UNKNOWN_MODEL:
                message = f"The model `{about}` does not exist or you do not have access to it."
                refusal = ApiError(404, message, code="model_not_found")
            case Trouble.UNFIT_MODEL:
                message = f"The model `{about}` cannot be used here."
                refusal = ApiError(400, message, param="model", code="unsupported_model")
            case Trouble.TOO_MANY:
                message = f"Rate limit reached for requests per min (RPM). Please try again in {about}s."
                refusal = ApiError(429, message, kind="requests", code="rate_limit_exceeded")
            case _:
                refusal = ApiError(_STATUSES.get(trouble, 400), _SENTENCES.get(trouble, "{}").format(about))
        return refusal

    def labels(self, request_id: str) -> Mapping[str, str]:
        """OpenAI's header of the request id."""
        return {"x-request-id": request_id}

    def headers(self, told: Told) -> Mapping[str, str]:
        """The request id, how long it took, and the allowance."""
        return {
            **self.labels(told.id),
            "openai-organization": told.organization,
            "openai-processing-ms": str(round(told.elapsed_seconds * 1000)),
            "openai-version": "2020-10-01",
            **allowance_headers(told.allowance),
        }


_STATUSES = {
    Trouble.NOT_FOUND: 404,
    Trouble.TOO_LARGE: 413,
    Trouble.UNKNOWN_URL: 404,
    Trouble.WRONG_METHOD: 405,
}
_SENTENCES = {
    Trouble.NOT_FOUND: "{} not found.",
    Trouble.TOO_LARGE: "Maximum request body size exceeded",
    Trouble.UNKNOWN_URL: "Invalid URL ({})",
    Trouble.WRONG_METHOD: "Not allowed ({})",
}


def allowance_headers(allowance: Allowance) -> dict[str, str]:
    """The ``x-ratelimit-*`` headers; a reset is the time until the allowance is whole again."""
    return {
        "x-ratelimit-limit-requests": str(allowance.requests_limit),
        "x-ratelimit-limit-tokens": str(allowance.tokens_limit),
        "x-ratelimit-remaining-requests": str(allowance.requests_left),
        "x-ratelimit-remaining-tokens": str(allowance.tokens_left),
        "x-ratelimit-reset-requests": _go_duration(round(allowance.requests_reset_seconds * 1000)),
        "x-ratelimit-reset-tokens": _go_duration(round(allowance.tokens_reset_seconds * 1000)),
    }


def _go_duration(milliseconds: int) -> str:
    """A duration as OpenAI's headers spell it: ``12ms``, ``1.5s``, ``6m0s``."""
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}m{rest / 1000:g}s" if minutes else f"{rest / 1000:g}s"


OPENAI = OpenAi()
"""OpenAI's dialect."""
