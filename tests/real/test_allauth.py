"""Django with allauth is signed into: password, second factor, lock-out, and as an OpenID provider with consent."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.real.command import check
from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cret-" + secrets.token_hex(4)
CLIENT_SECRET = "client-" + secrets.token_hex(8)
SEED = "JBSWY3DPEHPK3PXP"
OTHER_SEED = "GEZDGNBVGY3TQOJQ"


@pytest.fixture(scope="module")
def site(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab's site behind gunicorn, with three users, one of them with a second factor."""
    folder = tmp_path_factory.mktemp("allauth")
    shutil.copy(Path(__file__).with_name("allauth_lab.py"), folder)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    lab = {
        "LAB_FOLDER": str(folder),
        "LAB_SECRET": secrets.token_hex(32),
        "LAB_PASSWORD": PASSWORD,
        "LAB_SEED": SEED,
        "LAB_CLIENT_SECRET": CLIENT_SECRET,
        "LAB_KEY": pem.decode(),
    }
    env = {**os.environ, **lab}
    env.pop("PYTHONSAFEPATH", None)
    subprocess.run([servers / "python", "allauth_lab.py"], cwd=folder, env=env, check=True, timeout=60)
    listen = f"127.0.0.1:{free_port()}"
    command = [str(servers / "gunicorn"), "--bind", listen, "--threads", "4", "allauth_lab:application"]
    with started(command, url=f"http://{listen}", folder=folder, ready="/accounts/login/", env=env) as server:
        yield server


def _login(site: Server, name: str, *, user: str = "probe", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "login",
        "provider": "lab",
        "service": "allauth",
        "variables": {"base": site.url, "user": user, "password": "${env:LAB_PASSWORD}"},
        "steps": [
            {"name": "page", "get": "{{base}}/accounts/login/", "expect": {"status": 200}},
            _submit(),
            _whoami(user),
        ],
        "finally": [
            {"name": "way-out", "get": "{{base}}/accounts/logout/"},
            {"name": "logout", "form": {"css": "form[action*=logout]"}},
        ],
        **more,
    }


def _submit(**more: Any) -> dict[str, Any]:
    fields = {"login": "{{user}}", "password": "{{password}}"}
    return {"name": "submit", "role": "submit", "form": True, "fields": fields, **more}


def _whoami(user: str) -> dict[str, Any]:
    return {
        "name": "whoami",
        "role": "whoami",
        "get": "{{base}}/me",
        "expect": [{"jsonpath": "$.user", "equals": user}],
    }


def _code(seed: str) -> list[dict[str, Any]]:
    """The steps of the second factor."""
    return [
        {"name": "make", "totp": seed, "as": "code"},
        {
            "name": "second",
            "role": "submit",
            "form": True,
            "fields": {"code": "{{code}}"},
            "when": {"css": "input[name=code]"},
        },
    ]


def _said(probe: dict[str, Any]) -> tuple[str, str, str, str]:
    return probe["error_class"], probe["detail"], probe["phase"], probe["fault"]


def test_a_password(site: Server, tmp_path: Path) -> None:
    """Form, CSRF token, session, who-am-I, and out again."""
    said = check(tmp_path, [_login(site, "right")], LAB_PASSWORD=PASSWORD)
    assert said.probes["right"]["result"] in {"ok", "slow"}, said.probes["right"]
    assert [step["result"] for step in said.probes["right"]["steps"]] == ["ok", "ok", "ok"]


def test_a_wrong_password(site: Server, tmp_path: Path) -> None:
    """Status 200 and the form again: refused, at the submit, and the fault is ours."""
    said = check(tmp_path, [_login(site, "wrong")], LAB_PASSWORD="wrong-" + PASSWORD)
    assert _said(said.probes["wrong"]) == ("auth_rejected", "bad_credentials", "submit", "us")


def test_a_second_factor(site: Server, tmp_path: Path) -> None:
    """Good; with a wrong code, which says so at the code's step; without one, which says that one is wanted."""
    good = _login(site, "good", user="careful")
    good["steps"][2:2] = _code("${env:LAB_SEED}")
    wrong = _login(site, "wrong", user="careful")
    wrong["steps"][2:2] = _code("${env:LAB_OTHER}")
    without = _login(site, "without", user="careful")
    said = check(tmp_path, [good, wrong, without], LAB_PASSWORD=PASSWORD, LAB_SEED=SEED, LAB_OTHER=OTHER_SEED).probes
    assert said["good"]["result"] in {"ok", "slow"}, said["good"]
    assert _said(said["wrong"]) == ("auth_rejected", "mfa_rejected", "second", "us")
    assert _said(said["without"]) == ("auth_rejected", "mfa_required", "submit", "us")


def test_an_expired_token_of_the_form(site: Server, tmp_path: Path) -> None:
    """A form whose hidden token is not the cookie's is refused as such, and not as a wrong password."""
    probe = _login(site, "stale")
    probe["steps"][1] = _submit(
        fields={"login": "{{user}}", "password": "{{password}}", "csrfmiddlewaretoken": "stale"}
    )
    said = check(tmp_path, [probe], LAB_PASSWORD=PASSWORD)
    assert _said(said.probes["stale"]) == ("unexpected_response", "csrf", "submit", "target")


def test_a_page_that_has_changed(site: Server, tmp_path: Path) -> None:
    """Where the form has no such field any more, the page has changed, and nothing was sent."""
    probe = _login(site, "changed")
    probe["steps"][1] = _submit(fields={"email": "{{user}}", "passphrase": "{{password}}"})
    said = check(tmp_path, [probe], LAB_PASSWORD=PASSWORD)
    assert _said(said.probes["changed"]) == ("content_mismatch", "page_changed", "submit", "target")


def test_a_locked_account(site: Server, tmp_path: Path) -> None:
    """After five refusals the right password is refused as well: locked out, and not a wrong password."""
    for number in range(5):
        said = check(tmp_path, [_login(site, f"wrong-{number}", user="hasty")], LAB_PASSWORD="wrong-" + PASSWORD)
        assert said.code == 1
    said = check(tmp_path, [_login(site, "right", user="hasty")], LAB_PASSWORD=PASSWORD)
    assert _said(said.probes["right"]) == ("auth_rejected", "locked_out", "submit", "us")


def _openid(site: Server, name: str, **oidc: Any) -> dict[str, Any]:
    """A sign-in by the site's own OpenID provider: its form, its consent, its tokens."""
    probe = _login(site, name)
    flow = {
        "issuer": "{{base}}",
        "client_id": "prober",
        "client_secret": "${env:LAB_CLIENT}",
        "redirect_uri": "https://app.example.test/callback",
        "scope": "openid email",
        "login": [_submit()],
    }
    whoami = {
        "name": "whoami",
        "role": "whoami",
        "get": "{{base}}/identity/o/api/userinfo",
        "bearer": "{{access_token}}",
        "expect": [{"jsonpath": "$.sub", "exists": True}],
    }
    return {**probe, "oidc": {**flow, **oidc}, "steps": [whoami], "finally": []}


def test_openid_connect(site: Server, tmp_path: Path) -> None:
    """Discovery, authorization with PKCE, the form, the consent, the way back, tokens, and who we are."""
    said = check(tmp_path, [_openid(site, "good")], LAB_PASSWORD=PASSWORD, LAB_CLIENT=CLIENT_SECRET)
    probe = said.probes["good"]
    assert probe["result"] in {"ok", "slow"}, probe
    assert [step["name"] for step in probe["steps"] if step["result"] != "skipped"] == [
        "oidc-discovery",
        "oidc-authorize",
        "submit",
        "oidc-consent",
        "oidc-callback",
        "oidc-token",
        "whoami",
    ]


def test_openid_connect_refuses(site: Server, tmp_path: Path) -> None:
    """A wrong client secret, a scope that the client may not have, and a redirect_uri that nobody registered."""
    scope = _openid(site, "scope", scope="openid profile")
    uri = _openid(site, "uri", redirect_uri="https://elsewhere.example.test/callback")
    said = check(tmp_path, [scope, uri], LAB_PASSWORD=PASSWORD, LAB_CLIENT=CLIENT_SECRET).probes
    assert _said(said["scope"])[:2] == ("request_rejected", "oauth_config"), said["scope"]
    # The provider says so on a page of its own, with status 200: all that is seen is that we never came back.
    assert _said(said["uri"])[:3] == ("content_mismatch", "expectation", "oidc-callback"), said["uri"]
    said = check(tmp_path, [_openid(site, "secret")], LAB_PASSWORD=PASSWORD, LAB_CLIENT="not-the-secret").probes
    assert _said(said["secret"]) == ("auth_rejected", "bad_credentials", "oidc-token", "us")


def test_a_client_token_before_the_run(site: Server, tmp_path: Path) -> None:
    """A client's own token is fetched before an http probe's run."""
    probe = {
        "name": "authorized",
        "kind": "http",
        "url": f"{site.url}/accounts/login/",
        "auth": {
            "oauth2": {
                "token_url": f"{site.url}/identity/o/api/token",
                "client_id": "prober",
                "client_secret": "${env:LAB_CLIENT}",
                "scope": "email",
            }
        },
    }
    said = check(tmp_path, [probe], LAB_CLIENT=CLIENT_SECRET)
    assert said.probes["authorized"]["result"] in {"ok", "slow"}, said.probes["authorized"]
    said = check(tmp_path, [probe], LAB_CLIENT="not-the-secret")
    assert _said(said.probes["authorized"])[:3] == ("auth_rejected", "bad_credentials", "token")
