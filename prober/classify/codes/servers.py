"""Errors of servers that one runs oneself: vLLM, llama.cpp, Ollama, LM Studio, and the proxies in front of them."""

from __future__ import annotations

from http import HTTPStatus

from prober.classify.codes.table import Scope, Table, text
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["SERVERS"]

# vLLM and plain frameworks say the phrase of the status, as {"error": "Unauthorized"}.
_PHRASES: dict[str, Rule | int] = {status.phrase.lower(): int(status) for status in HTTPStatus if status >= 400}

_TYPES: dict[str, Rule | int] = {
    "badrequesterror": 400,
    "notfounderror": 404,
    "internalservererror": 500,
    "notimplementederror": 501,
    "not_supported_error": 501,
    "unavailable_error": 503,
    "exceed_context_size_error": Rule(ErrorClass.REQUEST_REJECTED, "parameter"),  # llama.cpp
    "not_found": 404,
    "unauthorized": 401,
    "forbidden": 403,
    "rate_limited": 429,
    "too_many_requests": 429,
}

_TEXTS = (
    text(r"^loading model", Rule(ErrorClass.OVERLOADED, "loading"), 503),
    text(r"^model .{1,200} not found, try pulling it first", Rule(ErrorClass.MODEL_MISSING, "model"), 404),
    # LM Studio, with status 200, of a path that it does not serve.
    text(r"^unexpected endpoint or method\b", Rule(ErrorClass.REQUEST_REJECTED, "not_found"), 404),
    text(r"^server busy\b", Rule(ErrorClass.OVERLOADED, "capacity"), 503),
    text(
        r"^(upstream (connect error|request timeout)|no healthy upstream)",
        Rule(ErrorClass.UPSTREAM_ERROR, "edge"),
        *(502, 503, 504),
    ),
)

SERVERS = Table(
    texts=_TEXTS,
    types={Scope.CODE: {**_PHRASES, **_TYPES}, Scope.WORD: {**_PHRASES, **_TYPES}},
)
