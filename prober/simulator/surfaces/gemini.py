"""Gemini: what is asked of one model, under ``/v1beta/models`` and ``/v1/models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model
from prober.simulator.converse import converse
from prober.simulator.dialects import GEMINI
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


ROUTES = tuple(
    Route(method="POST", path=f"/{version}/models/{{id}}:{what}", surfaces=surfaces, handler=handler, dialect=GEMINI)
    for version in ("v1beta", "v1")
    for what, surfaces, handler in (
        ("generateContent", ("chat",), _generate),
        ("streamGenerateContent", ("chat",), _stream),
        ("countTokens", ("models",), _count),
    )
)
