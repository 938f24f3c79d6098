"""Tokens of OAuth 2 (RFC 6749): the request for one, and what of its answer must be kept."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus, urlencode

from yarl import URL

from prober.http.message import Request
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.secret import Secret
from prober.model.setting import SettingError, SettingErrors, refuse, setting

if TYPE_CHECKING:
    from prober.http.expect import Subject

__all__ = ["OAuth2", "json_object", "token_request"]

_NEEDED = {
    "client_credentials": ("client_id", "client_secret"),
    "password": ("user", "password"),
    "refresh_token": ("refresh_token",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """How a token is asked for."""

    token_url: str = setting("Where tokens are given out.")
    grant: Literal["client_credentials", "password", "refresh_token"] = setting(
        "For what the token is given.", default="client_credentials"
    )
    client_id: str | None = setting("The client's id.", default=None)
    client_secret: Secret | None = setting("The client's secret, by reference.", default=None)
    scope: str | None = setting("What the token is for, as names with blanks between them.", default=None)
    audience: str | None = setting("Whom the token is for, where the server asks that.", default=None)
    user: str | None = setting("The user, for the grant `password`.", default=None)
    password: Secret | None = setting("The user's password, by reference.", default=None)
    refresh_token: Secret | None = setting(
        "The first refresh token; one that the server gives instead takes its place.", default=None
    )
    style: Literal["basic", "body"] = setting("Where the client's id and secret are sent.", default="basic")

    def __post_init__(self) -> None:
        """Refuse a grant without what it is granted for."""
        lacking = [key for key in _NEEDED[self.grant] if getattr(self, key) is None]
        refuse(SettingError(f"the grant {self.grant} needs its {key}", (key,)) for key in lacking)
        if self.client_secret is not None and self.client_id is None:
            raise SettingErrors.one("goes with client_id", "client_secret")

    def filled(self, filled: Callable[[str], str]) -> OAuth2:
        """The same with its placeholders filled in."""

        def text(value: str | None) -> str | None:
            return None if value is None else filled(value)

        def secret(value: Secret | None) -> Secret | None:
            return None if value is None else Secret(filled(value.reveal()))

        return OAuth2(
            token_url=filled(self.token_url),
            grant=self.grant,
            client_id=text(self.client_id),
            client_secret=secret(self.client_secret),
            scope=text(self.scope),
            audience=text(self.audience),
            user=text(self.user),
            password=secret(self.password),
            refresh_token=secret(self.refresh_token),
            style=self.style,
        )

    def digest(self) -> str:
        """A name for just this request, from which nothing of it can be read."""
        secrets = (self.client_secret, self.password, self.refresh_token)
        told = [self.token_url, self.grant, self.client_id, self.scope, self.audience, self.user]
        told += [None if secret is None else secret.reveal() for secret in secrets]
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()

    def grant_digest(self) -> str:
        """A name for the grant that the refresh token stands for, whatever is asked of it."""
        token = None if self.refresh_token is None else self.refresh_token.reveal()
        return hashlib.blake2b(json.dumps([self.token_url, self.client_id, token]).encode(), digest_size=16).hexdigest()

    def texts(self) -> tuple[str, ...]:
        """All its texts, for whoever looks for placeholders."""
        secrets = (self.client_secret, self.password, self.refresh_token)
        plain = (self.token_url, self.client_id, self.scope, self.audience, self.user)
        return (*(text for text in plain if text), *(secret.reveal() for secret in secrets if secret))

    def credentials(self) -> tuple[str, ...]:
        """What the server would count wrong attempts of."""
        secrets = (self.client_secret, self.password)
        return (*(text for text in (self.client_id, self.user) if text), *(each.reveal() for each in secrets if each))


def token_request(asked: OAuth2, *, refresh_token: Secret | None = None) -> Request:
    """The request for a token. ``refresh_token`` takes the place of the configured one."""
    url = URL(asked.token_url)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ProbeFailure(ErrorClass.PROBER_ERROR, "the token_url is not an absolute URL", detail="config")
    current = refresh_token or asked.refresh_token
    fields: Mapping[str, str | None] = {
        "grant_type": asked.grant,
        "scope": asked.scope,
        "audience": asked.audience,
        "username": asked.user if asked.grant == "password" else None,
        "password": asked.password.reveal() if asked.grant == "password" and asked.password else None,
        "refresh_token": current.reveal() if asked.grant == "refresh_token" and current else None,
    }
    pairs = {name: value for name, value in fields.items() if value is not None}
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if asked.client_id is not None and asked.client_secret is not None and asked.style == "basic":
        # RFC 6749, 2.3.1: both are URL-encoded before they are joined.
        joined = f"{quote_plus(asked.client_id)}:{quote_plus(asked.client_secret.reveal())}"
        headers["Authorization"] = f"Basic {base64.b64encode(joined.encode()).decode()}"
    elif asked.client_id is not None:
        pairs["client_id"] = asked.client_id
        if asked.client_secret is not None:
            pairs["client_secret"] = asked.client_secret.reveal()
    return Request(url=url, method="POST", headers=headers, body=urlencode(pairs).encode())


def json_object(subject: Subject) -> Mapping[str, object]:
    """The JSON object in an answer; empty for anything else."""
    try:
        document = json.loads(subject.text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, Mapping) else {}
