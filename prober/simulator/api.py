"""What all surfaces of the API share: headers of an answer, and the lookup of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.dialects import Told, Trouble
from prober.simulator.errors import ApiError, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.company import Reply
    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account, Model

__all__ = ["api_headers", "api_json", "choice", "find_model", "find_reply"]


def api_headers(exchange: Exchange, account: Account, *, tokens: int = 0) -> Mapping[str, str]:
    """The headers the API sends with an answer. The request and its tokens are counted against the allowance."""
    allowance = exchange.company.allowance_of(account)
    allowance.use(requests=1, tokens=tokens, now=exchange.now())
    told = Told(
        id=exchange.id,
        organization=exchange.company.provider.name,
        elapsed_seconds=exchange.elapsed_seconds(),
        allowance=allowance,
    )
    return exchange.dialect.headers(told)


def api_json(exchange: Exchange, account: Account, value: object, *, tokens: int = 0) -> web.Response:
    """A whole answer of the API."""
    headers = {"Content-Type": "application/json", **api_headers(exchange, account, tokens=tokens)}
    return web.Response(body=encoded(value), headers=headers)


def find_model(exchange: Exchange, name: object, kind: str) -> Model:
    """The model of that name. Raises the API's refusal if there is none, or if it does something else."""
    if not isinstance(name, str) or not name:
        raise exchange.dialect.refusal(Trouble.NO_MODEL)
    model = exchange.company.models.get(name)
    if model is None:
        raise exchange.dialect.refusal(Trouble.UNKNOWN_MODEL, name)
    if model.kind != kind:
        raise exchange.dialect.refusal(Trouble.UNFIT_MODEL, name)
    return model


def find_reply(exchange: Exchange, account: Account, what: str) -> Reply:
    """The stored answer that the path names by its id, if it is the customer's; ``what`` is how it is called."""
    id_ = exchange.request.match_info["id"]
    reply = exchange.company.replies.get(id_)
    if reply is None or reply.owner != account.email:
        raise exchange.dialect.refusal(Trouble.NOT_FOUND, what.format(id_))
    return reply


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
