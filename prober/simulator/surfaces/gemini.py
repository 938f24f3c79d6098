"""Gemini: ``/v1beta/models`` and what is asked of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model
from prober.simulator.converse import converse
from prober.simulator.dialects import GEMINI, Trouble
from prober.simulator.exchange import Route
from prober.simulator.protocols.gemini import token_details
from prober.simulator.protocols.gemini_request import read, turns

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account, Model

__all__ = ["ROUTES"]


async def _generate(exchange: Exchange) -> web.StreamResponse:
    account, model, body = await _asked(exchange)
    return await converse(exchange, account, read(body, model, streamed=False, events=False))


async def _stream(exchange: Exchange) -> web.StreamResponse:
    account, model, body = await _asked(exchange)
    events = exchange.request.query.get("alt") == "sse"
    return await converse(exchange, account, read(body, model, streamed=True, events=events))


async def _count(exchange: Exchange) -> web.Response:
    account, _, body = await _asked(exchange)
    inner = body.get("generateContentRequest", body)
    tokens = turns(inner if isinstance(inner, dict) else {}).tokens
    return api_json(exchange, account, {"totalTokens": tokens, "promptTokensDetails": token_details(tokens)})


async def _asked(exchange: Exchange) -> tuple[Account, Model, dict[str, object]]:
    account = exchange.customer()
    model = find_model(exchange, exchange.request.match_info["id"], "chat")
    return account, model, await exchange.json_object()


async def _list(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    models = exchange.company.provider.models
    return api_json(exchange, account, {"models": [_described(model) for model in models if model.kind == "chat"]})


async def _one(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    id_ = exchange.request.match_info["id"]
    model = exchange.company.models.get(id_)
    if model is None:
        raise GEMINI.refusal(Trouble.UNKNOWN_MODEL, id_)
    return api_json(exchange, account, _described(model))


def _described(model: Model) -> dict[str, object]:
    return {
        "name": f"models/{model.id}",
        "displayName": model.id.replace("-", " ").title(),
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": model.reasoning,
    }


_MODEL = "/v1beta/models/{id:[^:/]+}"
_CHAT, _MODELS = ("chat",), ("models",)
ROUTES = (
    Route(method="GET", path="/v1beta/models", surfaces=_MODELS, handler=_list, dialect=GEMINI),
    Route(method="POST", path=f"{_MODEL}:generateContent", surfaces=_CHAT, handler=_generate, dialect=GEMINI),
    Route(method="POST", path=f"{_MODEL}:streamGenerateContent", surfaces=_CHAT, handler=_stream, dialect=GEMINI),
    Route(method="POST", path=f"{_MODEL}:countTokens", surfaces=_MODELS, handler=_count, dialect=GEMINI),
    Route(method="GET", path=_MODEL, surfaces=_MODELS, handler=_one, dialect=GEMINI),
)
