"""Chat Completions: ``POST /v1/chat/completions``, OpenAI's own and Azure's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import find_model
from prober.simulator.converse import converse
from prober.simulator.dialects import AZURE, OPENAI, Trouble
from prober.simulator.exchange import Route
from prober.simulator.protocols.azure_openai import AzureRequest
from prober.simulator.protocols.openai_chat_request import read

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]


async def _completions(exchange: Exchange) -> web.StreamResponse:
    account = exchange.customer()
    body = await exchange.json_object()
    return await converse(exchange, account, read(body, find_model(exchange, body.get("model"), "chat")))


async def _of_deployment(exchange: Exchange) -> web.StreamResponse:
    """The path names the deployment, and the query a version; ``model`` in the body means nothing."""
    account = exchange.customer()
    if not exchange.request.query.get("api-version"):
        raise AZURE.refusal(Trouble.UNKNOWN_URL)
    body = await exchange.json_object()
    model = find_model(exchange, exchange.request.match_info["deployment"], "chat")
    return await converse(exchange, account, read(body, model, AzureRequest))


async def _of_version_1(exchange: Exchange) -> web.StreamResponse:
    """``model`` in the body names the deployment, as with OpenAI."""
    account = exchange.customer()
    body = await exchange.json_object()
    model = find_model(exchange, body.get("model"), "chat")
    return await converse(exchange, account, read(body, model, AzureRequest))


_DEPLOYMENT = "/openai/deployments/{deployment}/chat/completions"
_CHAT = ("chat",)
ROUTES = (
    Route(method="POST", path="/v1/chat/completions", surfaces=_CHAT, handler=_completions, dialect=OPENAI),
    # The same for those who are signed in to the web app, with the token of their who-am-I.
    Route(method="POST", path="/api/chat/completions", surfaces=_CHAT, handler=_completions),
    Route(method="POST", path=_DEPLOYMENT, surfaces=_CHAT, handler=_of_deployment, dialect=AZURE),
    Route(method="POST", path="/openai/v1/chat/completions", surfaces=_CHAT, handler=_of_version_1, dialect=AZURE),
)
