"""One request to a company: who asks, what goes wrong with it, and what handlers answer from."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from prober.simulator.errors import ApiError
from prober.simulator.faults.anywhere import BigHeader
from prober.simulator.faults.fault import Fault, Visit, client_of
from prober.simulator.faults.pages import SignedOut

if TYPE_CHECKING:
    from prober.simulator.company import Company
    from prober.simulator.faults.store import Faults
    from prober.simulator.settings import Account

__all__ = ["COOKIE", "Exchange", "Handler", "Route"]

COOKIE = "session"
_NEVER = float("-inf")

F = TypeVar("F", bound=Fault)


class Exchange:
    """A request on its way.

    ``began`` is the loop's time of its arrival; ``ready`` is when the company set to work, and the pace counts from it.
    """

    __slots__ = ("_active", "account", "began", "client", "company", "id", "random", "ready", "request", "session")

    def __init__(self, request: web.Request, company: Company, faults: Faults, surfaces: Iterable[str]) -> None:
        self.request = request
        self.company = company
        self.began = self.ready = self.now()
        self.random = faults.random
        self.id = f"req_{secrets.token_hex(16)}"
        self.client = client_of(request.headers.get("User-Agent", ""))
        self.session = company.sessions.get(request.cookies.get(COOKIE, ""))
        self.account = self._account_of_request()
        visit = Visit(
            method="GET" if request.method == "HEAD" else request.method,
            path=request.path.removeprefix(company.provider.prefix),
            client=self.client,
            tier=self.account.tier if self.account else None,
        )
        self._end_session_if_signed_out(faults, visit)
        provider = company.provider.name
        self._active = [each for surface in surfaces for each in faults.striking(provider, surface, visit)]

    def faults(self, *kinds: type[F]) -> Iterator[F]:
        """The faults of these kinds that strike the request, in the order of the document."""
        return (each.fault for each in self._active if isinstance(each.fault, kinds))

    def fault(self, kind: type[F]) -> F | None:
        """The first fault of this kind that strikes the request."""
        return next(self.faults(kind), None)

    def set_at(self, kind: type[Fault]) -> float | None:
        """When the fault of this kind that strikes the request was set, as Unix time."""
        return next((each.at for each in self._active if isinstance(each.fault, kind)), None)

    def head(self) -> dict[str, str]:
        """Headers that every answer carries because of a fault."""
        big = self.fault(BigHeader)
        return {"X-Padding": "x" * big.size} if big else {}

    @property
    def prefix(self) -> str:
        """What the paths of this company begin with."""
        return self.company.provider.prefix

    @property
    def bearer(self) -> str | None:
        """The key that came with the request."""
        scheme, _, key = self.request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else None

    def customer(self) -> Account:
        """Whose API key it is. Raises the API's 401 if it is nobody's."""
        key = self.bearer
        if not key:
            raise ApiError(
                401, "You didn't provide an API key. Provide it in an Authorization header: Bearer YOUR_KEY."
            )
        account = self.company.account_of_key(key)
        if account is None:
            shown = key[:8] + "*" * max(0, len(key) - 12) + key[-4:]
            raise ApiError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")
        return account

    async def json_object(self) -> dict[str, object]:
        """The body as a JSON object. Raises the API's 400 if it is none."""
        try:
            body = json.loads(await self.request.read())
        except (ValueError, RecursionError):
            raise ApiError(400, "We could not parse the JSON body of your request.") from None
        if not isinstance(body, dict):
            raise ApiError(400, "The JSON body of your request has to be an object.")
        return body

    def elapsed_seconds(self) -> float:
        """How long ago the request arrived."""
        return self.now() - self.began

    @staticmethod
    def now() -> float:
        """The loop's time."""
        return asyncio.get_running_loop().time()

    def _account_of_request(self) -> Account | None:
        if self.bearer:
            return self.company.account_of_key(self.bearer)
        return self.session.account if self.session else None

    def _end_session_if_signed_out(self, faults: Faults, visit: Visit) -> None:
        if self.session is None or self.session.account is None:
            return
        striking = faults.striking(self.company.provider.name, "session", visit)
        ended = (each.since for each in striking if isinstance(each.fault, SignedOut))
        if self.session.created_at < max(ended, default=_NEVER):
            self.company.close_session(self.session)
            self.session = self.account = None


Handler = Callable[[Exchange], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and path of a company, whose faults they are subject to, and who answers."""

    method: str
    path: str
    surfaces: tuple[str, ...]
    handler: Handler
