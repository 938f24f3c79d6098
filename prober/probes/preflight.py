"""Asks an API once a day when a model is shut down: free, when a run is over, and beside its verdict."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from prober.classify import Answer, Audience, answer
from prober.http.client import Client
from prober.http.settings import HttpSettings, RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.providers.protocol import Ask, ChatProtocol
from prober.providers.retirement import Retirement, retirement, retirement_request

if TYPE_CHECKING:
    from prober.http.message import Request

__all__ = ["SHUTDOWN", "Preflight"]

SHUTDOWN = "model_shutdown_timestamp"
"""The measure: Unix time, None where no date is announced."""

_TIMEOUT_NS = 3 * 10**9
_DAY_NS = 86_400 * 10**9
_AGAIN_NS = 3600 * 10**9  # after it failed
_KEPT = 20_000
_Key = tuple[str, str, str]


@dataclass(slots=True, kw_only=True)
class _Known:
    """What was said last, and when to ask again on the monotonic clock.

    ``due_ns`` is for everybody, ``tried`` for those who were not told: by a digest of what they show, as another key
    may be told.
    """

    said: Retirement | None = None
    due_ns: int = 0
    tried: dict[bytes, int] = field(default_factory=dict)

    def may_ask(self, credentials: bytes, now_ns: int) -> bool:
        """Whether it is time to; who may is taken to have tried."""
        if now_ns < max(self.due_ns, self.tried.get(credentials, 0)):
            return False
        self.tried = {each: due_ns for each, due_ns in self.tried.items() if due_ns > now_ns}
        self.tried[credentials] = now_ns + _AGAIN_NS
        return True


class _Retirements:
    """What is known of models; the longest unused goes when there are too many."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Known] = OrderedDict()

    def of(self, key: _Key) -> _Known:
        """What is known of one, to be written to."""
        known = self._kept.setdefault(key, _Known())
        self._kept.move_to_end(key)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return known


@dataclass(slots=True, kw_only=True)
class Preflight:
    """One run's question for the end of its model. ``missing`` says that the run found the model not there."""

    run: Run
    settings: HttpSettings
    protocol: ChatProtocol
    ask: Ask
    missing: bool = False

    async def __call__(self) -> None:
        """Ask, unless it is known already, and tell the run. Raises what kept us from an answer, for the log."""
        request = retirement_request(self.protocol, self.ask)
        if request is None:
            return
        key = (self.protocol.name, self.ask.endpoint, self.ask.model)
        known = self.run.memory.of(_Retirements).of(key)
        now_ns = self.run.clock.monotonic_ns()
        try:
            if known.may_ask(self._credentials(request), now_ns):
                known.said = await self._said(request)
                known.due_ns = now_ns + _DAY_NS
        finally:
            if known.said is not None:
                self._tell(known.said)

    def _credentials(self, request: Request) -> bytes:
        headers = sorted({**request.headers, **self.settings.headers}.items())
        return blake2b(repr(headers).encode(), digest_size=16).digest()

    def _tell(self, said: Retirement) -> None:
        self.run.learned[SHUTDOWN] = said.at
        if self.missing and said.is_past(self.run.clock.wall_ns() / 1e9):
            day = "" if said.at is None else f" on {dt.datetime.fromtimestamp(said.at, dt.UTC):%Y-%m-%d}"
            self.run.remark = f"the vendor has shut this model down{day}"

    async def _said(self, request: Request) -> Retirement:
        """What the API says, asked in a run of its own, so that nothing of it is measured."""
        run = self.run
        aside = Run(clock=run.clock, network=run.network, timeout_ns=_TIMEOUT_NS, redactor=run.redactor)
        async with asyncio.timeout(_TIMEOUT_NS / 1e9):
            response = await Client(self.settings, aside, to=RedirectsTo("same-origin")).fetch(request)
        given = Answer(
            status=response.status,
            headers=response.headers,
            body=response.body,
            protocol=self.protocol.name,
            redact=run.redactor,
        )
        if response.status != 200:
            verdict = answer(given, Audience.API)
            raise _unsaid(f"status {response.status}" if verdict is None else verdict.message)
        try:
            entry: object = json.loads(response.body)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict):
            raise _unsaid("no JSON object")
        return retirement(entry)


def _unsaid(seen: str) -> ProbeFailure:
    message = f"the API did not say when the model is shut down: {seen}"
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="status")
