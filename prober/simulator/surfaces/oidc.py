"""An OpenID provider: discovery, sign-in with consent, and where the browser is sent back to."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from yarl import URL

from prober.simulator.company import Grant
from prober.simulator.exchange import Route
from prober.simulator.faults.identity import OAuthError, WrongState
from prober.simulator.forms import read_form, token_is_valid
from prober.simulator.pages import form_page, redirect, text_page
from prober.simulator.surfaces import oidc_token
from prober.simulator.surfaces.oidc_token import issuer_of
from prober.simulator.surfaces.session import json_answer, signed_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Client

__all__ = ["ROUTES"]


async def _discovery(exchange: Exchange) -> web.Response:
    issuer = issuer_of(exchange)
    return json_answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "userinfo_endpoint": f"{issuer}/oauth/userinfo",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "password"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def _client(exchange: Exchange, query: Mapping[str, str]) -> Client | None:
    """The client, if it is known and comes from where it may; else nobody is sent anywhere."""
    for client in exchange.company.provider.clients:
        if client.id == query.get("client_id") and client.redirect_uri == query.get("redirect_uri"):
            return client
    return None


async def _authorize(exchange: Exchange) -> web.Response:
    query = exchange.request.query
    client = _client(exchange, query)
    if client is None:
        return text_page(exchange, "Bad request", "This client or its redirect_uri is not known.", status=400)
    refused = exchange.fault(OAuthError)
    if refused is not None and refused.endpoint == "authorize":
        return _back(exchange, query, error=refused.word)
    if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
        return _back(exchange, query, error="invalid_request")
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
        return _back(exchange, query, error="invalid_request")
    here = str(exchange.request.rel_url)
    session = signed_in(exchange)
    if session is None or session.account is None:
        return redirect(str(URL.build(path=f"{exchange.prefix}/login", query={"next": here})), status=302)
    return form_page(exchange, "consent", client_id=client.id, request=here)


async def _consent(exchange: Exchange) -> web.Response:
    fields = await read_form(exchange)
    session = signed_in(exchange)
    query = URL(fields.get("request", "")).query
    if session is None or session.account is None or not token_is_valid(exchange, fields):
        return text_page(exchange, "Forbidden", "CSRF verification failed. Request aborted.", status=403)
    if _client(exchange, query) is None:
        return text_page(exchange, "Bad request", "This client or its redirect_uri is not known.", status=400)
    if fields.get("answer") != "allow":
        return _back(exchange, query, error="access_denied")
    code = secrets.token_urlsafe(24)
    grant = Grant(
        client=query["client_id"],
        account=session.account,
        scope=query.get("scope", ""),
        nonce=query.get("nonce"),
        challenge=query.get("code_challenge"),
    )
    exchange.company.codes.put(code, grant)
    return _back(exchange, query, code=code)


def _back(exchange: Exchange, query: Mapping[str, str], **told: str) -> web.Response:
    """The way back to the client."""
    state = "nobody-sent-this" if exchange.fault(WrongState) else query.get("state")
    named = {**told, "iss": issuer_of(exchange), **({"state": state} if state else {})}
    return redirect(str(URL(query["redirect_uri"]).update_query(named)), status=302)


_OIDC = ("oidc",)
ROUTES = (
    Route(method="GET", path="/.well-known/openid-configuration", surfaces=_OIDC, handler=_discovery),
    Route(method="GET", path="/oauth/authorize", surfaces=_OIDC, handler=_authorize),
    Route(method="POST", path="/oauth/consent", surfaces=_OIDC, handler=_consent),
    *oidc_token.ROUTES,
)
