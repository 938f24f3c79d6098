"""Signing in and out: a form with a hidden token, as Django's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.exchange import Route
from prober.simulator.faults.identity import Captcha
from prober.simulator.faults.pages import Blank, LockedOut, NoForm, Oops, Rejection, RejectPassword
from prober.simulator.forms import detach_session, read_form, token_is_valid
from prober.simulator.pages import form_page, page, redirect, text_page
from prober.simulator.surfaces.second_factor import signed_in_as, wants_code

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["OOPS", "ROUTES"]

OOPS = "Oops! We ran into an issue while signing you in, please take a break and try again soon."
_WRONG = "Please enter a correct email and password. Note that both fields may be case-sensitive."
_LOCKED = "Too many failed login attempts. Try again later."


async def _page(exchange: Exchange) -> web.Response:
    if exchange.fault(Blank):
        return page(exchange, "blank")
    if exchange.session is not None and exchange.session.account is not None:
        return redirect(f"{exchange.prefix}/chat")
    return _form(exchange, next_=exchange.request.query.get("next", ""))


def _form(
    exchange: Exchange, *, error: str | None = None, email: str = "", next_: str = "", status: int = 200
) -> web.Response:
    shown, captcha = exchange.fault(NoForm) is None, exchange.fault(Captcha) is not None
    return form_page(
        exchange, "login", status=status, form=shown, captcha=captcha, error=error, email=email, next=next_
    )


async def _submit(exchange: Exchange) -> web.Response:
    if oops := exchange.fault(Oops):
        return text_page(exchange, "Sign in", OOPS, status=oops.status)
    fields = await read_form(exchange)
    if not token_is_valid(exchange, fields):
        return text_page(exchange, "Forbidden", "CSRF verification failed. Request aborted.", status=403)
    email, next_ = fields.get("email", ""), fields.get("next", "")
    if exchange.fault(LockedOut) or exchange.fault(Captcha):  # a captcha that is not answered says nothing
        error = _LOCKED if exchange.fault(LockedOut) else None
        return _form(exchange, error=error, email=email, next_=next_)
    account = exchange.company.sign_in(email, fields.get("password", ""))
    if account is None or exchange.fault(RejectPassword):
        return _rejected(exchange, email, next_)
    if account.totp_seed is not None:
        return wants_code(exchange, account, next_)
    return signed_in_as(exchange, account, next_)


def _rejected(exchange: Exchange, email: str, next_: str) -> web.Response:
    rejection = exchange.fault(Rejection)
    status = rejection.status if rejection else 200
    if 300 <= status < 400:
        return redirect(f"{exchange.prefix}/login", status=status)
    return _form(exchange, error=_WRONG, email=email, next_=next_, status=status)


async def _logout(exchange: Exchange) -> web.Response:
    if not token_is_valid(exchange, await read_form(exchange)):
        return text_page(exchange, "Forbidden", "CSRF verification failed. Request aborted.", status=403)
    if exchange.session is not None:
        exchange.company.close_session(exchange.session)
    response = redirect(f"{exchange.prefix}/")
    detach_session(exchange, response)
    return response


ROUTES = (
    Route(method="GET", path="/login", surfaces=("login",), handler=_page),
    Route(method="POST", path="/login", surfaces=("login",), handler=_submit),
    Route(method="POST", path="/logout", surfaces=("session",), handler=_logout),
)
