"""What all surfaces of the API share: headers of an answer, and the lookup of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.errors import ApiError, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account, Model

__all__ = ["api_headers", "api_json", "choice", "find_model"]


def api_headers(exchange: Exchange, account: Account, *, tokens: int = 0) -> dict[str, str]:
    """The headers OpenAI sends with an answer. The request and its tokens are counted against the allowance."""
    allowance = exchange.company.allowance_of(account)
    allowance.use(requests=1, tokens=tokens, now=exchange.now())
    return {
        "x-request-id": exchange.id,
        "openai-organization": exchange.company.provider.name,
        "openai-processing-ms": str(round(exchange.elapsed_seconds() * 1000)),
        "openai-version": "2020-10-01",
        **allowance.headers(),
    }


def api_json(exchange: Exchange, account: Account, value: object, *, tokens: int = 0) -> web.Response:
    """A whole answer of the API."""
    headers = {"Content-Type": "application/json", **api_headers(exchange, account, tokens=tokens)}
    return web.Response(body=encoded(value), headers=headers)


def find_model(exchange: Exchange, body: Mapping[str, object], kind: str) -> Model:
    """The model that the body names. Raises the API's 400 or 404 if there is none, or if it does something else."""
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise ApiError(400, "you must provide a model parameter")
    model = exchange.company.models.get(name)
    if model is None:
        message = f"The model `{name}` does not exist or you do not have access to it."
        raise ApiError(404, message, code="model_not_found")
    if model.kind != kind:
        raise ApiError(400, f"The model `{name}` cannot be used here.", param="model", code="unsupported_model")
    return model


def choice(body: Mapping[str, object], name: str, choices: tuple[str, ...]) -> str:
    """The value of a parameter, which is the first of its choices where none is given. Raises the API's 400."""
    value = body.get(name)
    if value is None:
        return choices[0]
    if value not in choices:
        known = ", ".join(f"'{each}'" for each in choices)
        message = f"Invalid value: '{value!s:.50}'. Supported values are: {known}."
        raise ApiError(400, message, param=name, code="invalid_value")
    return str(value)
