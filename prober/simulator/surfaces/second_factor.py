"""The one-time code after the password (RFC 6238), each good once."""

from __future__ import annotations

import base64
import hmac
import time
from typing import TYPE_CHECKING

from prober.simulator.exchange import Route
from prober.simulator.faults.identity import RejectCode
from prober.simulator.forms import attach_session, local_path, read_form, token_is_valid
from prober.simulator.pages import form_page, redirect, text_page

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Account

__all__ = ["ROUTES", "signed_in_as", "wants_code"]

_PERIOD = 30


def signed_in_as(exchange: Exchange, account: Account, next_: str) -> web.Response:
    """The way on for somebody who is now signed in.

    The session gets a new id, so that an id which somebody knew before the sign-in is worth nothing after it.
    """
    if exchange.session is not None:
        exchange.company.close_session(exchange.session)
    response = redirect(local_path(exchange, next_))
    attach_session(exchange, response, exchange.company.open_session(account))
    return response


def wants_code(exchange: Exchange, account: Account, next_: str) -> web.Response:
    """The way to the page that asks for the code."""
    session = exchange.session or exchange.company.open_session()
    session.pending = account
    response = redirect(
        str(exchange.request.url.relative().with_path(f"{exchange.prefix}/login/code").with_query(next=next_))
    )
    attach_session(exchange, response, session)
    return response


async def _page(exchange: Exchange) -> web.Response:
    if exchange.session is None or exchange.session.pending is None:
        return redirect(f"{exchange.prefix}/login")
    return form_page(exchange, "code", error=None, next=exchange.request.query.get("next", ""))


async def _submit(exchange: Exchange) -> web.Response:
    session = exchange.session
    if session is None or session.pending is None:
        return redirect(f"{exchange.prefix}/login")
    fields = await read_form(exchange)
    if not token_is_valid(exchange, fields):
        return text_page(exchange, "Forbidden", "CSRF verification failed. Request aborted.", status=403)
    next_ = fields.get("next", "")
    if exchange.fault(RejectCode) or not _is_good(exchange, session.pending, fields.get("code", "")):
        return form_page(exchange, "code", error="Incorrect code.", next=next_)
    return signed_in_as(exchange, session.pending, next_)


def _is_good(exchange: Exchange, account: Account, code: str) -> bool:
    """Whether it is the code of this time-step or of the one before, and a later one than was used last."""
    now = int(time.time()) // _PERIOD
    for step in (now - 1, now):
        right = hmac.compare_digest(
            _code(account.totp_seed or "", step), code.strip().encode("utf-8", "replace").decode()
        )
        if right and step > exchange.company.code_steps.get(account.email, -1):
            exchange.company.code_steps[account.email] = step
            return True
    return False


def _code(seed: str, step: int) -> str:
    digest = hmac.digest(base64.b32decode(seed), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


ROUTES = (
    Route(method="GET", path="/login/code", surfaces=("login",), handler=_page),
    Route(method="POST", path="/login/code", surfaces=("login",), handler=_submit),
)
