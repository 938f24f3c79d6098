"""Anthropic's Messages: ``POST /v1/messages`` and ``/v1/messages/count_tokens``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model
from prober.simulator.converse import converse
from prober.simulator.dialects import ANTHROPIC, Trouble
from prober.simulator.exchange import Route
from prober.simulator.protocols.anthropic_request import VERSIONS, read, turns

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]


def _version(exchange: Exchange) -> str:
    version = exchange.request.headers.get("anthropic-version")
    if version is None:
        raise ANTHROPIC.refusal(Trouble.INVALID, "anthropic-version: header is required")
    if version not in VERSIONS:
        raise ANTHROPIC.refusal(Trouble.INVALID, f'anthropic-version: "{version}" is not a valid version')
    return version


async def _create(exchange: Exchange) -> web.StreamResponse:
    account = exchange.customer()
    version = _version(exchange)
    body = await exchange.json_object()
    model = find_model(exchange, body.get("model"), "chat")
    return await converse(exchange, account, read(body, model, version))


async def _count(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    _version(exchange)
    body = await exchange.json_object()
    find_model(exchange, body.get("model"), "chat")
    return api_json(exchange, account, {"input_tokens": turns(body).tokens})


_CHAT = ("chat",)
_COUNT = "/v1/messages/count_tokens"
ROUTES = (
    Route(method="POST", path="/v1/messages", surfaces=_CHAT, handler=_create, dialect=ANTHROPIC),
    Route(method="POST", path=_COUNT, surfaces=("models",), handler=_count, dialect=ANTHROPIC),
)
