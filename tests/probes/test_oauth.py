"""Tokens of OAuth 2: as a step, rotated, and before the runs of other probes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from prober.config import ConfigErrors
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.secret import Secret
from prober.probes.bearer import Tokens
from prober.probes.oauth import OAuth2
from prober.probes.rotation import Rotations
from prober.simulator.settings import SimulatorSettings
from tests.probes.journeys import Lab, in_lab, steps_of, verdict_of

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.run import Result

TOKEN_URL = 'token_url: "${env:BASE}/oauth/token"'
CLIENT = 'client_id: prober, client_secret: "${env:CLIENT_SECRET}"'

STEPS = """
variables: {{base: "${{env:BASE}}", user: "${{env:USER}}", password: "${{env:PASSWORD}}"}}
steps:
  - name: token
    oauth2: {{{oauth2}}}
    extract: {{token: {{jsonpath: $.access_token, secret: true}}}}
  - {{name: whoami, role: whoami, get: "{{{{base}}}}/oauth/userinfo", bearer: "{{{{token}}}}", expect: {{status: 200}}}}
"""

GRANTS = {
    "client credentials": f"{TOKEN_URL}, {CLIENT}",
    "client credentials in the body": f"{TOKEN_URL}, {CLIENT}, style: body, scope: api",
    "password": f'{TOKEN_URL}, {CLIENT}, grant: password, user: "{{{{user}}}}", password: "{{{{password}}}}"',
    "password of a public client": (
        f'{TOKEN_URL}, client_id: prober-public, grant: password, user: "{{{{user}}}}", password: "{{{{password}}}}"'
    ),
}


def _sign_in(folder: Path, oauth2: str, faults: object = None, **env: str) -> Result:
    async def work(lab: Lab) -> Result:
        return await lab.run(STEPS.format(oauth2=oauth2), **env)

    result: Result = in_lab(folder, work, faults=faults)
    return result


@pytest.mark.parametrize("oauth2", GRANTS.values(), ids=GRANTS)
def test_grants(tmp_path: Path, oauth2: str) -> None:
    """Each grant gives a token, with which we are somebody."""
    result = _sign_in(tmp_path, oauth2)
    assert result.failure is None, result.failure
    assert steps_of(result) == ["token ok 200", "whoami ok 200"]


REFUSALS: dict[str, tuple[dict[str, str], object, tuple[str, str]]] = {
    "the secret": ({"CLIENT_SECRET": "not-the-secret"}, None, ("auth_rejected", "bad_credentials")),
    "the password": ({"PASSWORD": "not-the-password"}, None, ("auth_rejected", "bad_credentials")),
    "the scope": (
        {},
        {"oidc": [{"fault": "oauth_error", "word": "invalid_scope"}]},
        ("request_rejected", "oauth_config"),
    ),
    "it is down": ({}, {"oidc": [{"fault": "oauth_error", "word": "server_error"}]}, ("server_error", "sign_in_error")),
    "an edge page": ({}, {"oidc": [{"fault": "status", "status": 502}]}, ("server_error", "sign_in_error")),
    "html": ({}, {"oidc": [{"fault": "html"}]}, ("unexpected_response", "not_json")),
}


@pytest.mark.parametrize(("env", "faults", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(tmp_path: Path, env: dict[str, str], faults: object, expected: tuple[str, str]) -> None:
    """What the token endpoint says decides, and the step is the phase."""
    found = verdict_of(_sign_in(tmp_path, GRANTS["password"], faults, **env))
    assert found is not None
    assert found == (*expected, "token")


REFRESH = """
variables: {base: "${env:BASE}"}
steps:
  - name: token
    oauth2: {token_url: "{{base}}/oauth/token", client_id: prober, client_secret: "${env:CLIENT_SECRET}",
             grant: refresh_token, refresh_token: "${env:REFRESH}"}
    extract: {token: {jsonpath: $.access_token, secret: true}}
  - {name: whoami, role: whoami, get: "{{base}}/oauth/userinfo", bearer: "{{token}}", expect: {status: 200}}
"""


async def first_refresh_token(lab: Lab) -> str:
    """A refresh token as an operator would get one."""
    form = {"grant_type": "client_credentials", "client_id": "prober", "client_secret": lab.env["CLIENT_SECRET"]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{lab.simulator.url}/oauth/token", data=form) as answer,
    ):
        return str((await answer.json())["refresh_token"])


def test_a_refresh_token_that_rotates(tmp_path: Path) -> None:
    """Each use gives another token, and the next run uses that one, since the old one is worth nothing."""

    async def work(lab: Lab) -> list[Result]:
        refresh = await first_refresh_token(lab)
        return [await lab.run(REFRESH, REFRESH=refresh) for _ in range(3)]

    results = in_lab(tmp_path, work)
    assert [result.failure for result in results] == [None, None, None]


def test_a_refresh_token_survives_a_restart(tmp_path: Path) -> None:
    """With a file the next process goes on with the token that is good now; nobody else can read it."""
    file = tmp_path / "data" / "refresh-tokens.json"

    async def work(lab: Lab) -> list[Result]:
        refresh = await first_refresh_token(lab)
        results = []
        for path in (file, file, None):
            lab.memory = Memory()
            lab.memory.put(Rotations(path))
            results.append(await lab.run(REFRESH, REFRESH=refresh))
        return results

    first, second, forgetful = in_lab(tmp_path, work)
    assert (first.failure, second.failure) == (None, None)
    assert verdict_of(forgetful) == ("auth_rejected", "bad_credentials", "token")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


NOT_OURS = [b"", b"[1]", b'{"a": 1}', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("content", NOT_OURS, ids=lambda content: repr(content[:5]))
def test_a_file_of_refresh_tokens_that_is_not_ours(content: bytes, tmp_path: Path) -> None:
    """It is passed over."""
    file = tmp_path / "refresh-tokens.json"
    file.write_bytes(content)
    asked = OAuth2(token_url="http://a.example/t", grant="refresh_token", refresh_token=Secret("a"))
    assert Rotations(file).of(asked).token is None


def test_a_grant_is_one_whatever_is_asked_of_it() -> None:
    """Two probes that asked for different scopes would otherwise spend the same token twice."""
    rotations = Rotations()
    one, other = (
        OAuth2(token_url="http://a.example/t", grant="refresh_token", refresh_token=Secret("a"), scope=scope)
        for scope in ("read", "write")
    )
    assert rotations.of(one) is rotations.of(other)


KINDS = {
    "http": ('url: "${env:BASE}/oauth/userinfo"\nexpect: [{status: 200}, {jsonpath: $.email, exists: true}]', "http"),
    "page": ('url: "${env:BASE}/"', "page"),
    "chat": ('endpoint: "${env:BASE}/v1"\nprotocol: openai-chat\nmodel: parrot-2', "chat"),
}
AUTH = f"\nauth: {{oauth2: {{{TOKEN_URL}, {CLIENT}}}}}"


@pytest.mark.parametrize(("body", "kind"), KINDS.values(), ids=KINDS)
def test_a_token_before_the_run(tmp_path: Path, body: str, kind: str) -> None:
    """The token is fetched once for two runs, outside their time and their phases, and the requests carry it."""

    async def work(lab: Lab) -> tuple[list[Result], int]:
        lab.simulator.faults.update({"oidc": [{"fault": "latency", "seconds": 1.0, "path": "/oauth/token"}]})
        results = [await lab.run(body + AUTH, kind=kind) for _ in range(2)]
        return results, len(list(lab.memory.of(Tokens)._kept))

    results, kept = in_lab(tmp_path, work)
    assert [result.failure for result in results] == [None, None]
    assert kept == 1
    assert all([phase.name for phase in result.phases].count("resolve") <= 8 for result in results)
    if kind != "chat":
        assert all(result.duration_ns < 10**9 for result in results)


def test_probes_share_a_token(tmp_path: Path) -> None:
    """Probes that ask for the same token fetch it once: the second finds the endpoint down, and does not care."""

    async def work(lab: Lab) -> list[Result]:
        first = await lab.run(KINDS["http"][0] + AUTH, kind="http")
        lab.simulator.faults.update({"oidc": [{"fault": "status", "status": 500, "path": "/oauth/token"}]})
        return [first, await lab.run(KINDS["chat"][0] + AUTH, kind="chat")]

    assert [result.failure for result in in_lab(tmp_path, work)] == [None, None]


def test_probes_that_wait_for_a_token_share_its_refusal(tmp_path: Path) -> None:
    """A wrong secret is sent once, however many runs begin together."""

    async def work(lab: Lab) -> tuple[list[Result], int]:
        lab.simulator.faults.update({"oidc": [{"fault": "latency", "seconds": 0.3, "path": "/oauth/token"}]})
        config = lab.config(KINDS["http"][0] + AUTH, kind="http", CLIENT_SECRET="not-the-secret")
        results = await asyncio.gather(*(lab.execute(config.probes[0], config.secrets) for _ in range(5)))
        (token,) = lab.memory.of(Tokens)._kept.values()
        return results, token.attempts

    results, attempts = in_lab(tmp_path, work)
    assert {verdict_of(result) for result in results} == {("auth_rejected", "bad_credentials", "token")}
    assert attempts == 1


def test_no_token_no_run(tmp_path: Path) -> None:
    """Where no token is had the run fails by what the token's server says, in the phase `token`."""

    async def work(lab: Lab) -> Result:
        return await lab.run(KINDS["http"][0] + AUTH, kind="http", CLIENT_SECRET="not-the-secret")

    result = in_lab(tmp_path, work)
    assert verdict_of(result) == ("auth_rejected", "bad_credentials", "token")
    assert "no token for the run" in result.failure.message


def test_a_token_server_that_hangs(tmp_path: Path) -> None:
    """The target is not blamed for a token that does not come."""

    async def work(lab: Lab) -> Result:
        return await lab.run(KINDS["http"][0] + AUTH, kind="http", timeout="400ms")

    result = in_lab(tmp_path, work, faults={"oidc": [{"fault": "stall", "path": "/oauth/token"}]})
    assert verdict_of(result) == ("response_timeout", "header_timeout", "token")
    assert "no token" in result.failure.message


def test_an_expired_token_is_fetched_again(tmp_path: Path) -> None:
    """Shortly before its end a token is not used any more."""
    provider = replace(SimulatorSettings().providers[0], token_seconds=1)

    async def work(lab: Lab) -> list[str | None]:
        values = []
        now = [Clock().monotonic_ns()]
        lab.clock = replace(lab.clock, monotonic_ns=lambda: now[0])
        for _ in range(3):
            assert (await lab.run(KINDS["http"][0] + AUTH, kind="http")).failure is None
            values += [token.value for token in lab.memory.of(Tokens)._kept.values()]
            now[0] += 500_000_000
        return values

    first, second, third = in_lab(tmp_path, work, settings=SimulatorSettings(providers=(provider,)))
    assert first == second != third


def test_a_refused_token_is_not_used_again(tmp_path: Path) -> None:
    """After a 401 the next run fetches another one."""

    async def work(lab: Lab) -> list[bool]:
        body = KINDS["http"][0] + AUTH
        assert (await lab.run(body, kind="http")).failure is None
        lab.simulator.faults.update({"oidc": [{"fault": "status", "status": 401, "path": "/oauth/userinfo"}]})
        refused = await lab.run(body, kind="http")
        lab.simulator.faults.clear()
        (token,) = lab.memory.of(Tokens)._kept.values()
        dropped = token.good_until_ns == 0
        return [refused.failure is not None, dropped, (await lab.run(body, kind="http")).failure is None]

    assert in_lab(tmp_path, work) == [True, True, True]


WRONG: dict[str, tuple[str, str, str]] = {
    "no secret": (
        STEPS.format(oauth2=f"{TOKEN_URL}, client_id: a"),
        "login",
        "client_credentials needs its client_secret",
    ),
    "no user": (STEPS.format(oauth2=f"{TOKEN_URL}, {CLIENT}, grant: password"), "login", "password needs its user"),
    "no refresh token": (
        STEPS.format(oauth2=f"{TOKEN_URL}, grant: refresh_token"),
        "login",
        "refresh_token needs its refresh_token",
    ),
    "a variable before the run": (
        KINDS["http"][0] + AUTH.replace("client_id: prober", 'client_id: "{{who}}"'),
        "http",
        "belong to the steps",
    ),
    "two ways": (KINDS["http"][0] + '\nbearer: "${env:PASSWORD}"' + AUTH, "http", "either `auth`"),
    "key and token": (KINDS["chat"][0] + '\napi_key: "${env:PASSWORD}"' + AUTH, "chat", "either `api_key`"),
    "no URL": (KINDS["http"][0] + AUTH.replace("${env:BASE}", ""), "http", "absolute URL|must be a URL"),
}


@pytest.mark.parametrize(("body", "kind", "said"), WRONG.values(), ids=WRONG)
def test_refused_configurations(tmp_path: Path, body: str, kind: str, said: str) -> None:
    """What no run could do is refused before there is one."""

    async def work(lab: Lab) -> Any:
        lab.config(body, kind=kind)

    with pytest.raises(ConfigErrors, match=said):
        in_lab(tmp_path, work)
