"""Sessions and hidden form tokens: what a browser is given, and what it must send back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from prober.simulator.exchange import COOKIE
from prober.simulator.faults.pages import CsrfFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.company import Session
    from prober.simulator.exchange import Exchange

__all__ = ["attach_session", "detach_session", "issue_token", "local_path", "read_form", "token_is_valid"]


def issue_token(exchange: Exchange) -> tuple[Session, str]:
    """A fresh hidden token of the browser's session, which is opened if there is none."""
    session = exchange.session or exchange.company.open_session()
    token = secrets.token_urlsafe(24)
    session.tokens.append(token)
    return session, token


def token_is_valid(exchange: Exchange, fields: Mapping[str, str]) -> bool:
    """Whether the form's hidden token belongs to the session. It counts once."""
    token = fields.get(exchange.company.provider.csrf_field, "")
    session = exchange.session
    if session is None or token not in session.tokens or exchange.fault(CsrfFailure) is not None:
        return False
    session.tokens.remove(token)
    return True


async def read_form(exchange: Exchange) -> dict[str, str]:
    """The text fields of a submitted form; of fields with the same name the last one."""
    data = await exchange.request.post()
    return {name: value for name, value in data.items() if isinstance(value, str)}


def attach_session(exchange: Exchange, response: web.Response, session: Session) -> None:
    """Give the browser the session's cookie, unless it has it."""
    if exchange.request.cookies.get(COOKIE) != session.id:
        response.set_cookie(COOKIE, session.id, path=exchange.prefix or "/", httponly=True, samesite="Lax")


def detach_session(exchange: Exchange, response: web.Response) -> None:
    """Take the session's cookie away from the browser."""
    response.del_cookie(COOKIE, path=exchange.prefix or "/", httponly=True, samesite="Lax")


def local_path(exchange: Exchange, wanted: str) -> str:
    """Where to go after signing in: the wanted path if it is ours, else the chat."""
    if wanted.startswith(f"{exchange.prefix}/") and not wanted.startswith("//") and "\\" not in wanted:
        return wanted
    return f"{exchange.prefix}/chat"
