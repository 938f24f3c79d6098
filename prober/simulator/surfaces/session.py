"""The who-am-I of the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.errors import encoded
from prober.simulator.exchange import Route
from prober.simulator.faults.pages import Anonymous

if TYPE_CHECKING:
    from prober.simulator.company import Session
    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES", "json_answer", "signed_in"]


def json_answer(value: object, *, status: int = 200) -> web.Response:
    """An answer of the web app's own API."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(status=status, body=encoded(value), headers=headers)


def signed_in(exchange: Exchange) -> Session | None:
    """The session, if somebody is signed in."""
    session = exchange.session
    return session if session is not None and session.account is not None else None


async def _me(exchange: Exchange) -> web.Response:
    session = signed_in(exchange)
    if session is None or session.account is None or exchange.fault(Anonymous):
        return json_answer({"detail": "Not authenticated"}, status=401)
    account = session.account
    return json_answer({"email": account.email, "name": account.name, "plan": account.tier, "token": session.token})


ROUTES = (Route(method="GET", path="/api/me", surfaces=("session",), handler=_me),)
