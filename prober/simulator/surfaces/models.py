"""The list of models: ``/v1/models``, as OpenAI has it, and as Anthropic has it for those who name its version."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from prober.simulator.api import api_json
from prober.simulator.dialects import ANTHROPIC, Dialect, Trouble
from prober.simulator.dialects.openai import OpenAi
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Model

__all__ = ["ROUTES"]


class _ByVersion(OpenAi):
    """OpenAI's dialect unless the request has Anthropic's header; the two have the same path."""

    def of(self, request: web.Request) -> Dialect:
        """Whose client it is."""
        return ANTHROPIC if "anthropic-version" in request.headers else self


async def _list(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    models = exchange.company.provider.models
    if exchange.dialect is not ANTHROPIC:
        data = [_described(exchange, model) for model in models]
        return api_json(exchange, account, {"object": "list", "data": data})
    data = [_described_by_anthropic(exchange, model) for model in models if model.kind == "chat"]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return api_json(exchange, account, {"data": data, "has_more": False, **ends})


async def _one(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    name = exchange.request.match_info["id"]
    model = exchange.company.models.get(name)
    if exchange.dialect is ANTHROPIC:
        if model is None:
            raise ANTHROPIC.refusal(Trouble.UNKNOWN_MODEL, name)
        return api_json(exchange, account, _described_by_anthropic(exchange, model))
    if model is None:
        message = f"The model '{name}' does not exist"
        raise ApiError(404, message, param="model", code="model_not_found")
    return api_json(exchange, account, _described(exchange, model))


def _described(exchange: Exchange, model: Model) -> dict[str, object]:
    company = exchange.company
    described: dict[str, object] = {
        "id": model.id,
        "object": "model",
        "created": company.created_at,
        "owned_by": company.provider.name,
    }
    if model.shutdown_date is not None:
        described["shutdown_date"] = model.shutdown_date
    return described


def _described_by_anthropic(exchange: Exchange, model: Model) -> dict[str, object]:
    """A model that is to be shut down was deprecated when the company began."""
    began = dt.datetime.fromtimestamp(exchange.company.created_at, dt.UTC).isoformat().replace("+00:00", "Z")
    ends = model.shutdown_date
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id.replace("-", " ").title(),
        "created_at": began,
        "lifecycle": "deprecated" if ends else "active",
        "deprecated_at": began if ends else None,
        "retires_at": f"{ends}T00:00:00Z" if ends else None,
    }


_DIALECT = _ByVersion()
_MODELS = ("models",)
ROUTES = (
    Route(method="GET", path="/v1/models", surfaces=_MODELS, handler=_list, dialect=_DIALECT),
    Route(method="GET", path="/v1/models/{id}", surfaces=_MODELS, handler=_one, dialect=_DIALECT),
)
