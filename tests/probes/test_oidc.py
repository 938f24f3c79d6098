"""Signing in by OpenID Connect at the simulator: the steps it expands to, its tokens, and what may go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import html
from yarl import URL

from prober.config import ConfigErrors
from prober.model.secret import Secret
from prober.probes.form import fill_in
from prober.probes.oidc import Oidc, oidc_steps
from prober.simulator.settings import SimulatorSettings
from tests.probes.journeys import COMPANY, Lab, in_lab, steps_of, verdict_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from prober.model.run import Result

OIDC = """
variables: {base: "${env:BASE}", user: "${env:USER}", password: "${env:PASSWORD}"}
oidc:
  issuer: "{{base}}"
  client_id: prober
  client_secret: "${env:CLIENT_SECRET}"
  redirect_uri: "${env:CALLBACK}"
  scope: openid email
  login:
    - {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
steps:
  - {name: whoami, role: whoami, get: "{{base}}/oauth/userinfo", bearer: "{{access_token}}",
     expect: [{jsonpath: $.email, equals: "{{user}}"}]}
"""
PUBLIC = OIDC.replace("client_id: prober", "client_id: prober-public").replace(
    '  client_secret: "${env:CLIENT_SECRET}"\n', ""
)
BY_URL = OIDC.replace(
    'issuer: "{{base}}"', 'authorize_url: "{{base}}/oauth/authorize"\n  token_url: "{{base}}/oauth/token"'
)
WITH_CODE = (
    OIDC.replace("${env:USER}", "${env:CAREFUL}")
    .replace("${env:PASSWORD}", "${env:CAREFUL_PASSWORD}")
    .replace(
        "steps:",
        """    - {name: make, totp: "${env:OTP}", as: code}
    - {name: second, role: submit, form: true, fields: {code: "{{code}}"}}
steps:""",
    )
)
CONSENT = OIDC.replace("steps:", '    - {name: agree, form: {css: "form#consent"}, fields: {answer: allow}}\nsteps:')

GOOD = {
    "discovery": OIDC,
    "a public client": PUBLIC,
    "given endpoints": BY_URL,
    "two factors": WITH_CODE,
    "own consent": CONSENT,
}


def sign_in(folder: Path, body: str, faults: object = None, **env: str) -> Result:
    """One run."""

    async def work(lab: Lab) -> Result:
        return await lab.run(body, **env)

    result: Result = in_lab(folder, work, faults=faults)
    return result


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
def test_a_sign_in(tmp_path: Path, body: str) -> None:
    """Through every page to the tokens, and who-am-I knows us by the access token."""
    result = sign_in(tmp_path, body)
    assert result.failure is None, (result.failure, steps_of(result))


def test_the_steps(tmp_path: Path) -> None:
    """Plain steps with names of their own; the way back is never requested, so its status is the redirect's."""
    assert steps_of(sign_in(tmp_path, OIDC)) == [
        "oidc-discovery ok 200",
        "oidc-authorize ok 200",
        "submit ok 200",
        "oidc-consent ok 302",
        "oidc-callback ok None",
        "oidc-token ok 200",
        "whoami ok 200",
    ]


FAULTS: dict[str, tuple[object, tuple[str, str, str]]] = {
    "discovery is down": (
        {"oidc": [{"fault": "status", "status": 503, "path": "/.well-known/*"}]},
        ("server_error", "page_error", "oidc-discovery"),
    ),
    "the login page is down": (
        {"login": [{"fault": "status", "status": 500}]},
        ("server_error", "page_error", "oidc-authorize"),
    ),
    "oops": ({"login": [{"fault": "oops"}]}, ("server_error", "sign_in_error", "submit")),
    "wrong password": ({"login": [{"fault": "reject_password"}]}, ("auth_rejected", "bad_credentials", "submit")),
    "locked out": ({"login": [{"fault": "locked_out"}]}, ("auth_rejected", "locked_out", "submit")),
    "expired token of the form": ({"login": [{"fault": "csrf"}]}, ("unexpected_response", "csrf", "submit")),
    "the form is gone": ({"login": [{"fault": "no_form"}]}, ("content_mismatch", "page_changed", "submit")),
    "challenge": ({"oidc": [{"fault": "challenge"}]}, ("bot_challenge", "challenge", "oidc-discovery")),
    "refused at the start": (
        {"oidc": [{"fault": "oauth_error", "word": "invalid_scope", "endpoint": "authorize"}]},
        ("request_rejected", "oauth_config", "oidc-callback"),
    ),
    "the provider is unwell": (
        {"oidc": [{"fault": "oauth_error", "word": "temporarily_unavailable", "endpoint": "authorize"}]},
        ("server_error", "sign_in_error", "oidc-callback"),
    ),
    "another state": ({"oidc": [{"fault": "wrong_state"}]}, ("content_mismatch", "expectation", "oidc-callback")),
    "another nonce": ({"oidc": [{"fault": "wrong_nonce"}]}, ("content_mismatch", "expectation", "oidc-token")),
    "no token": (
        {"oidc": [{"fault": "oauth_error", "word": "server_error"}]},
        ("server_error", "sign_in_error", "oidc-token"),
    ),
    "the client is unknown": (
        {"oidc": [{"fault": "oauth_error", "word": "invalid_client"}]},
        ("auth_rejected", "bad_credentials", "oidc-token"),
    ),
}


@pytest.mark.parametrize(("faults", "expected"), FAULTS.values(), ids=FAULTS)
def test_verdicts(tmp_path: Path, faults: object, expected: tuple[str, str, str]) -> None:
    """Each way of failing has its class and detail, and names the step."""
    result = sign_in(tmp_path, OIDC, faults)
    seen = verdict_of(result)
    assert seen == expected, (result.failure, steps_of(result))


def test_a_wrong_password_is_never_sent_twice_by_the_way_to_consent(tmp_path: Path) -> None:
    """The sign-in form again is no page to agree with: its form is not sent a second time."""
    result = sign_in(tmp_path, OIDC, PASSWORD="not-the-password")
    assert verdict_of(result) == ("auth_rejected", "bad_credentials", "submit")
    assert "oidc-consent skipped None" in steps_of(result)


HIDDEN = "<input type=hidden name=t value=1>"
SUBMIT = "<form method=post>" + HIDDEN + "<input type=submit %s><input type=submit %s></form>"
BUTTONS = (
    "<form action=/c method=post>" + HIDDEN + "<button %s>1</button><button %s>2</button><button %s>3</button></form>"
)
CONSENTS = {
    "django-oauth-toolkit cancels first": (
        SUBMIT % ("value=Cancel", "name=allow value=Authorize"),
        "/here t=1&allow=Authorize",
    ),
    "the same in a language that nobody here knows": (
        SUBMIT % ("value=Peru", "name=allow value=Valtuuta"),
        "/here t=1&allow=Valtuuta",
    ),
    "canaille: no, somebody else, yes": (
        BUTTONS % ("name=answer value=deny", "name=answer value=logout", "name=answer value=accept"),
        "/c t=1&answer=accept",
    ),
    "keycloak says yes and no": (
        SUBMIT % ("name=accept value=Yes", "name=cancel value=No"),
        "/here t=1&accept=Yes",
    ),
    "the example of panva's oidc-provider hides nothing": (
        "<form action=/interaction/u/confirm method=post><button autofocus type=submit>Continue</button></form>",
        "/interaction/u/confirm ",
    ),
    "nothing but a way out": ("<form action=/logout method=post><button>Sign out</button></form>", None),
    "a search": ("<form><button>Go</button></form>", None),
}


@pytest.mark.parametrize(("page", "expected"), CONSENTS.values(), ids=CONSENTS)
def test_the_button_that_agrees(page: str, expected: str | None) -> None:
    """The form with which providers ask for consent is sent by the button that gives it, not by its first."""
    given = Oidc(issuer="https://id.example", client_id="a", redirect_uri="https://app.example/")
    choice = next(step.form for step, _ in oidc_steps(given) if step.form is not None)
    form = choice.select(html.document_fromstring(page))
    assert (form is None) == (expected is None)
    if form is not None:
        filled = fill_in(form, {}, page_url=URL("https://id.example/here"), agrees=choice.agree)
        assert f"{filled.url.path} {filled.body.decode()}" == expected


def test_a_wrong_client_secret(tmp_path: Path) -> None:
    """The token endpoint says invalid_client, which is ours."""
    result = sign_in(tmp_path, OIDC, CLIENT_SECRET="not-the-secret")
    assert verdict_of(result) == ("auth_rejected", "bad_credentials", "oidc-token")


def test_an_unknown_redirect_uri(tmp_path: Path) -> None:
    """The provider sends nobody anywhere: a page of status 400."""
    result = sign_in(tmp_path, OIDC, CALLBACK="https://elsewhere.example/callback")
    assert result.failure is not None
    assert (result.failure.phase, result.failure.error_class) == ("oidc-authorize", "request_rejected")


WAYS_BACK = {
    "no path": "https://app.example.com",
    "an app's own scheme": "com.example.app:/callback",
    "an app's own scheme and no path": "com.example.app://callback",
    "a query": "https://app.example.com/callback?tenant=1",
}


@pytest.mark.parametrize("uri", WAYS_BACK.values(), ids=WAYS_BACK)
def test_ways_back(tmp_path: Path, uri: str) -> None:
    """Any URI that a client may have registered is known when the provider sends us there; none is requested."""
    [client, *others] = COMPANY.clients
    company = replace(COMPANY, clients=(replace(client, redirect_uri=uri), *others))

    async def work(lab: Lab) -> Result:
        return await lab.run(OIDC, CALLBACK=uri)

    result: Result = in_lab(tmp_path, work, settings=SimulatorSettings(providers=(company,)))
    assert result.failure is None, (result.failure, steps_of(result))


def test_a_client_secret_is_encoded() -> None:
    """RFC 6749 (2.3.1): id and secret are written as in a form before they are joined."""
    given = Oidc(
        issuer="https://id.example.com",
        client_id="a:b",
        client_secret=Secret("c+d/é"),
        redirect_uri="https://app.example.com/",
    )
    basic = oidc_steps(given)[-1][0].basic
    assert basic is not None
    assert (basic.user, basic.password.reveal()) == ("a%3Ab", "c%2Bd%2F%C3%A9")


def test_tokens_are_shown_nowhere(tmp_path: Path) -> None:
    """What comes of the flow is redacted like any other secret."""
    body = OIDC.replace('equals: "{{user}}"', 'equals: "x{{access_token}} {{id_token}}"')
    result = sign_in(tmp_path, body)
    assert result.failure is not None
    assert "at-" not in result.failure.message
    assert "eyJ" not in result.failure.message


WRONG: dict[str, tuple[str, str]] = {
    "nowhere to go": (OIDC.replace('issuer: "{{base}}"', "prompt: login"), "required without an `issuer`"),
    "both": (
        OIDC.replace('issuer: "{{base}}"', 'issuer: "{{base}}"\n  token_url: https://a.example/'),
        "one or the other",
    ),
    "no openid": (OIDC.replace("scope: openid email", "scope: email"), "OpenID Connect"),
    "unknown variable": (OIDC.replace('issuer: "{{base}}"', 'issuer: "{{nowhere}}"'), "'nowhere' is not known"),
    "unknown variable in a form": (OIDC.replace('"{{password}}"}}', '"{{nobody}}"}}'), r"oidc.login\[0\].*'nobody'"),
    "no redirect": (OIDC.replace('"${env:CALLBACK}"', "callback"), "whole URI"),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG)
def test_refused_configurations(tmp_path: Path, body: str, said: str) -> None:
    """Mistakes are told where they are."""

    async def work(lab: Lab) -> Any:
        lab.config(body, kind="login")

    with pytest.raises(ConfigErrors, match=said):
        in_lab(tmp_path, work)
