"""`prober record` and `prober check --explain`: a first login in a minute, and what sugar stands for."""

from __future__ import annotations

import socket
import textwrap
from typing import TYPE_CHECKING

import pytest
import yaml
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.config import load
from prober.http.expect import Subject
from prober.probes import KINDS
from prober.probes.recording import NoForm, recorded
from tests.cli.command import run_prober
from tests.probes.journeys import PERSON, Lab, in_lab

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess
    from typing import Any


def _page(body: str, url: str = "https://chat.example/auth/login?next=%2F#top") -> Subject:
    return Subject(
        status=200,
        headers=CIMultiDictProxy(CIMultiDict({"Content-Type": "text/html"})),
        cookies={},
        url=URL(url, encoded=True),
        body=body.encode(),
        text=body,
        duration_ns=1,
        wire_bytes=len(body),
        redirects=0,
        certificate_expiry=None,
        http_version="1.1",
        now=0.0,
    )


def _steps(body: str) -> list[dict[str, Any]]:
    probe = yaml.safe_load(recorded(_page(body)))["probes"][0]
    assert (probe["name"], probe["provider"]) == ("chat-example-login", "chat-example")
    assert probe["steps"][0]["get"] == "{{base}}/auth/login?next=%2F"
    steps: list[dict[str, Any]] = probe["steps"][1:-1]
    return steps


LOGIN = "<form method=post><input type=hidden name=csrf value=x><input name=user><input type=password name=pw></form>"
FORMS: dict[str, tuple[str, object, dict[str, str]]] = {
    "one form": (LOGIN, True, {"user": "{{user}}", "pw": "{{password}}"}),
    "a search before it": (
        f"<form action=/search><input name=q></form>{LOGIN}",
        True,
        {"user": "{{user}}", "pw": "{{password}}"},
    ),
    "a sign-up beside it": (
        (
            f"<form id=up><input name=user><input type=password name=pw><input type=password name=pw2></form>"
            f"{LOGIN.replace('<form', '<form id=in')}"
        ),
        {"css": 'form[id="in"]'},
        {"user": "{{user}}", "pw": "{{password}}"},
    ),
    "an e-mail field": (
        "<form><input name=nick><input type=email name=mail><input type=password name=pw></form>",
        True,
        {"mail": "{{user}}", "pw": "{{password}}"},
    ),
    "a password alone": ("<form><input type=password name=pw></form>", True, {"pw": "{{password}}"}),
}


@pytest.mark.parametrize(("body", "choice", "fields"), FORMS.values(), ids=FORMS)
def test_the_form_that_is_found(body: str, choice: object, fields: dict[str, str]) -> None:
    """The form with one password, its fields, and a choice that leads to just this form."""
    (submit,) = _steps(f"<html><body>{body}</body></html>")
    assert (submit["role"], submit["form"], submit["fields"]) == ("submit", choice, fields)


def test_the_user_first() -> None:
    """Where only the user is asked for there are two pages."""
    first, second = _steps("<form><input type=hidden name=t value=1><input name=identifier></form>")
    assert first["fields"] == {"identifier": "{{user}}"}
    assert second["fields"] == {"password": "{{password}}"}


def test_a_captcha_is_mentioned() -> None:
    """A person is told at once that a captcha will be in the way."""
    assert "captcha" in recorded(_page(f'{LOGIN}<div class="g-recaptcha"></div>'))


@pytest.mark.parametrize("body", ["", "{}", "<p>hello</p>", "<form><input name=q></form>", "<div id=root></div>"])
def test_no_form(body: str) -> None:
    """Where there is none, it says what there is and what may be done."""
    with pytest.raises(NoForm, match=r"no form to sign in|no page"):
        recorded(_page(body))


def test_names_are_no_references() -> None:
    """What a page calls its fields is nothing but a name, and breaks out of no comment."""
    body = (
        '<form><input type=hidden name="a&#10;b: c"><input name=\'u"${env:HOME}\'><input type=password name=p></form>'
    )
    text = recorded(_page(body))
    assert "\nb: c" not in text
    (submit,) = yaml.safe_load(text)["probes"][0]["steps"][1:-1]
    assert list(submit["fields"]) == ['u"$${env:HOME}', "p"]


def test_what_is_recorded_signs_in(tmp_path: Path) -> None:
    """The configuration that comes of the simulator's page works once the last step is filled in."""

    async def work(lab: Lab) -> Any:
        page = await _fetched(lab)
        text = recorded(page).replace("/CHANGE-ME", "/api/me")
        (tmp_path / "login.yaml").write_text(text)
        env = {"LOGIN_USER": PERSON.email, "LOGIN_PASSWORD": PERSON.password}
        config = load(tmp_path / "login.yaml", kinds=KINDS, env=env)
        return await lab.execute(config.probes[0], config.secrets)

    result = in_lab(tmp_path, work)
    assert result.failure is None, result.failure


async def _fetched(lab: Lab) -> Subject:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(f"{lab.simulator.url}/login") as answer:
        return _page(await answer.text(), str(answer.url))


def test_the_command(tmp_path: Path) -> None:
    """It prints YAML and nothing else; what cannot be fetched is said in words."""

    async def work(lab: Lab) -> list[CompletedProcess[str]]:
        import asyncio

        with socket.socket() as bound:  # and not listening, so that it refuses, and nobody else has the port
            bound.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{bound.getsockname()[1]}/"
            urls = (f"{lab.simulator.url}/login", f"{lab.simulator.url}/status", nobody)
            return [await asyncio.to_thread(run_prober, "record", url, cwd=tmp_path) for url in urls]

    good, bare, closed = in_lab(tmp_path, work)
    assert good.returncode == 0, good.stderr
    assert yaml.safe_load(good.stdout)["probes"][0]["kind"] == "login"
    assert (bare.returncode, closed.returncode) == (1, 1)
    assert "no form to sign in" in bare.stderr
    assert "connect_refused" in closed.stderr


SUGAR = """
version: 1
probes:
- name: sso
  kind: login
  variables: {base: "http://127.0.0.1:1", password: "${env:LAB_PASSWORD}"}
  oidc:
    issuer: "{{base}}"
    client_id: prober
    client_secret: "${env:LAB_SECRET}"
    redirect_uri: "https://app.example/callback"
    login: [{name: submit, role: submit, form: true, fields: {password: "{{password}}", again: "${env:LAB_PASSWORD}"}}]
  steps: [{name: whoami, role: whoami, get: "{{base}}/me", bearer: "{{access_token}}"}]
"""


def test_explained_steps_are_plain_and_could_be_used(tmp_path: Path) -> None:
    """What `--explain` prints has no secret in it, runs nothing, and is a configuration itself."""
    (tmp_path / "probes.yaml").write_text(SUGAR)
    env = {"LAB_PASSWORD": "a-secret-password", "LAB_SECRET": "a-secret-client"}
    done = run_prober("check", "--explain", cwd=tmp_path, **env)
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stdout for secret in env.values())
    steps = yaml.safe_load(done.stdout)["steps"]
    names = ["oidc-discovery", "oidc-authorize", "submit", "oidc-consent", "oidc-callback", "oidc-token", "whoami"]
    assert [step["name"] for step in steps] == names
    plain = {
        "name": "sso",
        "kind": "login",
        "variables": {"base": "http://127.0.0.1:1", "password": "x"},
        "steps": steps,
    }
    for step in plain["steps"]:
        if "basic" in step:
            step["basic"]["password"] = "${env:LAB_SECRET}"
    (tmp_path / "plain.yaml").write_text(yaml.safe_dump({"version": 1, "probes": [plain]}))
    assert load(tmp_path / "plain.yaml", kinds=KINDS, env=env).probes[0].steps == tuple(names)


def test_a_refused_password_warns(tmp_path: Path) -> None:
    """Each check is an attempt more: it says so."""
    steps = textwrap.dedent("""
        version: 1
        probes:
        - name: webui
          kind: login
          steps:
          - {name: page, get: "${env:BASE}/login"}
          - {name: submit, role: submit, form: true, fields: {email: "${env:WHO}", password: "${env:HOW}"}}
          - {name: whoami, role: whoami, get: "${env:BASE}/api/me"}
    """)
    (tmp_path / "probes.yaml").write_text(steps)

    async def work(lab: Lab) -> CompletedProcess[str]:
        import asyncio

        env = {"BASE": lab.simulator.url, "WHO": PERSON.email, "HOW": "not-the-password"}
        return await asyncio.to_thread(run_prober, "check", cwd=tmp_path, **env)

    done = in_lab(tmp_path, work)
    assert done.returncode == 1
    assert "would not send it again for" in done.stderr
