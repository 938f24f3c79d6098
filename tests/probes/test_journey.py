"""Journeys: questions to a model, sessions that are kept, last steps, failures that are expected, refused passwords."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from prober.config import ConfigErrors
from prober.engine import Engine, Gauges
from prober.model.secret import Redactor
from prober.sinks.metrics import Metrics
from prober.sinks.state import States
from tests.probes.journeys import Lab, in_lab, steps_of, verdict_of
from tests.probes.site import html, serving

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

SIGN_IN = """
variables: {base: "${env:BASE}", user: "${env:USER}", password: "${env:PASSWORD}"}
steps:
  - {name: page, get: "{{base}}/login", expect: {status: 200}}
  - {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
  - name: whoami
    role: whoami
    get: "{{base}}/api/me"
    extract: {token: {jsonpath: $.token, secret: true}}
    expect: [{jsonpath: $.email, equals: "{{user}}"}]
"""
ASK = """
  - name: ask
    chat: {endpoint: "{{base}}/api", protocol: openai-chat, model: parrot-2, api_key: "{{token}}"}
"""
REUSE = SIGN_IN + "session: reuse\n"


def one(folder: Path, body: str, faults: object = None, *, kind: str = "login", **env: str) -> Result:
    """One run."""

    async def work(lab: Lab) -> Result:
        return await lab.run(body, kind=kind, **env)

    result: Result = in_lab(folder, work, faults=faults)
    return result


def test_sign_in_then_ask(tmp_path: Path) -> None:
    """The first token is measured inside the journey, and the phases of the answer are the run's."""
    result = one(tmp_path, SIGN_IN + ASK)
    assert result.failure is None
    assert steps_of(result)[-1] == "ask ok 200"
    assert 0 < float(result.measures["first_token_seconds"] or 0) < 5
    assert result.measures["served_model"] == "parrot-2"
    assert {"first_token", "stream"} <= {phase.name for phase in result.phases}


def test_a_question_inside_has_its_metrics(tmp_path: Path) -> None:
    """The first token of a journey is exported as a chat's is, by model; a journey without a question has none."""

    async def work(lab: Lab) -> list[str]:
        texts = []
        for body in (SIGN_IN + ASK, SIGN_IN):
            probe = lab.config(body, kind="login").probes[0]
            metrics = Metrics(version="0", states=States(lab.clock))
            metrics.configure((probe,), None, connectivity=False)
            metrics.record(probe, await lab.execute(probe))
            texts.append(metrics.render_now().decode())
        return texts

    asked, plain = in_lab(tmp_path, work)
    counted = 'prober_chat_first_token_seconds_count{probe="webui",kind="login",provider="webui",service="webui",'
    assert f'{counted}model="parrot-2"}} 1' in asked
    assert 'prober_login_step_seconds_count{probe="webui"' in asked
    assert "prober_chat_first_token_seconds_count{" not in plain


CHAT_FAULTS: dict[str, tuple[object, tuple[str, str]]] = {
    "wrong answer": ({"chat": [{"fault": "wrong_answer"}]}, ("content_mismatch", "nonce")),
    "key refused": (
        {"chat": [{"fault": "error", "error": "openai.bad_key"}]},
        ("auth_rejected", "invalid_key"),
    ),
    "reset": ({"chat": [{"fault": "reset", "after": 2}]}, ("connection_reset", "reset")),
}


@pytest.mark.parametrize(("faults", "expected"), CHAT_FAULTS.values(), ids=CHAT_FAULTS)
def test_the_phase_of_a_failed_question_is_its_step(tmp_path: Path, faults: object, expected: tuple[str, str]) -> None:
    """Class and detail are those of a chat probe."""
    found = verdict_of(one(tmp_path, SIGN_IN + ASK, faults))
    assert found is not None
    assert (found[0], found[2]) == (expected[0], "ask")


def test_a_stalled_question_is_named(tmp_path: Path) -> None:
    """Where the run's time is over in the middle of an answer, what the chat knows of it counts."""

    async def work(lab: Lab) -> Result:
        return await lab.run(SIGN_IN + ASK, timeout="1500ms")

    result = in_lab(tmp_path, work, faults={"chat": [{"fault": "stall", "after": 1}]})
    assert verdict_of(result) == ("stream_stalled", "idle", "ask")


def test_the_question_may_hold_variables(tmp_path: Path) -> None:
    """The journey's nonce is the question's, so that a later step may look for it; the answer must still hold it."""
    body = SIGN_IN + ASK.replace(
        'api_key: "{{token}}"}',
        'api_key: "{{token}}", prompt: "{{user}}: reply with exactly: {{nonce}}", expect: {contains: "{{nonce}}"}}',
    )
    assert one(tmp_path, body).failure is None


def test_cookies_sign_a_question_in(tmp_path: Path) -> None:
    """A web app's own chat is asked with the session's cookies."""
    body = SIGN_IN + ASK + '  - {name: after, get: "{{base}}/api/me", expect: {status: 200}}\n'
    assert one(tmp_path, body).failure is None


def test_a_kept_session(tmp_path: Path) -> None:
    """The second run begins at who-am-I, with the first one's cookies and variables."""

    async def work(lab: Lab) -> list[Result]:
        return [await lab.run(REUSE.replace("session:", ASK.strip("\n") + "\nsession:")) for _ in range(3)]

    results = in_lab(tmp_path, work)
    assert [result.failure for result in results] == [None] * 3
    assert [step.split()[0] for step in steps_of(results[0])] == ["page", "submit", "whoami", "ask"]
    assert [[step.split()[0] for step in steps_of(result)] for result in results[1:]] == [["whoami", "ask"]] * 2
    assert results[1].measures["session_reused"] is True


def test_a_session_that_has_ended(tmp_path: Path) -> None:
    """One signs in again only when who-am-I fails, and what failed there is no failure of the run."""

    async def work(lab: Lab) -> list[Result]:
        first = await lab.run(REUSE)
        lab.simulator.faults.update({"session": [{"fault": "signed_out"}]})
        return [first, await lab.run(REUSE), await lab.run(REUSE)]

    _, again, kept = in_lab(tmp_path, work)
    assert again.failure is None
    assert steps_of(again) == ["page ok 200", "submit ok 200", "whoami ok 200"]
    assert again.measures["signed_in_again"] is True
    assert steps_of(kept) == ["whoami ok 200"]


def test_an_unwell_service_is_no_reason_to_sign_in(tmp_path: Path) -> None:
    """A who-am-I that fails by a 5xx is a failure, and no password is sent for it."""

    async def work(lab: Lab) -> list[Result]:
        first = await lab.run(REUSE)
        lab.simulator.faults.update({"session": [{"fault": "status", "status": 503}]})
        return [first, await lab.run(REUSE)]

    _, failed = in_lab(tmp_path, work)
    assert [step.split()[0] for step in steps_of(failed)] == ["whoami"]
    assert failed.failure.error_class in {"server_error", "overloaded", "upstream_error"}


def test_another_password_begins_anew(tmp_path: Path) -> None:
    """A session that was made with other settings is nobody's."""

    async def work(lab: Lab) -> list[Result]:
        return [await lab.run(REUSE), await lab.run(REUSE, PASSWORD="not-the-password")]

    first, second = in_lab(tmp_path, work)
    assert first.failure is None
    assert second.failure.detail == "bad_credentials"


def test_last_steps_take_the_last_page(tmp_path: Path) -> None:
    """The form to sign out is on the page after the sign-in; answers to scripts since then are no page."""
    result = one(tmp_path, SIGN_IN + '  - {name: out, form: {css: "form[action*=logout]"}, expect: {status: 200}}\n')
    assert result.failure is None
    assert steps_of(result)[-1] == "out ok 200"


def test_last_steps_are_no_part_of_the_run(tmp_path: Path) -> None:
    """They change neither the verdict nor the list of steps."""
    result = one(tmp_path, SIGN_IN + 'finally: [{name: nowhere, get: "{{base}}/nowhere"}]\n')
    assert result.failure is None
    assert [step.name for step in result.steps] == ["page", "submit", "whoami"]


def test_last_steps_sign_out(tmp_path: Path) -> None:
    """After the last step of a kept session nobody is signed in any more: who-am-I says so in the next run."""
    body = REUSE + 'finally: [{name: logout, form: {css: "form[action*=logout]"}}]\n'

    async def work(lab: Lab) -> list[Result]:
        return [await lab.run(body) for _ in range(2)]

    _, second = in_lab(tmp_path, work)
    assert second.measures["signed_in_again"] is True


SCRIPTED = """
variables: {base: "${env:SITE}", password: "${env:PASSWORD}"}
steps:
  - {name: page, get: "{{base}}/login", extract: {csrf: {css: "#csrf", attr: value}}}
  - {name: submit, role: submit, post: "{{base}}/login", data: {csrf: "{{csrf}}", password: "{{password}}"}}
  - {name: whoami, role: whoami, get: "{{base}}/home", expect: {contains: Welcome}}
"""


def test_who_am_i_that_leads_back_to_the_sign_in_page(tmp_path: Path) -> None:
    """Nobody is signed in, also where scripts make that page and it holds no password field to tell it by."""

    async def work(lab: Lab) -> Result:
        away = web.Response(status=302, headers={"Location": "/login?next=/home"})
        page = html('<div id="root"></div><input type="hidden" id="csrf" value="1">')
        async with serving({"/login": page, "/login?next=/home": page, "/home": away}) as site:
            return await lab.run(SCRIPTED, SITE=site.url)

    result: Result = in_lab(tmp_path, work)
    assert verdict_of(result) == ("content_mismatch", "not_signed_in", "whoami")


def test_a_failure_that_is_expected(tmp_path: Path) -> None:
    """A step may expect a class of failure; then only that is its success."""
    body = 'steps: [{name: me, get: "${env:BASE}/api/me", expect: {error_class: auth_rejected}}]'
    assert one(tmp_path, body, kind="journey").failure is None
    body = 'steps: [{name: me, get: "${env:BASE}/", expect: {error_class: auth_rejected}}]'
    assert verdict_of(one(tmp_path, body, kind="journey")) == ("content_mismatch", "expectation", "me")


def test_a_journey_without_a_sign_in_speaks_of_none(tmp_path: Path) -> None:
    """Where nobody signs in, a 500 is no failure of a sign-in page."""
    body = 'steps: [{name: home, get: "${env:BASE}/"}]'
    found = verdict_of(one(tmp_path, body, {"web": [{"fault": "status", "status": 500}]}, kind="journey"))
    assert found is not None
    assert found[1] != "page_error"


def test_a_wait_that_is_too_long_is_ours(tmp_path: Path) -> None:
    """Nobody is blamed for the time in which we waited."""

    async def work(lab: Lab) -> Result:
        return await lab.run(
            'steps: [{name: a, get: "${env:BASE}/"}, {name: w, wait: 30s}]', kind="journey", timeout="300ms"
        )

    assert verdict_of(in_lab(tmp_path, work)) == ("prober_error", "deadline", "w")


JSON_LOGIN = """
variables: {user: "${env:USER}", password: "${env:PASSWORD}"}
steps:
  - {name: submit, role: submit, post: "${env:BASE}/login", json: {email: "{{user}}", password: "{{password}}"}}
  - {name: whoami, role: whoami, get: "${env:BASE}/api/me"}
"""
DIGESTS = {
    "a form": SIGN_IN,
    "JSON": JSON_LOGIN,
    "an OAuth password": SIGN_IN.replace(
        "form: true, fields: {email:",
        'oauth2: {token_url: https://a.example/t, client_id: a, client_secret: "${env:OTP}", grant: password, user:',
    ),
}


@pytest.mark.parametrize("body", DIGESTS.values(), ids=DIGESTS)
def test_every_way_to_send_a_password_has_a_breaker(tmp_path: Path, body: str) -> None:
    """Another password is another digest, however it is sent."""

    async def work(lab: Lab) -> list[Any]:
        passwords = ("one-password", "another-password", "one-password")
        return [lab.config(body, kind="login", PASSWORD=each).probes[0].credentials for each in passwords]

    first, other, same = in_lab(tmp_path, work)
    assert first is not None
    assert first == same
    assert first.digest != other.digest


def test_what_else_a_form_sends_does_not_count(tmp_path: Path) -> None:
    """Probes that share an account share its attempts, whatever boxes they tick."""

    async def work(lab: Lab) -> list[Any]:
        bodies = (SIGN_IN, SIGN_IN.replace('"{{password}}"}', '"{{password}}", remember: "on"}'))
        return [lab.config(body, kind="login").probes[0].credentials for body in bodies]

    first, second = in_lab(tmp_path, work)
    assert first == second


class _Book:
    """A sink that counts."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.skipped: list[str] = []

    def record(self, _probe: Probe, result: Result) -> None:
        self.results.append(result)

    def skip(self, _probe: Probe, reason: str) -> None:
        self.skipped.append(reason)


def test_a_refused_password_is_sent_once(tmp_path: Path) -> None:
    """Five probes that share it, intervals, retries and a reload: one run, and all others are held back."""

    async def work(lab: Lab) -> _Book:
        book = _Book()

        def ignore(_value: object) -> None:
            """Nobody asks for the engine's own numbers."""

        gauges = Gauges(lag_ns=ignore, delay_ns=ignore, in_flight=ignore, connected=ignore)
        engine = Engine(network=lab.network, clock=lab.clock, redactor=Redactor(), sinks=[book], gauges=gauges)
        path = tmp_path / "probes.yaml"
        lab.config(SIGN_IN, kind="login", PASSWORD="not-the-password")
        often = "interval: 200ms\n  retry_interval: 50ms\n  matrix: {down_after: [1, 2, 3, 4, 5]}"
        path.write_text(path.read_text().replace("interval: 60s", often))

        async def held_back(times: int) -> None:
            while book.skipped.count("breaker") < times:
                await asyncio.sleep(0.02)

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            engine.replace(lab.load(PASSWORD="not-the-password").probes, ())
            serving = group.create_task(engine.serve())
            await held_back(10)
            engine.replace(lab.load(PASSWORD="not-the-password").probes, ())
            await held_back(20)
            engine.stop()
            await serving
        return book

    book = in_lab(tmp_path, work)
    assert [result.failure.detail for result in book.results] == ["bad_credentials"]
    assert set(book.skipped) <= {"breaker", "overrun", "overload"}  # the others while the first run goes on


WRONG: dict[str, tuple[str, str]] = {
    "reuse without whoami": ("steps: [{name: a, get: https://a.example/}]\nsession: reuse", "role: whoami"),
    "reuse that begins with a form": (
        "steps: [{name: a, get: https://a.example/}, {name: b, role: whoami, look: true}]\nsession: reuse",
        "begins here",
    ),
    "an expectation beside a chat": (
        "steps: [{name: a, chat: {endpoint: https://a.test, protocol: openai-chat, model: m}, expect: {status: 2xx}}]",
        "belongs inside `chat`",
    ),
    "a chat that nobody knows": ("steps: [{name: a, chat: {model: m}}]", "endpoint"),
    "a chat with a key that it has not": ("steps: [{name: a, chat: {model: m, modle: n}}]", "did you mean"),
    "an unknown variable in a chat": (
        'steps: [{name: a, chat: {endpoint: https://a.example, protocol: openai-chat, model: m, api_key: "{{no}}"}}]',
        "'no' is not known",
    ),
    "a built-in name": ("variables: {nonce: a}\nsteps: [{name: a, get: https://a.example/}]", "built-in"),
    "a bad selector": ("steps: [{name: a, get: https://a.example/}, {name: b, form: {css: '['}}]", "no selector"),
    "two authorizations": (
        'steps: [{name: a, get: https://a.example/, bearer: x, basic: {user: a, password: "${env:PASSWORD}"}}]',
        "either `basic` or `bearer`",
    ),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG)
def test_refused_configurations(tmp_path: Path, body: str, said: str) -> None:
    """What no run could do is refused before there is one."""

    async def work(lab: Lab) -> Any:
        lab.config(body, kind="journey")

    with pytest.raises(ConfigErrors, match=said):
        in_lab(tmp_path, work)
