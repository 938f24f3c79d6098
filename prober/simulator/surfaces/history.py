"""Conversations of the web app: begun, written to, listed, read back."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import time
from typing import TYPE_CHECKING

from prober.simulator.answer import Question, altered, answered, count_tokens
from prober.simulator.company import Conversation, Message
from prober.simulator.exchange import Route
from prober.simulator.faults.fault import Fault
from prober.simulator.faults.pages import LostHistory
from prober.simulator.surfaces.session import json_answer, signed_in

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_ANONYMOUS = {"detail": "Not authenticated"}
_UNKNOWN = {"detail": "Conversation not found"}
_MESSAGES = 1_000


def _owner(exchange: Exchange) -> str | None:
    session = signed_in(exchange)
    return session.account.email if session and session.account else None


def _conversation(exchange: Exchange, owner: str) -> Conversation | None:
    found = exchange.company.conversations.get(exchange.request.match_info["id"])
    return found if found is not None and found.owner == owner else None


def _summary(conversation: Conversation) -> dict[str, object]:
    return {"id": conversation.id, "title": conversation.title, "created_at": conversation.created_at}


async def _begin(exchange: Exchange) -> web.Response:
    owner = _owner(exchange)
    if owner is None:
        return json_answer(_ANONYMOUS, status=401)
    title = str((await exchange.json_object()).get("title") or "New chat")[:200]
    conversation = Conversation(
        id=f"conv_{secrets.token_hex(12)}", owner=owner, title=title, created_at=int(time.time())
    )
    exchange.company.conversations.put(conversation.id, conversation)
    return json_answer(_summary(conversation), status=201)


async def _list(exchange: Exchange) -> web.Response:
    owner = _owner(exchange)
    if owner is None:
        return json_answer(_ANONYMOUS, status=401)
    lost = exchange.fault(LostHistory)
    items = [] if lost else [_summary(each) for each in exchange.company.conversations if each.owner == owner]
    return json_answer({"items": items[:100], "total": len(items)})


async def _read(exchange: Exchange) -> web.Response:
    owner = _owner(exchange)
    if owner is None:
        return json_answer(_ANONYMOUS, status=401)
    conversation = _conversation(exchange, owner)
    if conversation is None:
        return json_answer(_UNKNOWN, status=404)
    messages = [] if exchange.fault(LostHistory) else conversation.messages
    return json_answer({**_summary(conversation), "messages": [dataclasses.asdict(each) for each in messages]})


async def _delete(exchange: Exchange) -> web.Response:
    owner = _owner(exchange)
    if owner is None:
        return json_answer(_ANONYMOUS, status=401)
    conversation = _conversation(exchange, owner)
    if conversation is None:
        return json_answer(_UNKNOWN, status=404)
    exchange.company.conversations.drop(conversation.id)
    return json_answer({"id": conversation.id, "deleted": True})


async def _write(exchange: Exchange) -> web.Response:
    """Takes a message and answers with the assistant's, which is the chat engine's work and shares its faults."""
    owner = _owner(exchange)
    if owner is None:
        return json_answer(_ANONYMOUS, status=401)
    conversation = _conversation(exchange, owner)
    if conversation is None:
        return json_answer(_UNKNOWN, status=404)
    content = (await exchange.json_object()).get("content")
    if not isinstance(content, str) or not content or len(conversation.messages) >= _MESSAGES:
        return json_answer({"detail": "A message needs a text, and a conversation has its limit"}, status=422)
    await asyncio.sleep(exchange.company.pace.first_token_seconds)
    provider = exchange.company.provider
    question = Question(model=provider.models[0].id, text=content, prompt_tokens=count_tokens(content))
    answer = altered(answered(question, provider.title), exchange.faults(Fault))
    reply = _message("assistant", answer.text)
    conversation.messages += [_message("user", content), reply]
    return json_answer(dataclasses.asdict(reply), status=201)


def _message(role: str, content: str) -> Message:
    return Message(id=f"msg_{secrets.token_hex(12)}", role=role, content=content, created_at=int(time.time()))


_BASE = "/api/conversations"
_HISTORY = ("history",)
ROUTES = (
    Route(method="POST", path=_BASE, surfaces=_HISTORY, handler=_begin),
    Route(method="GET", path=_BASE, surfaces=_HISTORY, handler=_list),
    Route(method="GET", path=f"{_BASE}/{{id}}", surfaces=_HISTORY, handler=_read),
    Route(method="DELETE", path=f"{_BASE}/{{id}}", surfaces=_HISTORY, handler=_delete),
    Route(method="POST", path=f"{_BASE}/{{id}}/messages", surfaces=("history", "chat"), handler=_write),
)
