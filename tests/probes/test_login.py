"""Signing in to the simulator's web app: the steps, the verdicts, and what a run leaves behind."""

from __future__ import annotations

import asyncio
import socket
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from prober.config import ConfigErrors, load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings
from tests.probes.journeys import in_lab
from tests.target.names import NameServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result
    from tests.probes.journeys import Lab

ACCOUNT = SimulatorSettings().providers[0].accounts[0]

LOGIN = """
  variables: {base: "${env:BASE}", user: "${env:USER}", password: "${env:PASSWORD}"}
  steps:
    - {name: page, get: "{{base}}/login", expect: {status: 200}}
    - {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
    - name: whoami
      role: whoami
      get: "{{base}}/api/me"
      extract: {token: {jsonpath: $.token, secret: true}, name: {jsonpath: $.name}}
      expect: [{jsonpath: $.email, equals: "{{user}}"}]
"""


def probe_of(folder: Path, body: str, env: Mapping[str, str], *, kind: str = "login", timeout: str = "5s") -> Probe:
    """The one probe of a configuration."""
    path = folder / "probes.yaml"
    head = f"version: 1\nprobes:\n- name: webui\n  kind: {kind}\n  timeout: {timeout}\n"
    path.write_text(head + textwrap.dedent(body).strip("\n").join(["  ", ""]).replace("\n", "\n  ") + "\n")
    return load(path, kinds=KINDS, env=env).probes[0]


async def _signed_in(
    folder: Path, body: str, faults: object, *, password: str, kind: str, timeout: str
) -> tuple[Result, list[str]]:
    async with running(SimulatorSettings()) as simulator, HostNetwork() as network:
        simulator.faults.replace(faults or {})
        env = {"BASE": simulator.url, "USER": ACCOUNT.email, "PASSWORD": password}
        clock = Clock()
        probe = probe_of(folder, body, env, kind=kind, timeout=timeout)
        redactor = Redactor([password])
        lag = LagMonitor(clock=clock)
        result = await execute(probe, clock=clock, network=network, redactor=redactor, connected=lambda: True, lag=lag)
        return result, [f"{step.name} {step.result} {step.status}" for step in result.steps]


def sign_in(
    folder: Path,
    body: str = LOGIN,
    faults: object = None,
    *,
    password: str = ACCOUNT.password,
    kind: str = "login",
    timeout: str = "5s",
    run_loop: Any = asyncio.run,
) -> tuple[Result, list[str]]:
    """One run of the probe, and its steps as texts."""
    pair: tuple[Result, list[str]] = run_loop(
        _signed_in(folder, body, faults, password=password, kind=kind, timeout=timeout)
    )
    return pair


def test_a_person_signs_in(tmp_path: Path, run_loop: Any) -> None:
    """Page, form and who-am-I: each step is timed, with its status."""
    result, steps = sign_in(tmp_path, run_loop=run_loop)
    assert result.failure is None
    assert steps == ["page ok 200", "submit ok 200", "whoami ok 200"]
    assert all(step.duration_ns > 0 for step in result.steps)


FAULTS = {
    "oops": ({"login": [{"fault": "oops"}]}, "server_error", "sign_in_error", "submit"),
    "wrong password as 200": ({"login": [{"fault": "reject_password"}]}, "auth_rejected", "bad_credentials", "submit"),
    "wrong password as 401": (
        {"login": [{"fault": "reject_password"}, {"fault": "rejection", "status": 401}]},
        "auth_rejected",
        "bad_credentials",
        "submit",
    ),
    "wrong password as 403": (
        {"login": [{"fault": "reject_password"}, {"fault": "rejection", "status": 403}]},
        "auth_rejected",
        "bad_credentials",
        "submit",
    ),
    "locked out": ({"login": [{"fault": "locked_out"}]}, "auth_rejected", "locked_out", "submit"),
    "csrf": ({"login": [{"fault": "csrf"}]}, "unexpected_response", "csrf", "submit"),
    "no form": ({"login": [{"fault": "no_form"}]}, "content_mismatch", "page_changed", "submit"),
    "challenge": ({"login": [{"fault": "challenge"}]}, "bot_challenge", "challenge", "page"),
    "page down": ({"login": [{"fault": "status", "status": 500}]}, "server_error", "page_error", "page"),
    "rate limit": ({"login": [{"fault": "rate_limit"}]}, "rate_limited", "rate_limit", "page"),
    "wrong password as 302": (
        {"login": [{"fault": "reject_password"}, {"fault": "rejection", "status": 302}]},
        "auth_rejected",
        "bad_credentials",
        "submit",
    ),
    "oops as 500": ({"login": [{"fault": "oops", "status": 500}]}, "server_error", "sign_in_error", "submit"),
    "sign-in service down": (
        {"login": [{"fault": "status", "status": 503, "method": "POST"}]},
        "server_error",
        "sign_in_error",
        "submit",
    ),
    "submits are limited": (
        {"login": [{"fault": "rate_limit", "method": "POST"}]},
        "rate_limited",
        "rate_limit",
        "submit",
    ),
    "challenge at the submit": (
        {"login": [{"fault": "challenge", "method": "POST"}]},
        "bot_challenge",
        "challenge",
        "submit",
    ),
    "captcha": ({"login": [{"fault": "captcha"}]}, "bot_challenge", "challenge", "submit"),
    "whoami leads elsewhere": (
        {"session": [{"fault": "redirect_to_login"}]},
        "unexpected_response",
        "not_json",
        "whoami",
    ),
    "whoami is down": ({"session": [{"fault": "status", "status": 500}]}, "server_error", "internal", "whoami"),
    "half a page": ({"login": [{"fault": "truncate"}]}, "stream_truncated", "body_truncated", "page"),
    "blank page": ({"login": [{"fault": "blank"}]}, "content_mismatch", "page_changed", "submit"),
    "nobody": ({"session": [{"fault": "anonymous"}]}, "content_mismatch", "not_signed_in", "whoami"),
    "reset": ({"login": [{"fault": "reset"}]}, "connection_reset", "reset", "page"),
    "a loop of redirects": (
        {"web": [{"fault": "status", "status": 302, "headers": {"Location": "/chat"}}]},
        "unexpected_response",
        "redirect_loop",
        "submit",
    ),
    "a firewall at the submit": (
        {"login": [{"fault": "error", "error": "cloudflare.1020", "method": "POST"}]},
        "access_denied",
        "waf",
        "submit",
    ),
    "whoami is html": ({"session": [{"fault": "html"}]}, "unexpected_response", "not_json", "whoami"),
}


@pytest.mark.parametrize(("faults", "error_class", "detail", "phase"), FAULTS.values(), ids=FAULTS)
def test_verdicts(tmp_path: Path, faults: object, error_class: str, detail: str, phase: str) -> None:
    """Each way of failing has its class and detail, and names the step."""
    result, _ = sign_in(tmp_path, faults=faults)
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail, result.failure.phase) == (error_class, detail, phase)


BELOW_HTTP = {
    "no such name": ("http://nobody.test:PORT", ("dns_error", "nxdomain", "network")),
    "nobody listens": ("http://127.0.0.1:CLOSED", ("connect_refused", "refused", "target")),
    "no TLS": ("https://127.0.0.1:PORT", ("tls_error", "protocol", "target")),
    "no HTTP": ("http://127.0.0.1:BABBLE", ("unexpected_response", "protocol", "target")),
}


@pytest.mark.parametrize(("base", "expected"), BELOW_HTTP.values(), ids=BELOW_HTTP)
def test_what_is_below_http_has_its_own_class(tmp_path: Path, base: str, expected: tuple[str, str, str]) -> None:
    """A sign-in that does not get as far as an answer says why, by its step."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n" * 3)
        writer.close()

    async def work(lab: Lab) -> Result:
        loop = asyncio.get_running_loop()
        names, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        where = f"127.0.0.1:{names.get_extra_info('sockname')[1]}"
        async with server, HostNetwork(nameservers=[where]) as lab.network:
            with socket.socket() as closed:  # bound, and nobody listens
                closed.bind(("127.0.0.1", 0))
                ports = {
                    "PORT": URL(lab.simulator.url).port,
                    "CLOSED": closed.getsockname()[1],
                    "BABBLE": server.sockets[0].getsockname()[1],
                }
                url = base
                for name, port in ports.items():
                    url = url.replace(name, str(port))
                result = await lab.run(LOGIN, BASE=url)
        names.close()
        return result

    result: Result = in_lab(tmp_path, work)
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail, result.failure.fault) == expected
    assert result.failure.phase == "page"


def test_who_am_i_is_somebody_else(tmp_path: Path) -> None:
    """Signed in, but what we expect of the answer is not there: the step's own expectation has failed."""
    result, _ = sign_in(tmp_path, LOGIN.replace('equals: "{{user}}"', "equals: somebody@else.example"))
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail, result.failure.phase) == (
        "content_mismatch",
        "expectation",
        "whoami",
    )


def test_a_wrong_password_is_ours(tmp_path: Path) -> None:
    """The simulator's own rejection, without any fault."""
    result, steps = sign_in(tmp_path, password="not the password")
    assert result.failure is not None
    assert (result.failure.detail, result.failure.fault) == ("bad_credentials", "us")
    assert steps == ["page ok 200", "submit fail 200", "whoami fail 401"]
    assert [step.detail for step in result.steps] == [None, "bad_credentials", None]
    assert "not the password" not in result.failure.message


def test_a_stalled_step_is_named(tmp_path: Path) -> None:
    """Where the run's time is over in a step, that step is the phase, and it is listed as failed."""
    result, steps = sign_in(tmp_path, faults={"session": [{"fault": "stall"}]}, timeout="500ms")
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.phase) == ("response_timeout", "whoami")
    assert steps[-1].startswith("whoami fail")


def test_a_step_without_an_answer_has_no_status(tmp_path: Path) -> None:
    """The status of a step is its own, not that of the step before."""
    _, steps = sign_in(tmp_path, faults={"login": [{"fault": "reset"}]})
    assert steps == ["page fail None"]
    _, steps = sign_in(tmp_path, faults={"session": [{"fault": "reset"}]})
    assert steps[-1] == "whoami fail None"


BASIC = """
  variables: {base: "${env:BASE}", password: "${env:PASSWORD}"}
  steps:
    - {name: whoami, role: whoami, get: "{{base}}/api/me", HOW}
"""
REFUSED_AT_ONCE = {
    "basic": 'basic: {user: probe, password: "{{password}}"}',
    "a key of the configuration": 'bearer: "{{password}}"',
}


@pytest.mark.parametrize("how", REFUSED_AT_ONCE.values(), ids=REFUSED_AT_ONCE)
def test_credentials_that_who_am_i_brings(tmp_path: Path, how: str) -> None:
    """Where nobody has signed in before, who-am-I is what refuses the password or the key: ours."""
    result, _ = sign_in(tmp_path, BASIC.replace("HOW", how))
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail) == ("auth_rejected", "bad_credentials")


def test_a_password_that_a_journey_brings_along(tmp_path: Path) -> None:
    """Refused in a step without a role it is as wrong, and the breaker must know."""
    body = BASIC.replace("role: whoami, ", "").replace("HOW", REFUSED_AT_ONCE["basic"])
    result, _ = sign_in(tmp_path, body, kind="journey")
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail) == ("auth_rejected", "bad_credentials")


ASKS_NOTHING = LOGIN.partition("      extract:")[0]
ONLY_A_STATUS = ASKS_NOTHING + "      expect: [{status: 200}, {duration: true, lt: 10s}]\n"
SENT_BACK = {"session": [{"fault": "redirect_to_login"}]}


@pytest.mark.parametrize("body", [ASKS_NOTHING, ONLY_A_STATUS], ids=["nothing expected", "a status expected"])
def test_the_sign_in_page_is_no_answer_to_who_am_i(tmp_path: Path, body: str) -> None:
    """A redirect to it ends with 200: green for whom the service does not know, if nobody looks."""
    assert sign_in(tmp_path, body)[0].failure is None
    failure = sign_in(tmp_path, body, SENT_BACK, password="wrong")[0].failure
    assert failure is not None
    assert (failure.phase, failure.detail) == ("submit", "bad_credentials")
    unsent = body.replace("role: submit,", "role: submit, when: [{css: '#nowhere'}],")
    failure = sign_in(tmp_path, unsent, SENT_BACK)[0].failure
    assert failure is not None
    assert (failure.phase, failure.detail) == ("whoami", "not_signed_in")


def test_reasons_come_first(tmp_path: Path) -> None:
    """A rule of the user is asked before the built-in ones."""
    reasons = """
  reasons:
    - {class: overloaded, detail: capacity, when: [{body: true, contains: "issue while signing you in"}]}
"""
    result, _ = sign_in(tmp_path, LOGIN + reasons, {"login": [{"fault": "oops"}]})
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.detail) == ("overloaded", "capacity")


def test_write_then_read_back(tmp_path: Path) -> None:
    """A journey writes a message and reads it back; where it is lost, the read-back step fails."""
    journey = (
        LOGIN
        + """
    - name: start
      post: "{{base}}/api/conversations"
      json: {title: "probe {{nonce}}"}
      extract: {id: {jsonpath: $.id}}
    - name: write
      post: "{{base}}/api/conversations/{{id}}/messages"
      json: {role: user, content: "hello {{nonce}}"}
    - {name: read back, get: "{{base}}/api/conversations/{{id}}", expect: {contains: "hello {{nonce}}"}}
"""
    ).replace("read back", "readback")
    result, steps = sign_in(tmp_path, journey, kind="journey")
    assert result.failure is None, steps
    result, _ = sign_in(tmp_path, journey, {"history": [{"fault": "lost_history"}]}, kind="journey")
    assert result.failure is not None
    assert (result.failure.error_class, result.failure.phase) == ("content_mismatch", "readback")


def test_optional_and_failing_steps(tmp_path: Path) -> None:
    """`when` skips a step, `allow_failure` goes on after one, and neither changes the verdict."""
    steps = """
    - {name: absent, get: "{{base}}/nowhere", allow_failure: true}
    - {name: code, form: true, fields: {otp: "1"}, when: {css: "input[name=otp]"}}
    - {name: again, look: true, expect: {status: 404}}
"""
    result, done = sign_in(tmp_path, LOGIN + steps)
    assert result.failure is None
    assert done[3:5] == ["absent fail 404", "code skipped None"]
    assert result.outcome in {"ok", "slow"}


def test_signing_out_always_happens(tmp_path: Path) -> None:
    """`finally` is done after a failure too, and leaves no trace in the verdict."""
    final = """
  finally:
    - {name: logout, form: {css: "form[action*=logout]"}}
"""
    result, steps = sign_in(tmp_path, LOGIN.replace("$.email", "$.nothing") + final)
    assert result.failure is not None
    assert result.failure.phase == "whoami"
    assert len(steps) == 3


REFUSED = {
    "no whoami": ("  steps: [{name: a, get: https://a.example/}]", "whoami"),
    "two actions": ("  steps: [{name: a, role: whoami, get: https://a.example/, look: true}]", "exactly one of"),
    "no action": ("  steps: [{name: a, role: whoami}]", "exactly one of"),
    "unknown variable": ('  steps: [{name: a, role: whoami, get: "{{nowhere}}/"}]', "'nowhere' is not known"),
    "two of a name": (
        "  steps: [{name: a, role: whoami, get: https://a.example/}, {name: a, look: true}]",
        "another step named 'a'",
    ),
    "nothing to look at": ("  steps: [{name: a, role: whoami, look: true}]", "begin with a `get`"),
    "a bad regex": ("  steps: [{name: a, role: whoami, get: https://a.example/, until: '('}]", "RE2"),
    "fields without a form": ("  steps: [{name: a, role: whoami, get: https://a.example/, fields: {b: c}}]", "form"),
}


@pytest.mark.parametrize(("body", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_configurations(tmp_path: Path, body: str, said: str) -> None:
    """What no run could do is refused before there is one."""
    with pytest.raises(ConfigErrors, match=said):
        probe_of(tmp_path, body, {})


def test_credentials_are_known_by_their_digest(tmp_path: Path) -> None:
    """The same user, password and origin have the same digest; another password has another."""
    env = {"BASE": "https://a.example", "USER": "me", "PASSWORD": "secret-1"}
    one, same = (probe_of(tmp_path, LOGIN, env).credentials for _ in range(2))
    other = probe_of(tmp_path, LOGIN, env | {"PASSWORD": "secret-2"}).credentials
    assert one is not None
    assert one == same
    assert one != other
    assert "secret" not in one.digest
