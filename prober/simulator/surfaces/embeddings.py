"""Embeddings: ``POST /v1/embeddings``, where a text always has the same unit vector."""

from __future__ import annotations

import base64
import json
import math
import random
from array import array
from typing import TYPE_CHECKING

from prober.simulator.answer import count_tokens
from prober.simulator.api import api_json, find_model
from prober.simulator.dialects import OPENAI
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_DIMENSIONS = 1536
_MOST_INPUTS = 256


async def _embed(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    body = await exchange.json_object()
    model = find_model(exchange, body.get("model"), "embedding")
    texts = _inputs(body)
    dimensions, packed = _dimensions(body), _packed(body)
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(_vector(text, dimensions), packed=packed)}
        for index, text in enumerate(texts)
    ]
    tokens = sum(map(count_tokens, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return api_json(exchange, account, {"object": "list", "data": data, "model": model.id, "usage": usage})


def _inputs(body: Mapping[str, object]) -> list[str]:
    """The texts. A list of token numbers is a text too."""
    given = body.get("input")
    many = isinstance(given, list) and not all(isinstance(each, int) for each in given)
    texts = given if many and isinstance(given, list) else [given]
    if not texts or len(texts) > _MOST_INPUTS or not all(isinstance(each, str | list) and each for each in texts):
        raise ApiError(400, "'$.input' is invalid. Please check the API reference.", param="input")
    return [each if isinstance(each, str) else json.dumps(each) for each in texts]


def _dimensions(body: Mapping[str, object]) -> int:
    dimensions = body.get("dimensions")
    if dimensions is None:
        return _DIMENSIONS
    if isinstance(dimensions, bool) or not isinstance(dimensions, int) or not 1 <= dimensions <= _DIMENSIONS:
        raise ApiError(
            400,
            f"Invalid value for 'dimensions' = {dimensions!s:.50}. Must be at most {_DIMENSIONS}.",
            param="dimensions",
        )
    return dimensions


def _packed(body: Mapping[str, object]) -> bool:
    match body.get("encoding_format"):
        case None | "float":
            return False
        case "base64":
            return True
        case other:
            message = f"Invalid value: '{other!s:.50}'. Supported values are: 'float', 'base64'."
            raise ApiError(400, message, param="encoding_format", code="invalid_value")


def _vector(text: str, dimensions: int) -> list[float]:
    draw = random.Random(text)  # noqa: S311 - the vector of a text, and no secret
    values = [draw.uniform(-1.0, 1.0) for _ in range(dimensions)]
    length = math.sqrt(math.fsum(value * value for value in values))
    return [value / length for value in values]


def _encoded(vector: list[float], *, packed: bool) -> list[float] | str:
    return base64.b64encode(array("f", vector).tobytes()).decode() if packed else vector


ROUTES = (Route(method="POST", path="/v1/embeddings", surfaces=("embeddings",), handler=_embed, dialect=OPENAI),)
