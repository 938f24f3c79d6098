"""The list of models: ``/v1/models``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Model

__all__ = ["ROUTES"]


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


async def _list(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    data = [_described(exchange, model) for model in exchange.company.provider.models]
    return api_json(exchange, account, {"object": "list", "data": data})


async def _one(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    name = exchange.request.match_info["id"]
    model = exchange.company.models.get(name)
    if model is None:
        message = f"The model '{name}' does not exist"
        raise ApiError(404, message, param="model", code="model_not_found")
    return api_json(exchange, account, _described(exchange, model))


ROUTES = (
    Route(method="GET", path="/v1/models", surfaces=("models",), handler=_list),
    Route(method="GET", path="/v1/models/{id}", surfaces=("models",), handler=_one),
)
