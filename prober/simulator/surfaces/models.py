"""The list of models: ``/v1/models``, which OpenAI, Anthropic and Google have at the same path, and ``/v1beta``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json
from prober.simulator.dialects import ANTHROPIC, GEMINI, Dialect, Trouble
from prober.simulator.dialects.openai import OpenAi
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route
from prober.simulator.protocols.model_lists import described, listed

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]


class _ByHeader(OpenAi):
    """OpenAI's dialect unless the request has Anthropic's or Google's header."""

    def of(self, request: web.Request) -> Dialect:
        """Whose client it is."""
        if "anthropic-version" in request.headers:
            return ANTHROPIC
        return GEMINI if "x-goog-api-key" in request.headers else self


async def _list(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    return api_json(exchange, account, listed(exchange.dialect, exchange.company))


async def _one(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    name = exchange.request.match_info["id"]
    model = exchange.company.models.get(name)
    if model is None and exchange.dialect in {ANTHROPIC, GEMINI}:
        raise exchange.dialect.refusal(Trouble.UNKNOWN_MODEL, name)
    if model is None:
        message = f"The model '{name}' does not exist"
        raise ApiError(404, message, param="model", code="model_not_found")
    return api_json(exchange, account, described(exchange.dialect, exchange.company, model))


_BY_HEADER = _ByHeader()
ROUTES = tuple(
    Route(method="GET", path=place + path, surfaces=("models",), handler=handler, dialect=dialect)
    for place, dialect in (("/v1/models", _BY_HEADER), ("/v1beta/models", GEMINI))
    for path, handler in (("", _list), ("/{id:[^:/]+}", _one))
)
