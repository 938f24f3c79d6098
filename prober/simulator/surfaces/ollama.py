"""Ollama's own API: ``/api/chat``, ``/api/generate``, and what is installed."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model
from prober.simulator.converse import converse
from prober.simulator.dialects import OLLAMA
from prober.simulator.exchange import Route
from prober.simulator.protocols.ollama_request import read_chat, read_generate

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account, Model

__all__ = ["ROUTES"]

_UNRELEASED = "0.0.0"
"""The version of a build that is no release."""


async def _chat(exchange: Exchange) -> web.StreamResponse:
    account, model, body = await _asked(exchange)
    return await converse(exchange, account, read_chat(body, model))


async def _generate(exchange: Exchange) -> web.StreamResponse:
    account, model, body = await _asked(exchange)
    return await converse(exchange, account, read_generate(body, model))


async def _asked(exchange: Exchange) -> tuple[Account, Model, dict[str, object]]:
    account = exchange.customer()
    body = await exchange.json_object()
    name = body.get("model")
    model = find_model(exchange, name.removesuffix(":latest") if isinstance(name, str) else None, "chat")
    return account, model, body


async def _tags(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    began = dt.datetime.fromtimestamp(exchange.company.created_at, dt.UTC).isoformat()
    models = [_described(model, began) for model in exchange.company.provider.models if model.kind == "chat"]
    return api_json(exchange, account, {"models": models})


def _described(model: Model, modified_at: str) -> dict[str, object]:
    details = {"parent_model": "", "format": "gguf", "family": "parrot", "families": ["parrot"]}
    return {
        "name": f"{model.id}:latest",
        "model": f"{model.id}:latest",
        "modified_at": modified_at,
        "size": 0,
        "digest": hashlib.sha256(model.id.encode()).hexdigest(),
        "details": {**details, "parameter_size": "", "quantization_level": ""},
    }


async def _version(exchange: Exchange) -> web.Response:
    return api_json(exchange, exchange.customer(), {"version": _UNRELEASED})


_CHAT, _MODELS = ("chat",), ("models",)
ROUTES = (
    Route(method="POST", path="/api/chat", surfaces=_CHAT, handler=_chat, dialect=OLLAMA),
    Route(method="POST", path="/api/generate", surfaces=_CHAT, handler=_generate, dialect=OLLAMA),
    Route(method="GET", path="/api/tags", surfaces=_MODELS, handler=_tags, dialect=OLLAMA),
    Route(method="GET", path="/api/version", surfaces=_MODELS, handler=_version, dialect=OLLAMA),
)
