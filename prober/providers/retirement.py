"""When a model is shut down, where an API tells: in the model's own entry, which is free to ask for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from prober.http.message import Request
from prober.providers.fields import text

if TYPE_CHECKING:
    from prober.providers.protocol import Ask, ChatProtocol, Document

__all__ = ["TELLING", "Retirement", "retirement", "retirement_request"]

_DATES = ("shutdown_date", "retires_at", "expiration_date")  # of OpenAI, Anthropic, OpenRouter
_LAST = 10**11  # a number beyond that is no second of Unix time


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """What an API says of a model's end: ``at``, in Unix time, or None; ``over`` if it says that it has come."""

    at: float | None = None
    over: bool = False

    def is_past(self, now: float) -> bool:
        """Whether the model should be gone by now."""
        return self.over or (self.at is not None and self.at <= now)


TELLING = frozenset({"openai-chat", "openai-responses", "anthropic"})
"""The protocols whose APIs may tell."""


def retirement_request(protocol: ChatProtocol, ask: Ask) -> Request | None:
    """The request for the model's entry, with the headers of a question; None where the API does not tell."""
    if protocol.name not in TELLING:
        return None
    url = URL(ask.url(f"/models/{quote(ask.model, safe=':')}"), encoded=True)
    headers = {name: value for name, value in protocol.request(ask).headers.items() if name != "Content-Type"}
    return Request(url=url, headers={**headers, "Accept": "application/json"})


def retirement(entry: Document) -> Retirement:
    """What a model's entry says of its end; nothing is as good as an active model."""
    at = next((seconds for name in _DATES if (seconds := _seconds(entry.get(name))) is not None), None)
    return Retirement(at=at, over=text(entry, "lifecycle") == "retired")


def _seconds(value: object) -> float | None:
    """Unix time of a date, with or without a time of day, or of the seconds themselves."""
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
        value = moment.timestamp()
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _LAST:
        return None
    return float(value)
