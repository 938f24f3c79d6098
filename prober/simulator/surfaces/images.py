"""Pictures: ``POST /v1/images/generations``, whole and as a stream of partial images."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.simulator.answer import count_tokens
from prober.simulator.api import api_headers, api_json, choice, find_model
from prober.simulator.dialects import OPENAI
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route
from prober.simulator.faults.answers import Bulky, ErrorChunk
from prober.simulator.faults.fault import Fault
from prober.simulator.pictures import picture
from prober.simulator.script import Frame, Mark, Script, rewritten
from prober.simulator.stream import play
from prober.simulator.wire import named_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account

__all__ = ["ROUTES"]

_PARAMETERS = frozenset(
    [
        "prompt",
        "background",
        "complexity",
        "frame_count",
        "frame_duration_ms",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "partial_images",
        "quality",
        "safety_identifier",
        "size",
        "svg",
        "user",
        "effort",
        "reasoning",
        "stream",
    ]
)
_SIZES = {"auto": (1024, 1024), "1024x1024": (1024, 1024), "1024x1536": (1024, 1536), "1536x1024": (1536, 1024)}
_TOKENS = {"low": 272, "medium": 1056, "high": 4160}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """A checked request for pictures."""

    prompt: str
    count: int
    size: str
    quality: str
    output_format: str
    stream: bool
    partial_images: int

    def b64(self, bulky: Bulky | None) -> str:
        """One picture, in base64. What follows the end of a picture file makes it larger and changes nothing."""
        width, height = _SIZES[self.size]
        data = picture(self.output_format, width, height)
        return base64.b64encode(data.ljust(bulky.size if bulky else 0, b"\0")).decode()

    def described(self) -> dict[str, object]:
        """What every answer says about its pictures."""
        size = "x".join(map(str, _SIZES[self.size]))
        return {"background": "opaque", "output_format": self.output_format, "quality": self.quality, "size": size}

    def usage(self) -> dict[str, object]:
        """The tokens, by the prompt, the quality and the number of pictures."""
        given, made = count_tokens(self.prompt), _TOKENS[self.quality] * self.count
        return {
            "input_tokens": given,
            "input_tokens_details": {"text_tokens": given, "image_tokens": 0},
            "output_tokens": made,
            "total_tokens": given + made,
        }


async def _generate(exchange: Exchange) -> web.StreamResponse:
    account = exchange.customer()
    body = await exchange.json_object()
    find_model(exchange, body.get("model"), "image")
    order = _order(body)
    if order.stream:
        return await _stream(exchange, account, order)
    await asyncio.sleep(exchange.company.pace.image_seconds)
    if broken := exchange.fault(ErrorChunk):
        return api_json(exchange, account, {"error": OPENAI.error(broken.error).error_object})
    data = [{"b64_json": order.b64(exchange.fault(Bulky))} for _ in range(order.count)]
    answer = {"created": int(time.time()), **order.described(), "data": data, "usage": order.usage()}
    return api_json(exchange, account, answer)


def _order(body: Mapping[str, object]) -> _Order:
    for name in body:
        if name not in _PARAMETERS:
            raise ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise ApiError(400, "Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    quality = choice(body, "quality", ("auto", *_TOKENS))
    return _Order(
        prompt=prompt,
        count=_count(body, "n", default=1, low=1, high=10),
        size=choice(body, "size", tuple(_SIZES)),
        quality="high" if quality == "auto" else quality,
        output_format=choice(body, "output_format", ("png", "jpeg", "webp")),
        stream=body.get("stream") is True,
        partial_images=_count(body, "partial_images", default=0, low=0, high=3),
    )


def _count(body: Mapping[str, object], name: str, *, default: int, low: int, high: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = f"Invalid '{name}': expected an integer from {low} to {high}, but got {value!s:.50} instead."
        raise ApiError(400, message, param=name, code="invalid_value")
    return value


async def _stream(exchange: Exchange, account: Account, order: _Order) -> web.StreamResponse:
    seconds = exchange.company.pace.image_seconds
    shared = {"b64_json": order.b64(exchange.fault(Bulky)), "created_at": int(time.time()), **order.described()}
    frames = []
    for index in range(order.partial_images):
        at = seconds * (index + 1) / (order.partial_images + 1)
        frames.append(Frame(at, _event("partial_image", {**shared, "partial_image_index": index}), Mark.TOKEN))
    frames.append(Frame(seconds, _event("completed", {**shared, "usage": order.usage()}), Mark.FINISH))
    script = rewritten(Script(frames=tuple(frames)), exchange.faults(Fault), OPENAI.error)
    headers = api_headers(exchange, account)
    return await play(exchange, script, {"Content-Type": "text/event-stream; charset=utf-8", **headers})


def _event(name: str, value: Mapping[str, object]) -> bytes:
    kind = f"image_generation.{name}"
    return named_event(kind, {"type": kind, **value})


ROUTES = (Route(method="POST", path="/v1/images/generations", surfaces=("images",), handler=_generate, dialect=OPENAI),)
