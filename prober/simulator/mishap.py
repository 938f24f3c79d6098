"""What happens to a request on the wire whatever surface it is for: delays, refusals, cut bodies, resets, silence."""

from __future__ import annotations

import asyncio
import gzip
import math
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.dialects import DIALECTS, Trouble
from prober.simulator.errors import ERRORS, Refusal, encoded
from prober.simulator.faults.anywhere import (
    Challenge,
    CutGzip,
    Error,
    Html,
    Latency,
    RateLimit,
    RedirectToLogin,
    Reset,
    Stall,
    Status,
    Truncate,
)
from prober.simulator.faults.fault import Fault
from prober.simulator.pages import app_page, redirect, text_page

if TYPE_CHECKING:
    from prober.simulator.exchange import Exchange, Handler

__all__ = ["respond", "silence", "tear_down"]

_LINGER_ZERO = struct.pack("ii", 1, 0)
_ARRIVAL_SECONDS = 0.02
"""How long a half-sent body gets to arrive before the reset; a reset may overtake what is still on its way."""


async def respond(exchange: Exchange, handler: Handler) -> web.StreamResponse:
    """The answer of the first fault that gives one, else the handler's, as the faults of the wire leave it."""
    response: web.StreamResponse | None = await _instead(exchange)
    if response is None:
        exchange.ready = exchange.now()
        try:
            response = await handler(exchange)
        except Refusal as refusal:
            response = refusal.response(exchange.id)
            response.headers.update(exchange.dialect.labels(exchange.id))
    if response.prepared or not isinstance(response, web.Response) or _is_gone(exchange.request):
        return response
    response.headers.update(exchange.head())
    return await _damaged(exchange, response)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _instead(exchange: Exchange) -> web.Response | None:
    """The delays, then the answer of the first fault that keeps the handler from giving one."""
    for latency in exchange.faults(Latency):
        if latency.per == "request":
            await asyncio.sleep(latency.seconds + exchange.random.uniform(0, latency.jitter))
    for fault in exchange.faults(Fault):
        match fault:
            case Stall(after="start", seconds=seconds):
                await silence(seconds)
            case Reset(after="start"):
                return tear_down(exchange.request)
            case _:
                response = _answer_of(fault, exchange)
                if response is not None:
                    return response
    return None


def _answer_of(fault: Fault, exchange: Exchange) -> web.Response | None:
    """The complete answer that a fault puts in the handler's place, if it is one of those."""
    response = None
    match fault:
        case Status():
            response = _status(fault)
        case Error(error=name):
            response = _named(exchange, name)
        case RateLimit(retry_after=seconds):
            response = _too_many(exchange, seconds)
        case Challenge(status=status):
            response = ERRORS["cloudflare.challenge"].response(status=status)
        case Html():
            response = app_page(exchange)
        case RedirectToLogin():
            response = redirect(f"{exchange.prefix}/login", status=302)
    return response


def _status(fault: Status) -> web.Response:
    body, content_type = b"", "text/plain; charset=utf-8"
    if isinstance(fault.body, str):
        body = fault.body.encode()
        if fault.body.lstrip().startswith("<"):
            content_type = "text/html; charset=utf-8"
    elif fault.body is not None:
        body, content_type = encoded(fault.body), "application/json"
    response = web.Response(status=fault.status, body=body, headers={"Content-Type": content_type})
    response.headers.update(fault.headers)
    return response


def _named(exchange: Exchange, name: str) -> web.Response:
    """The error, with the header of its provider's request id if it is a provider's and no page of an edge."""
    error = exchange.dialect.error(name)
    response = error.response(request_id=exchange.id)
    if error.dialect in DIALECTS:
        response.headers.update(DIALECTS[error.dialect].labels(exchange.id))
    return response


def _too_many(exchange: Exchange, seconds: float) -> web.Response:
    path = exchange.request.path.removeprefix(exchange.prefix)
    if exchange.is_api:
        response = exchange.dialect.refusal(Trouble.TOO_MANY, f"{seconds:g}").response(exchange.id)
        response.headers.update(exchange.dialect.labels(exchange.id))
    elif path.startswith("/api/"):
        response = web.json_response({"detail": "API rate limit exceeded"}, status=429)
    else:
        response = text_page(exchange, "Too many requests", "Please wait a moment and try again.", status=429)
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


async def silence(seconds: float | None) -> None:
    """Nothing, for so long; without a number until the client goes and the handler is cancelled."""
    if seconds is None:
        await asyncio.get_running_loop().create_future()
    else:
        await asyncio.sleep(seconds)


def tear_down(request: web.Request) -> web.Response:
    """Reset the connection. The response is what aiohttp wants to be given and can send to nobody any more."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()
    return web.Response()


async def _damaged(exchange: Exchange, response: web.Response) -> web.StreamResponse:
    """A whole answer as a fault of its body leaves it."""
    body = bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""
    if exchange.request.method == "HEAD":
        return response
    if exchange.fault(CutGzip):
        response.headers["Content-Encoding"] = "gzip"
        packed = gzip.compress(body, mtime=0)
        response.body = packed[: len(packed) // 2]
        return response
    for fault in exchange.faults(Stall, Reset, Truncate):
        match fault:
            case Stall(after=after, seconds=seconds) if after != "start":
                return await _interrupted(exchange.request, response, body, seconds)
            case Reset():
                await _send_half(exchange.request, response, body)
                await asyncio.sleep(_ARRIVAL_SECONDS)
                return tear_down(exchange.request)
            case Truncate(bytes=size):
                return await _send_half(exchange.request, response, body, size)
    return response


async def _interrupted(
    request: web.Request, response: web.Response, body: bytes, seconds: float | None
) -> web.StreamResponse:
    sent = await _send_half(request, response, body)
    await silence(seconds)
    await sent.write(body[len(body) // 2 :])
    return sent


async def _send_half(
    request: web.Request, response: web.Response, body: bytes, size: int | None = None
) -> web.StreamResponse:
    """The head, which promises the whole body, and half of it or ``size`` bytes; the connection will end with it."""
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.cookies.update(response.cookies)
    half.content_length = len(body)
    half.force_close()
    await half.prepare(request)
    await half.write(body[: len(body) // 2 if size is None else size])
    return half
