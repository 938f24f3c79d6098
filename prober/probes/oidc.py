"""Signing in by OpenID Connect, as the plain steps that it consists of: code flow with PKCE (RFC 7636)."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from prober.http.expect import Checks, Expect, Extract
from prober.http.expect.pattern import Pattern
from prober.http.settings import Basic
from prober.model.secret import Secret
from prober.model.setting import SettingError, SettingErrors, setting
from prober.model.template import variables
from prober.probes.form_choice import FormChoice
from prober.probes.step import METHODS, Step
from prober.probes.texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Oidc", "oidc_steps"]

_NAVIGATES = (*METHODS, "form")
_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)
_CLAIMS = [{"split": "."}, {"nth": 1}, "base64_decode"]
_AGREES = "@type='hidden' or @type='submit' or @type='checkbox' or @type='button' or @type='image'"
_SENDS = "(.//button or .//input[@type='submit'])"
_ELSEWHERE = " or ".join(f"contains(@action, '{word}')" for word in ("logout", "signout", "cancel", "abort", "deny"))
_CONSENT = (
    f"//form[.//input[@type='hidden'] and {_SENDS}] | //form[not(//form//input[@type='hidden']) and {_SENDS}"
    f" and translate(@method, 'POST', 'post') = 'post' and not({_ELSEWHERE})]"
)
_TYPED = f"//form//*[self::textarea or self::input[not(@type) or not({_AGREES})]]"
"""What is typed into: a page without it only wants to be agreed with. Any other form is left alone, lest a password be
sent again or somebody signed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """How to sign in at an OpenID provider. Texts may hold ``{{variables}}``."""

    issuer: str | None = setting("The provider, which says by itself where its endpoints are.", default=None)
    authorize_url: str | None = setting("Instead of the issuer: where one signs in.", default=None)
    token_url: str | None = setting("Instead of the issuer: where tokens are given out.", default=None)
    client_id: str = setting("The client's id.")
    client_secret: Secret | None = setting("The client's secret; a public client has none.", default=None)
    redirect_uri: str = setting("Where the provider sends the browser back to; it is never requested.")
    scope: str = setting("What is asked for.", default="openid")
    login: tuple[Step, ...] = setting("The steps on the provider's pages: its forms, page by page.", factory=tuple)
    prompt: str | None = setting("What the provider must ask for again, as login or consent.", default=None)

    def __post_init__(self) -> None:
        """Refuse a flow that does not know where to go."""
        errors = list(_mistakes(self))
        if errors:
            raise SettingErrors(errors)

    def texts(self) -> Iterator[str]:
        """All texts in which placeholders may stand, but for those of its steps."""
        for field in dataclasses.fields(self):
            if field.name != "login":
                yield from texts_in(getattr(self, field.name))


def _mistakes(given: Oidc) -> Iterator[SettingError]:
    if given.issuer is None:
        for key in ("authorize_url", "token_url"):
            if getattr(given, key) is None:
                yield SettingError("is required without an `issuer`", (key,))
    elif given.authorize_url is not None or given.token_url is not None:
        key = "token_url" if given.authorize_url is None else "authorize_url"
        yield SettingError("the issuer says it: give one or the other", (key,))
    if not _WHOLE.match(given.redirect_uri) and not variables(given.redirect_uri):
        yield SettingError("must be the whole URI, as it is registered at the provider", ("redirect_uri",))
    if "openid" not in given.scope.split() and not variables(given.scope):
        yield SettingError("`openid` is what makes it OpenID Connect", ("scope",))


def oidc_steps(given: Oidc) -> tuple[tuple[Step, int | None], ...]:
    """The plain steps, each with its place in ``login`` where it stands there."""
    back = f"^{_pattern(given.redirect_uri)}/?([?&#]|$)"  # a URI without a path is read as one with the path /
    away = [{"url": True, "not_matches": back}]
    steps: list[tuple[Step, int | None]] = []
    if given.issuer is not None:
        steps.append((_discovery(given.issuer), None))
    steps.append((_authorize(given, back), None))
    steps += [(_on_the_way(step, back, away), at) for at, step in enumerate(given.login)]
    consent = Step(
        name="oidc-consent",
        form=FormChoice(xpath=_CONSENT, agree=True),
        until=back,
        when=Checks.from_setting([*away, {"xpath": _CONSENT}, {"xpath": _TYPED, "exists": False}]),
    )
    steps.append((consent, None))
    steps.append((_callback(back), None))
    steps.append((_exchange(given), None))
    return tuple(steps)


def _pattern(text: str) -> str:
    """The text as a pattern, in which placeholders stay what they are: their values are escaped when they are known."""
    found = variables(text)
    pattern = Pattern.escape(text)
    for name in found:
        pattern = pattern.replace(Pattern.escape("{{" + name + "}}"), "{{" + name + "}}")
    return pattern


def _discovery(issuer: str) -> Step:
    return Step(
        name="oidc-discovery",
        get=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        headers={"Accept": "application/json"},
        expect=Expect.from_setting([{"status": 200}, {"jsonpath": "$.issuer", "equals": issuer}]),
        extract=Extract.from_setting(
            {
                "oidc_authorize": {"jsonpath": "$.authorization_endpoint"},
                "oidc_token": {"jsonpath": "$.token_endpoint"},
            }
        ),
    )


def _authorize(given: Oidc, back: str) -> Step:
    query = {
        "response_type": "code",
        "client_id": given.client_id,
        "redirect_uri": given.redirect_uri,
        "scope": given.scope,
        "state": "{{random.state}}",
        "nonce": "{{random.nonce}}",
        "code_challenge": "{{pkce.challenge}}",
        "code_challenge_method": "S256",
    }
    if given.prompt is not None:
        query["prompt"] = given.prompt
    return Step(name="oidc-authorize", get=given.authorize_url or "{{oidc_authorize}}", query=query, until=back)


def _on_the_way(step: Step, back: str, away: Sequence[object]) -> Step:
    """A step on the provider's pages: it stops at the way back, and is left out when we are there already."""
    if step.action not in _NAVIGATES:
        return step
    when = Checks.from_setting(list(away))
    if step.when is not None:
        when = when.and_also(step.when)
    return dataclasses.replace(step, until=step.until or back, when=when)


def _callback(back: str) -> Step:
    return Step(
        name="oidc-callback",
        look=True,
        expect=Expect.from_setting(
            [{"url": True, "matches": back}, {"url_param": "state", "equals": "{{random.state}}"}]
        ),
        extract=Extract.from_setting({"oidc_code": {"url_param": "code", "secret": True}}),
    )


def _encoded(text: str) -> str:
    """As a form writes it, which RFC 6749 (2.3.1) asks for in basic authentication; placeholders stay."""
    return quote_plus(text, safe="{}")


def _claim(path: str, **predicate: str) -> dict[str, object]:
    """A check of what the id token says; it comes from the provider itself, so that its signature adds nothing."""
    return {"jsonpath": "$.id_token", "filters": [*_CLAIMS, {"jsonpath": path}], **predicate}


def _exchange(given: Oidc) -> Step:
    data = {
        "grant_type": "authorization_code",
        "code": "{{oidc_code}}",
        "redirect_uri": given.redirect_uri,
        "code_verifier": "{{pkce.verifier}}",
    }
    basic = None
    if given.client_secret is not None:
        password = Secret(_encoded(given.client_secret.reveal()))
        basic = Basic(user=_encoded(given.client_id), password=password)
    checks: list[dict[str, object]] = [
        {"status": 200},
        _claim("$.nonce", equals="{{random.nonce}}"),
        _claim("$.aud", contains=given.client_id),  # one audience, or a list of them
    ]
    if given.issuer is not None:
        checks.append(_claim("$.iss", equals=given.issuer))
    return Step(
        name="oidc-token",
        role="submit",
        post=given.token_url or "{{oidc_token}}",
        headers={"Accept": "application/json"},
        data=data if basic is not None else {**data, "client_id": given.client_id},
        basic=basic,
        expect=Expect.from_setting(checks),
        extract=Extract.from_setting(
            {
                "access_token": {"jsonpath": "$.access_token", "secret": True},
                "id_token": {"jsonpath": "$.id_token", "secret": True},
                "refresh_token": {"jsonpath": "$.refresh_token", "default": "", "secret": True},
            }
        ),
    )
