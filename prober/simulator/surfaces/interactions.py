"""Gemini's Interactions: ``POST /v1beta/interactions`` or ``/v1``, and what is stored of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model, find_reply
from prober.simulator.company import Reply
from prober.simulator.converse import answer_to, converse, due_times
from prober.simulator.dialects import INTERACTIONS, Trouble
from prober.simulator.exchange import Route
from prober.simulator.jobs import progress
from prober.simulator.protocols.interactions_request import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.answer import Answer
    from prober.simulator.exchange import Exchange
    from prober.simulator.protocols.gemini_interactions import InteractionRequest
    from prober.simulator.settings import Account

__all__ = ["ROUTES"]


async def _create(exchange: Exchange) -> web.StreamResponse:
    account = exchange.customer()
    body = await exchange.json_object()
    asked = read(body, find_model(exchange, body.get("model"), "chat"))
    if asked.background and not asked.stream:
        return _begin(exchange, account, asked)

    def keep(answer: Answer) -> None:
        if asked.store:
            reply = Reply(id=asked.id, owner=account.email, body=asked.whole(answer), started=exchange.now())
            exchange.company.replies.put(asked.id, reply)

    return await converse(exchange, account, asked, keep=keep)


def _begin(exchange: Exchange, account: Account, asked: InteractionRequest) -> web.Response:
    """Take it on, to be asked about later."""
    answer = answer_to(exchange, account, asked.question)
    run_seconds = due_times(exchange, answer)[-1]
    body = asked.whole(answer)
    exchange.company.replies.put(
        asked.id,
        Reply(id=asked.id, owner=account.email, body=body, started=exchange.now(), run_seconds=run_seconds),
    )
    return api_json(exchange, account, {**asked.begun(answer.model), "steps": []})


def _found(exchange: Exchange, account: Account) -> Reply:
    return find_reply(exchange, account, "The interaction '{}'")


def _state(exchange: Exchange, reply: Reply) -> Mapping[str, object]:
    """The interaction as it is now; while it is made it has no steps."""
    if not reply.is_job:
        return reply.body
    at = progress(exchange, started=reply.started, queue_seconds=0.0, run_seconds=reply.run_seconds)
    if at.status == "completed":
        return reply.body
    errors = [{"code": at.failure.code, "message": at.failure.message}] if at.failure else []
    return {**reply.body, "status": at.status, "steps": [], "usage": {}, "errors": errors}


async def _read(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    return api_json(exchange, account, _state(exchange, _found(exchange, account)))


async def _delete(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    exchange.company.replies.drop(_found(exchange, account).id)
    return api_json(exchange, account, {})


async def _cancel(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    reply = _found(exchange, account)
    if not reply.is_job:
        raise INTERACTIONS.refusal(Trouble.INVALID, "Only a background interaction can be cancelled.")
    body = {**reply.body, "status": "cancelled", "steps": []}
    exchange.company.replies.put(reply.id, Reply(id=reply.id, owner=reply.owner, body=body, started=reply.started))
    return api_json(exchange, account, body)


ROUTES = tuple(
    Route(
        method=method, path=f"/{version}/interactions{path}", surfaces=("chat",), handler=handler, dialect=INTERACTIONS
    )
    for version in ("v1beta", "v1")
    for method, path, handler in (
        ("POST", "", _create),
        ("GET", "/{id}", _read),
        ("DELETE", "/{id}", _delete),
        ("POST", "/{id}/cancel", _cancel),
    )
)
