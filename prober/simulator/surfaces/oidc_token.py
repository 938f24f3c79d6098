"""Where tokens are given out: for codes, for refresh tokens that rotate, for clients, for passwords."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from prober.simulator.company import Grant
from prober.simulator.exchange import Route
from prober.simulator.faults.identity import OAuthError, WrongNonce
from prober.simulator.forms import read_form
from prober.simulator.surfaces.session import json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange
    from prober.simulator.settings import Client

__all__ = ["ROUTES", "issuer_of"]


class _Refusal(Exception):
    """The word of RFC 6749, 5.2."""


def issuer_of(exchange: Exchange) -> str:
    """The provider's name for itself."""
    return f"{exchange.request.url.origin()}{exchange.prefix}"


async def _token(exchange: Exchange) -> web.Response:
    fields = await read_form(exchange)
    try:
        client = _client(exchange, fields)
        grant = _grant(exchange, client, fields)
    except _Refusal as refusal:
        status = {"invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503}.get(str(refusal), 400)
        return json_answer({"error": str(refusal)}, status=status)
    return json_answer(_answer(exchange, client, grant))


def _client(exchange: Exchange, fields: Mapping[str, str]) -> Client:
    """Whoever has the client's secret; a public client has none to show."""
    scheme, _, encoded = exchange.request.headers.get("Authorization", "").partition(" ")
    name, secret = fields.get("client_id", ""), fields.get("client_secret", "")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
        except ValueError:
            raise _Refusal("invalid_client") from None
        name, secret = unquote_plus(name), unquote_plus(secret)
    for client in exchange.company.provider.clients:
        if client.id == name and hmac.compare_digest((client.secret or "").encode(), secret.encode()):
            return client
    raise _Refusal("invalid_client")


def _grant(exchange: Exchange, client: Client, fields: Mapping[str, str]) -> Grant:
    company, scope = exchange.company, fields.get("scope", "")
    fault = exchange.fault(OAuthError)
    if fault is not None and fault.endpoint == "token":
        raise _Refusal(fault.word)
    grant: Grant | None
    match fields.get("grant_type"):
        case "authorization_code":
            return _of_code(exchange, client, fields)
        case "refresh_token":
            grant = company.refresh_tokens.drop(fields.get("refresh_token", ""))
        case "password":
            account = company.sign_in(fields.get("username", ""), fields.get("password", ""))
            grant = Grant(client=client.id, account=account, scope=scope) if account else None
        case "client_credentials" if client.secret is not None:
            grant = Grant(client=client.id, account=company.provider.accounts[0], scope=scope)
        case "client_credentials":
            raise _Refusal("unauthorized_client")
        case _:
            raise _Refusal("unsupported_grant_type")
    if grant is None or grant.client != client.id:
        raise _Refusal("invalid_grant")
    return grant


def _of_code(exchange: Exchange, client: Client, fields: Mapping[str, str]) -> Grant:
    """What a code stands for: it counts once, and only with what its challenge was made of."""
    grant = exchange.company.codes.drop(fields.get("code", ""))
    digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if grant is None or grant.client != client.id or grant.challenge != challenge:
        raise _Refusal("invalid_grant")
    if fields.get("redirect_uri") != client.redirect_uri:
        raise _Refusal("invalid_grant")
    return grant


def _answer(exchange: Exchange, client: Client, grant: Grant) -> dict[str, object]:
    company = exchange.company
    answer: dict[str, object] = {
        "access_token": company.issue_key(grant.account),
        "token_type": "Bearer",
        "expires_in": company.provider.token_seconds,
        "scope": grant.scope,
    }
    refresh = secrets.token_urlsafe(24)
    company.refresh_tokens.put(refresh, grant)
    answer["refresh_token"] = refresh
    if "openid" in grant.scope.split():
        answer["id_token"] = _id_token(exchange, client, grant)
    return answer


def _id_token(exchange: Exchange, client: Client, grant: Grant) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer_of(exchange),
        "sub": grant.account.email,
        "aud": client.id,
        "iat": now,
        "exp": now + exchange.company.provider.token_seconds,
        "nonce": "nobody-sent-this" if exchange.fault(WrongNonce) else grant.nonce,
    }
    parts = [_part({"alg": "HS256", "typ": "JWT"}), _part(claims)]
    signed = hmac.digest((client.secret or "public").encode(), ".".join(parts).encode(), "sha256")
    return ".".join([*parts, base64.urlsafe_b64encode(signed).rstrip(b"=").decode()])


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def _userinfo(exchange: Exchange) -> web.Response:
    account = exchange.company.account_of_key(exchange.bearer or "")
    if account is None:
        refused = json_answer({"error": "invalid_token"}, status=401)
        refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return refused
    return json_answer({"sub": account.email, "email": account.email, "name": account.name})


ROUTES = (
    Route(method="POST", path="/oauth/token", surfaces=("oidc",), handler=_token),
    Route(method="GET", path="/oauth/userinfo", surfaces=("oidc",), handler=_userinfo),
)
