"""Opening an account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from prober.simulator.exchange import Route
from prober.simulator.faults.pages import Blank, Closed, NoForm
from prober.simulator.forms import read_form, token_is_valid
from prober.simulator.pages import form_page, page, redirect, text_page
from prober.simulator.settings import Account

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]


async def _page(exchange: Exchange) -> web.Response:
    if exchange.fault(Blank):
        return page(exchange, "blank")
    if closed := exchange.fault(Closed):
        return text_page(exchange, "Sign-ups are closed", closed.text)
    return _form(exchange)


def _form(exchange: Exchange, *, error: str | None = None, name: str = "", email: str = "") -> web.Response:
    shown = exchange.fault(NoForm) is None
    return form_page(exchange, "signup", form=shown, error=error, name=name, email=email)


async def _submit(exchange: Exchange) -> web.Response:
    if closed := exchange.fault(Closed):
        return text_page(exchange, "Sign-ups are closed", closed.text, status=403)
    fields = await read_form(exchange)
    if not token_is_valid(exchange, fields):
        return text_page(exchange, "Forbidden", "CSRF verification failed. Request aborted.", status=403)
    name, email = fields.get("name", "")[:200], fields.get("email", "").strip().lower()[:200]
    password = fields.get("password", "")
    error = None
    if "@" not in email:
        error = "Enter a valid email address."
    elif len(password) < 8:
        error = "This password is too short. It must contain at least 8 characters."
    elif not exchange.company.add_account(_account(name, email, password)):
        error = "An account with this address cannot be opened."
    return _form(exchange, error=error, name=name, email=email) if error else redirect(f"{exchange.prefix}/login")


def _account(name: str, email: str, password: str) -> Account:
    return Account(name=name, email=email, password=password, api_key=f"sk-{secrets.token_urlsafe(24)}", tier="free")


ROUTES = (
    Route(method="GET", path="/signup", surfaces=("signup",), handler=_page),
    Route(method="POST", path="/signup", surfaces=("signup",), handler=_submit),
)
