"""Journeys in a browser against the simulator's web app: signing in, asking, reading back, and the verdicts."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from prober.browser.host import HostBrowser
from prober.config import ConfigErrors, load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.probes.browser_steps import _origin_of, _set_cookie
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings
from tests.browser.lab import ENVIRONMENT
from tests.calm import acalmly
from tests.probes.pages import said
from tests.probes.site import half_a_page, html, serving

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.browser import Browser
    from prober.model.run import Result

ACCOUNT = SimulatorSettings().providers[0].accounts[0]

LOGIN = """
- {name: page, get: "{{base}}/login", expect: {status: 200}}
- {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
- name: whoami
  role: whoami
  get: "{{base}}/api/me"
  extract: {name: {jsonpath: $.name}}
  expect: [{jsonpath: $.email, equals: "{{user}}"}]
"""
BY_HAND = """
- {name: page, get: "{{base}}/login"}
- {name: write, fill: {"input[name=email]": "{{user}}", "input[name=password]": "{{password}}"}}
- {name: submit, role: submit, click: "main button", ready: "#chat-input"}
- {name: whoami, role: whoami, get: "{{base}}/api/me", expect: [{jsonpath: $.email, equals: "{{user}}"}]}
"""
CHAT = """
- {name: page, get: "{{base}}/login"}
- {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}, ready: "#chat-input"}
- {name: write, fill: {"#chat-input": "Reply with exactly: {{nonce}}"}}
- name: send
  click: "#chat button"
  ready: "#messages .assistant"
  expect: [{css: "#messages .assistant", contains: "{{nonce}}"}]
- {name: rest, wait: 10ms}
- {name: again, look: true, expect: [{css: "#messages .user", contains: "{{nonce}}"}]}
"""


def configured(folder: Path, steps: str, env: Mapping[str, str], *, kind: str = "login", more: str = "") -> Any:
    """The one probe of a configuration with these steps."""
    head = f"""
        version: 1
        probes:
        - name: webui
          kind: {kind}
          engine: browser
          settle: 100ms
          variables: {{base: "${{env:BASE}}", user: "${{env:USER}}", password: "${{env:PASSWORD}}"}}
        """
    text = textwrap.dedent(head) + textwrap.indent(textwrap.dedent(more), "  ") + "  steps:\n"
    path = folder / "probes.yaml"
    path.write_text(text + textwrap.indent(steps, "  "))
    return load(path, kinds=KINDS, env=env).probes[0]


async def travel(
    folder: Path,
    base: str,
    browser: Browser,
    steps: str,
    *,
    kind: str = "login",
    password: str = ACCOUNT.password,
    more: str = "timeout: 5s\n",
) -> Result:
    """One run of the journey."""
    env = {"BASE": base, "USER": ACCOUNT.email, "PASSWORD": password}
    probe = configured(folder, steps, env, kind=kind, more=more)
    clock = Clock()
    async with HostNetwork() as network:
        return await execute(
            probe,
            clock=clock,
            network=network,
            redactor=Redactor([password]),
            connected=lambda: True,
            lag=LagMonitor(clock=clock),
            browser=browser,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A journey, what is wrong with the service, and what is said of it."""

    steps: str = LOGIN
    faults: Mapping[str, object] | None = None
    said: str = "ok"
    password: str = ACCOUNT.password
    kind: str = "login"
    more: str = "timeout: 20s\n"  # on a busy machine too; few of them wait that long


def _of(surface: str, fault: str, **keys: object) -> dict[str, object]:
    return {surface: [{"fault": fault, **keys}]}


CASES = {
    "a form": Case(),
    "by hand": Case(steps=BY_HAND),
    "by hand, and waited for": Case(
        steps=BY_HAND.replace(
            'click: "main button", ready: "#chat-input"}',
            'click: {css: "main button"}}\n- {name: inside, wait: {css: "#chat-input"}}',
        ),
    ),
    "never to be seen": Case(
        steps='- {name: page, get: "{{base}}/"}\n- {name: inside, wait: {css: "#nothing"}, timeout: 1s}\n',
        kind="journey",
        said="content_mismatch expectation inside",
    ),
    "asked and answered": Case(steps=CHAT, kind="journey"),
    "wrong password": Case(password="not-the-password", said="auth_rejected bad_credentials submit"),
    "wrong password by hand": Case(
        steps=BY_HAND.replace('ready: "#chat-input"', 'ready: "#chat-input", timeout: 2s'),
        password="not-the-password",
        said="auth_rejected bad_credentials submit",
    ),
    "oops by hand, after a while": Case(
        steps=BY_HAND.replace("- {name: write", "- {name: rest, wait: 1s}\n- {name: write"),
        faults=_of("login", "oops"),
        more="timeout: 5s\n",
        said="server_error sign_in_error submit",
    ),
    "never ready": Case(
        steps='- {name: page, get: "{{base}}/", ready: "#nothing", timeout: 2s}\n',
        kind="journey",
        said="content_mismatch expectation page",
    ),
    "oops": Case(faults=_of("login", "oops"), said="server_error sign_in_error submit"),
    "locked out": Case(faults=_of("login", "locked_out"), said="auth_rejected locked_out submit"),
    "expired form": Case(faults=_of("login", "csrf"), said="unexpected_response csrf submit"),
    "no form": Case(faults=_of("login", "no_form"), said="content_mismatch page_changed submit"),
    "nothing to click": Case(steps=BY_HAND, faults=_of("login", "no_form"), said="content_mismatch page_changed write"),
    "challenge": Case(faults=_of("login", "challenge"), said="bot_challenge challenge page"),
    "page down": Case(faults=_of("login", "status", status=500), said="server_error page_error page"),
    "nobody": Case(faults=_of("session", "anonymous"), said="content_mismatch not_signed_in whoami"),
    "reset": Case(faults=_of("login", "reset"), said="connection_reset reset page"),
    "silence": Case(faults=_of("login", "stall"), more="timeout: 1s\n", said="response_timeout total page"),
    "a deadline of the step": Case(
        steps='- {name: page, get: "{{base}}/", timeout: 300ms}\n',
        faults=_of("web", "stall"),
        kind="journey",
        said="response_timeout total page",
    ),
}


def _fits(case: Case, result: Result) -> bool:
    return said(result) == case.said


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """All journeys, in one browser."""
    folder = tmp_path_factory.mktemp("journeys")

    async def main() -> dict[str, Result]:
        found = {}
        async with running(SimulatorSettings()) as simulator, HostBrowser(ENVIRONMENT) as browser:

            async def meet(case: Case) -> Result:
                simulator.faults.replace(case.faults or {})
                return await travel(
                    folder, simulator.url, browser, case.steps, kind=case.kind, password=case.password, more=case.more
                )

            for name, case in CASES.items():
                found[name] = await acalmly(partial(meet, case), partial(_fits, case))
        return found

    return asyncio.run(main())


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_journey(results: dict[str, Result], name: str) -> None:
    """As without a browser: class, detail, and the step as the phase."""
    assert said(results[name]) == CASES[name].said, results[name].failure


def test_each_step_is_timed(results: dict[str, Result]) -> None:
    """With the status of the document that it showed."""
    steps = [(step.name, step.result, step.status) for step in results["by hand"].steps]
    assert steps == [("page", "ok", 200), ("write", "ok", None), ("submit", "ok", 200), ("whoami", "ok", 200)]
    assert all(step.duration_ns > 0 for step in results["by hand"].steps)
    assert [step.result for step in results["nobody"].steps] == ["ok", "ok", "fail"]


def test_what_the_page_looked_like_is_kept_without_the_password(results: dict[str, Result]) -> None:
    """The picture of a refused sign-in is worth the most, and shows dots."""
    capture = results["locked out"].capture
    assert capture is not None
    assert capture.screenshot is not None
    for name in ("wrong password", "wrong password by hand"):
        kept = results[name].capture
        assert kept is not None
        assert "not-the-password" not in (kept.html or "")
    assert results["a form"].capture is None


def test_last_steps_are_done_in_the_same_tab(tmp_path: Path) -> None:
    """Signing out after the run, while the tab is still there."""

    async def main() -> tuple[Result, Result]:
        async with running(SimulatorSettings()) as simulator, HostBrowser(ENVIRONMENT) as browser:
            last = 'finally: [{name: home, get: "{{base}}/chat"}, {name: logout, form: {css: "form#logout"}}]\n'
            first = await travel(tmp_path, simulator.url, browser, LOGIN, more=f"timeout: 5s\n{last}")
            return first, await travel(tmp_path, simulator.url, browser, LOGIN)

    first, second = asyncio.run(main())
    assert (said(first), said(second)) == ("ok", "ok")


def test_a_question_beside_the_browser_is_asked_by_who_signed_in_there(tmp_path: Path) -> None:
    """The chat step is what it is without a browser, and is measured as a chat; the browser's cookies go along."""
    whoami = LOGIN.replace("name: {jsonpath: $.name}", "token: {jsonpath: $.token, secret: true}")
    chat = {"endpoint": "{{base}}/api", "protocol": "openai-chat", "model": "parrot-2", "api_key": "{{token}}"}

    async def main() -> Result:
        async with running(SimulatorSettings()) as simulator, HostBrowser(ENVIRONMENT) as browser:
            steps = f"{whoami}- {{name: ask, chat: {json.dumps(chat)}}}\n"
            return await travel(tmp_path, simulator.url, browser, steps)

    result = asyncio.run(main())
    assert said(result) == "ok"
    assert isinstance(result.measures["first_token_seconds"], float)
    assert [step.name for step in result.steps] == ["page", "submit", "whoami", "ask"]


SLOWLY = """<button>Ask</button><p></p><script>
const words = ["To ", "be ", "or ", "not"];
const say = () => { document.querySelector("p").textContent += words.shift(); if (words.length) setTimeout(say, 250); };
document.querySelector("button").onclick = () => { document.querySelector("p").className = "answer"; say(); };
</script>"""


@pytest.mark.parametrize(
    ("wanted", "timeout", "expected"),
    [
        ("or not", "20s", "ok"),
        ("or else", "60s", "content_mismatch expectation ask"),
    ],
)
def test_an_answer_that_comes_piece_by_piece_is_waited_for(
    tmp_path: Path, wanted: str, timeout: str, expected: str
) -> None:
    """What is ready may not be whole yet. What never becomes what is expected is looked at while there is hope."""
    expect = f'ready: ".answer", expect: [{{css: ".answer", contains: "{wanted}"}}]'
    steps = f'- {{name: page, get: "{{{{base}}}}/"}}\n- {{name: ask, click: button, {expect}, timeout: {timeout}}}\n'

    async def main() -> Result:
        async with serving({"/": html(SLOWLY)}) as site, HostBrowser(ENVIRONMENT) as browser:
            return await travel(tmp_path, site.url, browser, steps, kind="journey", more="timeout: 60s\n")

    result = asyncio.run(main())
    assert said(result) == expected
    assert result.duration_ns < 30e9


DRAWN = """<main></main><script>
const send = async () => { await fetch("/session", {method: "POST"}); await fetch("/visits"); };
setTimeout(() => {
  document.querySelector("main").innerHTML = "<input type=email><input type=password><button>Go</button>";
  document.querySelector("button").onclick = send;
}, 1000);
</script>"""
DRAWN_STEPS = """
- {name: page, get: "{{base}}/"}
- {name: write, fill: {"input[type=email]": "{{user}}", "input[type=password]": "{{password}}"}}
- {name: submit, role: submit, click: button}
- {name: whoami, role: whoami, get: "{{base}}/me"}
"""


@pytest.mark.parametrize(
    ("sent", "asked", "expected"),
    [
        (503, 200, "server_error sign_in_error submit"),
        (200, 503, "server_error sign_in_error submit"),
        (401, 503, "auth_rejected bad_credentials submit"),
        (400, 503, "auth_rejected bad_credentials submit"),
    ],
)
def test_what_scripts_draw_and_what_they_are_told(tmp_path: Path, sent: int, asked: int, expected: str) -> None:
    """Fields that come late are waited for; what scripts are told tells a refused password from a failed service."""
    refused = web.Response(status=401, text="{}", content_type="application/json")

    async def main() -> Result:
        answers = {
            "/": html(DRAWN),
            "/session": web.Response(status=sent),
            "/visits": web.Response(status=asked),
            "/me": refused,
        }
        async with serving(answers) as site, HostBrowser(ENVIRONMENT) as browser:
            return await travel(tmp_path, site.url, browser, DRAWN_STEPS, more="timeout: 20s\n")

    result = asyncio.run(main())
    assert said(result) == expected
    assert [(step.name, step.status) for step in result.steps] == [
        ("page", 200),
        ("write", None),
        ("submit", 200),
        ("whoami", 401),
    ]


DISABLED = """<button id=b disabled onclick="location = '/there'">x</button>
<script>setTimeout(() => { b.disabled = false }, 400)</script>"""
CLICKS = {
    "a link to nobody": (
        "<a id=b href=http://127.0.0.1:1024/>x</a>",
        "#b",
        "connect_refused refused click",
    ),
    "what is disabled at first": (
        DISABLED,
        "#b",
        "ok",
    ),
    "a selector that is none": ("<a id=b href=/there>x</a>", "#[", "prober_error config click"),
    "a page that is cut off": ("<a id=b href=/half>x</a>", "#b", "stream_truncated body_truncated click"),
}


def test_what_a_click_comes_to(tmp_path: Path) -> None:
    """A page of the browser's own is not the one that was asked for; a selector that is none is our mistake."""

    async def main() -> dict[str, str]:
        found = {}
        async with HostBrowser(ENVIRONMENT) as browser:
            for name, (page, selector, _) in CLICKS.items():
                steps = f'- {{name: page, get: "{{{{base}}}}/"}}\n- {{name: click, click: "{selector}"}}\n'
                async with serving({"/": html(page), "/there": html("<h1>There"), "/half": half_a_page}) as site:
                    result = await travel(tmp_path, site.url, browser, steps, kind="journey", more="timeout: 20s\n")
                    found[name] = f"{said(result)} {site.paths[-1]}"
        return found

    found = asyncio.run(main())
    assert {name: text.rpartition(" ")[0] for name, text in found.items()} == {
        name: expected for name, (*_, expected) in CLICKS.items()
    }
    assert found["what is disabled at first"] == "ok /there"


@pytest.mark.parametrize(
    ("cookie", "origin", "line"),
    [
        (
            {"name": "a", "value": "b", "domain": "x.test", "path": "/", "secure": False},
            "http://x.test/",
            "a=b; Path=/",
        ),
        (
            {"name": "a", "value": "b", "domain": ".x.test", "path": "/p", "secure": True},
            "https://x.test/p",
            "a=b; Path=/p; Domain=.x.test; Secure",
        ),
    ],
)
def test_a_cookie_of_the_browser_is_handed_over(cookie: dict[str, object], origin: str, line: str) -> None:
    """As the line that would have set it, by the host that would have."""
    assert str(_origin_of(cookie)) == origin
    assert _set_cookie(cookie) == line


REFUSED = {
    "click without a browser": (
        "http",
        '- {name: a, get: "http://x/"}\n- {name: b, click: "#x"}\n',
        "click: does not go",
    ),
    "ready without a browser": ("http", '- {name: a, get: "http://x/", ready: "#x"}\n', "ready: does not go"),
    "a wait for something without a browser": (
        "http",
        '- {name: a, get: "http://x/"}\n- {name: b, wait: {css: "#x"}}\n',
        "wait: does not go with `engine: http`",
    ),
    "post": ("browser", '- {name: a, post: "http://x/", json: {}}\n', "post: does not go with `engine: browser`"),
    "headers": ("browser", '- {name: a, get: "http://x/", headers: {X: y}}\n', "headers: does not go"),
    "until": ("browser", '- {name: a, get: "http://x/", until: "y"}\n', "until: does not go"),
    "agree": (
        "browser",
        '- {name: a, get: "http://x/"}\n- {name: b, form: {css: form, agree: true}}\n',
        "form: does not go with `engine: browser`",
    ),
    "follow": ("browser", '- {name: a, get: "http://x/", follow: 3}\n', "follow: does not go with `engine: browser`"),
    "fill first": ("browser", '- {name: a, fill: {"#x": y}}\n', "begin with a `get`"),
}


@pytest.mark.parametrize(("engine", "steps", "message"), REFUSED.values(), ids=REFUSED)
def test_an_engine_refuses_steps_that_it_cannot_do(tmp_path: Path, engine: str, steps: str, message: str) -> None:
    """With their place in the file."""
    path = tmp_path / "probes.yaml"
    path.write_text(
        f"version: 1\nprobes:\n- name: j\n  kind: journey\n  engine: {engine}\n  steps:\n{textwrap.indent(steps, '  ')}"
    )
    with pytest.raises(ConfigErrors) as raised:
        load(path, kinds=KINDS, env={})
    assert message in str(raised.value)


def test_settling_is_a_browser_s(tmp_path: Path) -> None:
    """Over HTTP there is nothing that settles, and so it is refused."""
    path = tmp_path / "probes.yaml"
    step = '{name: a, get: "http://x/"}'
    path.write_text(f"version: 1\nprobes:\n- {{name: j, kind: journey, settle: 1s, steps: [{step}]}}\n")
    with pytest.raises(ConfigErrors, match="settle: does not go with `engine: http`"):
        load(path, kinds=KINDS, env={})


def test_a_kept_session_or_a_provider_of_identities_needs_no_browser(tmp_path: Path) -> None:
    """Both are refused, as is what the browser decides by itself."""
    with pytest.raises(ConfigErrors) as raised:
        configured(tmp_path, LOGIN, {"BASE": "http://x", "USER": "u", "PASSWORD": "p"}, more="session: reuse\nip: 4\n")
    assert "session: with `engine: browser` every run begins anew" in str(raised.value)
    assert "ip: does not go with `engine: browser`" in str(raised.value)
