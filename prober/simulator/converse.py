"""Answers a question on the wire of its protocol, whole or as a stream, as the faults leave it."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from prober.simulator.answer import altered, answered
from prober.simulator.api import api_headers, api_json
from prober.simulator.faults.answers import ErrorChunk, NotStreamed, SlowPace
from prober.simulator.faults.anywhere import Latency
from prober.simulator.faults.fault import Fault
from prober.simulator.script import rewritten
from prober.simulator.stream import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from prober.simulator.answer import Answer, Question
    from prober.simulator.exchange import Exchange
    from prober.simulator.protocols.asked import Asked
    from prober.simulator.settings import Account

__all__ = ["answer_to", "converse", "due_times"]

_CACHEABLE_TOKENS = 1024


async def converse(
    exchange: Exchange, account: Account, asked: Asked, *, keep: Callable[[Answer], None] | None = None
) -> web.StreamResponse:
    """The answer, sent or on its way. ``keep`` is given it beforehand, to store it."""
    answer = answer_to(exchange, account, asked.question)
    if keep is not None:
        keep(answer)
    if asked.stream and exchange.fault(NotStreamed) is None:
        return await _stream(exchange, account, answer, asked)
    return await _whole(exchange, account, answer, asked)


def answer_to(exchange: Exchange, account: Account, question: Question) -> Answer:
    """What the model says, as the faults leave it."""
    question = _with_cache(exchange, account, question)
    return altered(answered(question, exchange.company.provider.title), exchange.faults(Fault))


def _with_cache(exchange: Exchange, account: Account, question: Question) -> Question:
    """The question with its cached tokens: long prompts whose beginning was seen lately are read from the cache."""
    if question.prompt_tokens < _CACHEABLE_TOKENS:
        return question
    prefix = f"{account.email} {question.model} {question.opening}"
    cached = exchange.company.prefixes.get(prefix) or 0
    exchange.company.prefixes.put(prefix, _CACHEABLE_TOKENS)
    return dataclasses.replace(question, cached_tokens=cached)


def due_times(exchange: Exchange, answer: Answer) -> list[float]:
    """When each token is due, in seconds after the company set to work, and after them the finish."""
    pace, slow = exchange.company.pace, exchange.fault(SlowPace)
    seconds = 1.0 / (slow.tokens_per_second if slow else pace.tokens_per_second)
    late = [latency for latency in exchange.faults(Latency) if latency.per == "token"]
    due = [pace.first_token_seconds]
    for _ in range(1, len(answer.reasoning) + len(answer.tokens)):
        extra = sum(latency.seconds + exchange.random.uniform(0, latency.jitter) for latency in late)
        due.append(due[-1] + seconds + extra)
    return [*due, due[-1]]


async def _stream(exchange: Exchange, account: Account, answer: Answer, asked: Asked) -> web.StreamResponse:
    pace = exchange.company.pace
    head_at = min(pace.head_seconds, pace.first_token_seconds)
    script = asked.script(answer, due_times(exchange, answer), role_at=head_at)
    script = rewritten(script, exchange.faults(Fault), exchange.dialect.error)
    await asyncio.sleep(head_at)
    headers = api_headers(exchange, account, tokens=answer.total_tokens)
    return await play(exchange, script, {"Content-Type": asked.stream_type, "Cache-Control": "no-cache", **headers})


async def _whole(exchange: Exchange, account: Account, answer: Answer, asked: Asked) -> web.Response:
    """The whole answer, when its last token is made."""
    await asyncio.sleep(due_times(exchange, answer)[-1])
    if broken := exchange.fault(ErrorChunk):
        error = exchange.dialect.error(broken.error)
        return api_json(exchange, account, asked.failed(error, broken.shape, answer))
    return api_json(exchange, account, asked.whole(answer), tokens=answer.total_tokens)
