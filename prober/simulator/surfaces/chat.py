"""Chat over the API: ``POST /v1/chat/completions``, streaming and not."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING

from prober.simulator.answer import Question, altered, answered
from prober.simulator.api import api_headers, api_json, find_model
from prober.simulator.errors import ERRORS
from prober.simulator.exchange import Route
from prober.simulator.faults.answers import ErrorChunk, NotStreamed, SlowPace
from prober.simulator.faults.anywhere import Latency
from prober.simulator.faults.fault import Fault
from prober.simulator.protocols.openai_chat import ChatRequest, completion, script
from prober.simulator.protocols.openai_chat_request import question, wanted
from prober.simulator.script import rewritten
from prober.simulator.stream import play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.answer import Answer
    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account

__all__ = ["ROUTES"]

_CACHEABLE_TOKENS = 1024


async def _completions(exchange: Exchange) -> web.StreamResponse:
    account = exchange.customer()
    body = await exchange.json_object()
    model = find_model(exchange, body, "chat")
    request = wanted(body)
    asked = _with_cache(exchange, account, question(body, model), body)
    answer = altered(answered(asked, exchange.company.provider.title), exchange.faults(Fault))
    if request.stream and exchange.fault(NotStreamed) is None:
        return await _stream(exchange, account, answer, request)
    return await _whole(exchange, account, answer, request)


def _with_cache(exchange: Exchange, account: Account, asked: Question, body: Mapping[str, object]) -> Question:
    """The question with its cached tokens: long prompts whose beginning was seen lately are read from the cache."""
    if asked.prompt_tokens < _CACHEABLE_TOKENS:
        return asked
    prefix = account.email + asked.model + json.dumps(body["messages"])[: 4 * _CACHEABLE_TOKENS]
    cached = exchange.company.prefixes.get(prefix) or 0
    exchange.company.prefixes.put(prefix, _CACHEABLE_TOKENS)
    return dataclasses.replace(asked, cached_tokens=cached)


def _due(exchange: Exchange, answer: Answer) -> list[float]:
    """When each token is due, in seconds after the company set to work, and after them the finish."""
    pace, slow = exchange.company.pace, exchange.fault(SlowPace)
    seconds = 1.0 / (slow.tokens_per_second if slow else pace.tokens_per_second)
    late = [latency for latency in exchange.faults(Latency) if latency.per == "token"]
    due = [pace.first_token_seconds]
    for _ in range(1, len(answer.reasoning) + len(answer.tokens)):
        extra = sum(latency.seconds + exchange.random.uniform(0, latency.jitter) for latency in late)
        due.append(due[-1] + seconds + extra)
    return [*due, due[-1]]


async def _stream(exchange: Exchange, account: Account, answer: Answer, request: ChatRequest) -> web.StreamResponse:
    pace = exchange.company.pace
    head_at = min(pace.head_seconds, pace.first_token_seconds)
    acted = rewritten(script(answer, request, _due(exchange, answer), role_at=head_at), exchange.faults(Fault))
    await asyncio.sleep(head_at)
    headers = api_headers(exchange, account, tokens=answer.prompt_tokens + answer.completion_tokens)
    return await play(
        exchange, acted, {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache", **headers}
    )


async def _whole(exchange: Exchange, account: Account, answer: Answer, request: ChatRequest) -> web.Response:
    await asyncio.sleep(_due(exchange, answer)[-1])
    if broken := exchange.fault(ErrorChunk):
        return api_json(exchange, account, {"error": ERRORS[broken.error].error_object})
    tokens = answer.prompt_tokens + answer.completion_tokens
    return api_json(exchange, account, completion(answer, request), tokens=tokens)


ROUTES = (
    Route(method="POST", path="/v1/chat/completions", surfaces=("chat",), handler=_completions),
    # The same for those who are signed in to the web app, with the token of their who-am-I.
    Route(method="POST", path="/api/chat/completions", surfaces=("chat",), handler=_completions),
)
