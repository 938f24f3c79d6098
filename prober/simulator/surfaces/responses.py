"""Responses: ``POST /v1/responses``, and what is stored of them; the same at Azure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.api import api_json, find_model, find_reply
from prober.simulator.company import Reply
from prober.simulator.converse import answer_to, converse, due_times
from prober.simulator.dialects import AZURE, OPENAI
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route
from prober.simulator.jobs import progress
from prober.simulator.protocols.openai_responses_request import read

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.answer import Answer
    from prober.simulator.exchange import Exchange
    from prober.simulator.protocols.openai_responses import ResponseRequest
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


def _begin(exchange: Exchange, account: Account, asked: ResponseRequest) -> web.Response:
    """Take it on, to be asked about later."""
    answer = answer_to(exchange, account, asked.question)
    reply = Reply(
        id=asked.id,
        owner=account.email,
        body=asked.whole(answer),
        started=exchange.now(),
        queue_seconds=exchange.company.pace.head_seconds,
        run_seconds=due_times(exchange, answer)[-1],
    )
    exchange.company.replies.put(reply.id, reply)
    return api_json(exchange, account, asked.state(answer.model, "queued"))


def _found(exchange: Exchange, account: Account) -> Reply:
    return find_reply(exchange, account, "Response with id '{}'")


async def _read(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    reply = _found(exchange, account)
    if not reply.is_job:
        return api_json(exchange, account, reply.body)
    at = progress(exchange, started=reply.started, queue_seconds=reply.queue_seconds, run_seconds=reply.run_seconds)
    if at.status == "completed":
        return api_json(exchange, account, reply.body)
    unfinished: dict[str, object] = {
        "status": at.status,
        "completed_at": None,
        "output": [],
        "usage": None,
        "incomplete_details": None,
    }
    error = {"code": at.failure.code, "message": at.failure.message} if at.failure else None
    return api_json(exchange, account, {**reply.body, **unfinished, "error": error})


async def _delete(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    reply = _found(exchange, account)
    exchange.company.replies.drop(reply.id)
    return api_json(exchange, account, {"id": reply.id, "object": "response", "deleted": True})


async def _cancel(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    reply = _found(exchange, account)
    if not reply.is_job:
        raise ApiError(400, "Cannot cancel a synchronous response.")
    body = {**reply.body, "status": "cancelled", "completed_at": None, "output": [], "usage": None}
    cancelled = Reply(id=reply.id, owner=reply.owner, body=body, started=reply.started)
    exchange.company.replies.put(reply.id, cancelled)
    return api_json(exchange, account, body)


_CHAT = ("chat",)
ROUTES = tuple(
    Route(method=method, path=place + path, surfaces=_CHAT, handler=handler, dialect=dialect)
    for place, dialect in (("/v1/responses", OPENAI), ("/openai/v1/responses", AZURE))
    for method, path, handler in (
        ("POST", "", _create),
        ("GET", "/{id}", _read),
        ("DELETE", "/{id}", _delete),
        ("POST", "/{id}/cancel", _cancel),
    )
)
