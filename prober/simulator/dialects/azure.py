"""Azure OpenAI's dialect: the ``api-key`` header, deployments in place of models, the gateway's own refusals."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from prober.simulator.dialects.dialect import Dialect, Told, Trouble, bearer
from prober.simulator.dialects.openai import OPENAI, allowance_headers
from prober.simulator.errors import ERRORS, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

__all__ = ["AZURE"]

_AS_NAMED = {
    Trouble.NO_KEY: "azure.bad_key",
    Trouble.BAD_KEY: "azure.bad_key",
    Trouble.UNKNOWN_MODEL: "azure.deployment_not_found",
    Trouble.UNKNOWN_URL: "azure.not_found",
    Trouble.NOT_FOUND: "azure.not_found",
}


class _Azure(Dialect):
    name = "azure"

    def key(self, request: web.Request) -> str | None:
        """The ``api-key`` header, or an Entra token, which is a bearer."""
        return request.headers.get("api-key") or bearer(request)

    def refusal(self, trouble: Trouble, about: str = "") -> Refusal:
        """The gateway's words about keys, paths and deployments; OpenAI's about the rest."""
        if trouble in _AS_NAMED:
            named = ERRORS[_AS_NAMED[trouble]]
            return Refusal(named.status, named.json)
        if trouble is Trouble.TOO_MANY:
            message = f"Rate limit is exceeded. Try again in {about} seconds."
            return Refusal(429, {"error": {"code": "429", "message": message}})
        return OPENAI.refusal(trouble, about)

    def labels(self, request_id: str) -> Mapping[str, str]:
        """The gateway's id, a UUID, and the one of what is behind it."""
        return {"apim-request-id": str(uuid.UUID(request_id[-32:])), "x-request-id": request_id}

    def headers(self, told: Told) -> Mapping[str, str]:
        """Ids, the region, and the allowance."""
        return {**self.labels(told.id), "x-ms-region": "Nowhere", **allowance_headers(told.allowance)}


AZURE = _Azure()
"""Azure OpenAI's dialect."""
