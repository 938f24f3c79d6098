"""The pages of a company's web app, rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
from aiohttp import web

from prober.simulator.forms import attach_session, issue_token

if TYPE_CHECKING:
    from prober.simulator.exchange import Exchange

__all__ = ["app_page", "form_page", "page", "redirect", "text_page"]

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("prober.simulator", "site/templates"),
    autoescape=True,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def page(exchange: Exchange, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A page of the web app by the name of its template."""
    provider = exchange.company.provider
    text = _TEMPLATES.get_template(f"{template}.html").render(
        title=provider.title, prefix=provider.prefix, client=exchange.client, **values
    )
    return web.Response(
        status=status, text=text, content_type="text/html", charset="utf-8", headers={"Cache-Control": "no-store"}
    )


def form_page(exchange: Exchange, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A page with a form: it carries a fresh hidden token, and the cookie of the session that the token belongs to."""
    session, token = issue_token(exchange)
    field = exchange.company.provider.csrf_field
    response = page(exchange, template, status=status, csrf_field=field, csrf_token=token, **values)
    attach_session(exchange, response, session)
    return response


def text_page(exchange: Exchange, heading: str, text: str, *, status: int = 200) -> web.Response:
    """A page that only says something."""
    return page(exchange, "message", status=status, heading=heading, text=text)


def app_page(exchange: Exchange) -> web.Response:
    """The web app itself: the chat for whoever is signed in, else the landing page."""
    if exchange.session is not None and exchange.session.account is not None:
        return form_page(exchange, "chat", account=exchange.session.account)
    return page(exchange, "landing")


def redirect(location: str, *, status: int = 303) -> web.Response:
    """A redirect without a body."""
    return web.Response(status=status, headers={"Location": location})
