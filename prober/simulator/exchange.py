"""One request to a company: who asks, what goes wrong with it, and what handlers answer from."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from prober.simulator.dialects import OPENAI, Dialect, Trouble, bearer
from prober.simulator.faults.anywhere import BigHeader, Headers
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
    ``dialect`` is how its API speaks; a page has OpenAI's, for the little that is asked of it.
    """

    __slots__ = (
        "_active",
        "account",
        "began",
        "client",
        "company",
        "dialect",
        "id",
        "is_api",
        "random",
        "ready",
        "request",
        "session",
    )

    def __init__(self, request: web.Request, company: Company, faults: Faults, route: Route) -> None:
        self.request = request
        self.company = company
        self.is_api = route.dialect is not None
        self.dialect: Dialect = (route.dialect or OPENAI).of(request)
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
        self._active = [each for surface in route.surfaces for each in faults.striking(provider, surface, visit)]

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
        found = {name: value for fault in self.faults(Headers) for name, value in fault.headers.items()}
        if big := self.fault(BigHeader):
            found["X-Padding"] = "x" * big.size
        return found

    @property
    def prefix(self) -> str:
        """What the paths of this company begin with."""
        return self.company.provider.prefix

    @property
    def bearer(self) -> str | None:
        """The bearer token of the request, whatever its API takes for a key."""
        return bearer(self.request)

    def customer(self) -> Account:
        """Whose API key it is. Raises the API's refusal if it is nobody's."""
        key = self.dialect.key(self.request)
        if not key and not self.dialect.needs_key:
            return self.company.provider.accounts[0]
        if not key:
            raise self.dialect.refusal(Trouble.NO_KEY)
        account = self.company.account_of_key(key)
        if account is None:
            raise self.dialect.refusal(Trouble.BAD_KEY, key)
        return account

    async def json_object(self) -> dict[str, object]:
        """The body as a JSON object. Raises the API's 400 if it is none."""
        try:
            body = json.loads(await self.request.read())
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise self.dialect.refusal(Trouble.INVALID, message) from None
        if not isinstance(body, dict):
            raise self.dialect.refusal(Trouble.INVALID, "The JSON body of your request has to be an object.")
        return body

    def elapsed_seconds(self) -> float:
        """How long ago the request arrived."""
        return self.now() - self.began

    @staticmethod
    def now() -> float:
        """The loop's time."""
        return asyncio.get_running_loop().time()

    def _account_of_request(self) -> Account | None:
        key = self.dialect.key(self.request)
        if key:
            return self.company.account_of_key(key)
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
    """A method and path of a company, whose faults they are subject to, who answers, and in which API's dialect."""

    method: str
    path: str
    surfaces: tuple[str, ...]
    handler: Handler
    dialect: Dialect | None = None
