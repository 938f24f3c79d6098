"""Errors of OAuth 2 and OpenID Connect, where the error is a word of its own."""

from __future__ import annotations

from prober.classify.codes.table import Scope, Table
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

__all__ = ["OAUTH", "OAUTH_ERRORS", "SIGN_IN_ERRORS"]

_CREDENTIALS = Rule(ErrorClass.AUTH_REJECTED, "bad_credentials")
_SIGN_IN = Rule(ErrorClass.SERVER_ERROR, "sign_in_error")
_CONFIG = Rule(ErrorClass.REQUEST_REJECTED, "oauth_config")

OAUTH_ERRORS = {
    "invalid_grant": _CREDENTIALS,
    "access_denied": _CREDENTIALS,
    "invalid_client": _CREDENTIALS,
    "server_error": _SIGN_IN,
    "temporarily_unavailable": _SIGN_IN,
    "mfa_required": Rule(ErrorClass.AUTH_REJECTED, "mfa_required"),  # Auth0's, at a token endpoint
    **dict.fromkeys(
        (
            "account_selection_required",
            "consent_required",
            "insufficient_scope",
            "interaction_required",
            "invalid_request",
            "invalid_request_object",
            "invalid_request_uri",
            "invalid_scope",
            "invalid_target",
            "login_required",
            "registration_not_supported",
            "request_not_supported",
            "request_uri_not_supported",
            "unauthorized_client",
            "unsupported_grant_type",
            "unsupported_response_type",
        ),
        _CONFIG,
    ),
}
"""The registered words (RFC 6749, 6750, 8707, OpenID Connect Core) and what they mean while one signs in."""

SIGN_IN_ERRORS = OAUTH_ERRORS | {
    "CredentialsSignin": _CREDENTIALS,
    "MissingCSRF": Rule(ErrorClass.UNEXPECTED_RESPONSE, "csrf"),
}
"""With the words that Auth.js (NextAuth) puts into the URL of its sign-in page, where nothing else tells them apart."""

_OAUTH_ONLY = ("invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type")

OAUTH = Table(
    codes={Scope.OAUTH: OAUTH_ERRORS, Scope.WORD: {word: OAUTH_ERRORS[word] for word in _OAUTH_ONLY}},
    # It says only that a token is no longer good: its status says the same.
    types={Scope.WORD: {"invalid_token": 401}},
)
