"""Faults of the second factor and of the OpenID provider."""

from __future__ import annotations

from dataclasses import dataclass

from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import key, one_of

__all__ = ["Captcha", "OAuthError", "RejectCode", "WrongNonce", "WrongState"]

_OIDC = frozenset({"oidc"})
_WORDS = (
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captcha(Fault):
    """The sign-in page wants to see a person: a submit without the captcha's answer gets the form again."""

    name = "captcha"
    surfaces = frozenset({"login"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCode(Fault):
    """Rejects every one-time code, the right one too."""

    name = "reject_code"
    surfaces = frozenset({"login"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthError(Fault):
    """The provider refuses, in the words of OAuth: where one signs in, or where tokens are given out."""

    name = "oauth_error"
    surfaces = _OIDC

    word: str = key(one_of(*_WORDS), "The error.", default="server_error")
    endpoint: str = key(one_of("authorize", "token"), "Where.", default="token")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongState(Fault):
    """The browser comes back with a state that nobody sent."""

    name = "wrong_state"
    surfaces = _OIDC


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongNonce(Fault):
    """The id token holds a nonce that nobody sent."""

    name = "wrong_nonce"
    surfaces = _OIDC
