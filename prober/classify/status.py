"""What an HTTP status means when nothing else in the answer says more."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Audience", "status_rule"]


class Audience(StrEnum):
    """Who the answer was for: a program that speaks an API, or a person who looks at a page."""

    API = "api"
    PAGE = "page"


_BAD_REQUEST = Rule(ErrorClass.REQUEST_REJECTED, "invalid_request")
_TOO_LARGE = Rule(ErrorClass.REQUEST_REJECTED, "request_too_large")
_NOT_SUPPORTED = Rule(ErrorClass.REQUEST_REJECTED, "not_supported")
_EDGE = Rule(ErrorClass.UPSTREAM_ERROR, "edge")
_EDGE_TIMEOUT = Rule(ErrorClass.UPSTREAM_ERROR, "edge_read_timeout")
_SERVICE_TIMEOUT = Rule(ErrorClass.SERVER_ERROR, "service_timeout")
_INTERNAL = Rule(ErrorClass.SERVER_ERROR, "internal")
_NO_RULE = Rule(ErrorClass.UNEXPECTED_RESPONSE, "status")

_ANYWHERE: Mapping[int, Rule] = MappingProxyType(
    {
        **dict.fromkeys((400, 416, 422), _BAD_REQUEST),
        **dict.fromkeys((413, 414), _TOO_LARGE),
        **dict.fromkeys((405, 415, 501), _NOT_SUPPORTED),
        401: Rule(ErrorClass.AUTH_REJECTED, "unauthorized"),
        402: Rule(ErrorClass.QUOTA_EXHAUSTED, "billing"),
        403: Rule(ErrorClass.ACCESS_DENIED, "forbidden"),
        407: Rule(ErrorClass.PROBER_ERROR, "proxy"),  # only a proxy of ours asks for this
        408: _SERVICE_TIMEOUT,
        409: Rule(ErrorClass.SERVER_ERROR, "conflict"),
        429: Rule(ErrorClass.RATE_LIMITED, "rate_limit"),
        451: Rule(ErrorClass.ACCESS_DENIED, "region"),
        500: _INTERNAL,
        504: _SERVICE_TIMEOUT,
        **dict.fromkeys((502, *range(520, 528), 530), _EDGE),
        524: _EDGE_TIMEOUT,
    }
)

_BY_AUDIENCE: Mapping[Audience, Mapping[int, Rule]] = MappingProxyType(
    {
        Audience.API: {
            **dict.fromkeys((404, 410), Rule(ErrorClass.REQUEST_REJECTED, "not_found")),
            503: Rule(ErrorClass.OVERLOADED, "unavailable"),
            529: Rule(ErrorClass.OVERLOADED, "capacity"),
        },
        Audience.PAGE: {
            **dict.fromkeys((404, 410), Rule(ErrorClass.UNEXPECTED_RESPONSE, "not_found")),
            **dict.fromkeys((503, 529), Rule(ErrorClass.SERVER_ERROR, "unavailable")),
        },
    }
)


def status_rule(status: int, audience: Audience, *, by_edge: bool = False) -> Rule:
    """The rule of a status; ``by_edge`` says that the answer was made in front of the service, not by it."""
    if status == 504 and by_edge:
        return _EDGE_TIMEOUT
    if rule := _BY_AUDIENCE[audience].get(status) or _ANYWHERE.get(status):
        return rule
    return _INTERNAL if 500 <= status <= 599 else _NO_RULE
