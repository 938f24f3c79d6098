"""Moderation: ``POST /v1/moderations``, which flags texts about killing as violence."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model
from prober.simulator.dialects import OPENAI
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
_VIOLENT = re.compile(r"\b(kill|murder)", re.IGNORECASE)


async def _moderate(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    body = await exchange.json_object()
    default = next((model.id for model in exchange.company.provider.models if model.kind == "moderation"), "")
    model = find_model(exchange, body.get("model", default), "moderation")
    given = body.get("input")
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ApiError(400, "Invalid type for 'input': expected one of a string or array of strings.", param="input")
    results = [_result(str(text)) for text in texts]
    return api_json(exchange, account, {"id": f"modr-{secrets.token_hex(12)}", "model": model.id, "results": results})


def _result(text: str) -> dict[str, object]:
    violent = _VIOLENT.search(text) is not None
    flags = {name: violent and name == "violence" for name in _CATEGORIES}
    return {
        "flagged": violent,
        "categories": flags,
        "category_scores": {name: 0.93 if flagged else 0.0001 for name, flagged in flags.items()},
        "category_applied_input_types": {name: ["text"] for name in _CATEGORIES},
    }


ROUTES = (Route(method="POST", path="/v1/moderations", surfaces=("moderation",), handler=_moderate, dialect=OPENAI),)
