"""What steps send, byte by byte, to a server that tells it back."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.expect import Subject
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.errors import ProbeFailure
from prober.model.run import Run
from prober.model.secret import Redactor
from prober.probes import KINDS
from prober.probes.client_profile import ACCEPT_PAGE
from prober.probes.login import JourneyProbe
from prober.probes.sending import outgoing
from prober.probes.session import Session
from prober.probes.step import Step
from tests.probes.journeys import steps_of, verdict_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from prober.model.network import Network
    from prober.model.run import Result


@dataclass(slots=True)
class Echo:
    """A server that keeps what it was asked."""

    base: str
    seen: list[dict[str, Any]]


@asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    """It answers `/go/...` with a redirect there, `/form` with a page, `/slow` late, and all else with the request."""
    echo = Echo("", [])

    async def answer(request: web.Request) -> web.StreamResponse:
        said = {
            "method": request.method,
            "target": request.raw_path,
            "headers": dict(request.headers),
            "body": (await request.read()).decode(),
        }
        echo.seen.append(said)
        match request.path.split("/")[1]:
            case "go":
                return web.Response(status=302, headers={"Location": request.query.get("to", request.raw_path)})
            case "form":
                page = f'<form method=post action="{request.query.get("action", "/in")}"><input name=user></form>'
                return web.Response(text=page, content_type="text/html")
            case "slow":
                await asyncio.sleep(5)
        return web.json_response(said)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        echo.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield echo
    finally:
        await runner.cleanup()


def ran(folder: Path, steps: str, *, run_loop: Callable[..., Any] = asyncio.run) -> tuple[Result, list[dict[str, Any]]]:
    """One run of a journey of these steps, and what the server was asked."""

    async def work() -> tuple[Result, list[dict[str, Any]]]:
        async with echoing() as echo, HostNetwork() as network:
            path = folder / "probes.yaml"
            lines = [
                "version: 1",
                "probes:",
                "- name: j",
                "  kind: journey",
                "  timeout: 3s",
                "  headers: {x-of-probe: all steps, accept-language: de}",
                '  variables: {base: "${env:BASE}", odd: "a b&c=d/ü"}',
                "  steps:",
                *(f"  - {step}" for step in steps.strip().splitlines()),
            ]
            path.write_text("\n".join(lines) + "\n")
            probe = load(path, kinds=KINDS, env={"BASE": echo.base, "SECRET": "s3cret-value"}).probes[0]
            clock = Clock()
            result = await execute(
                probe,
                clock=clock,
                network=network,
                redactor=Redactor(),
                connected=lambda: True,
                lag=LagMonitor(clock=clock),
            )
            return result, echo.seen

    pair: tuple[Result, list[dict[str, Any]]] = run_loop(work())
    return pair


SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "get": ('{name: a, get: "{{base}}/x"}', {"method": "GET", "target": "/x", "body": ""}),
    "query": ('{name: a, get: "{{base}}/x?a=1", query: {b: "{{odd}}"}}', {"target": "/x?a=1&b=a+b%26c%3Dd/%C3%BC"}),
    "escapes stay": ('{name: a, get: "{{base}}/x%2Fy?s=%2F%7E"}', {"target": "/x%2Fy?s=%2F%7E"}),
    "a fragment stays at home": ('{name: a, get: "{{base}}/x#/login"}', {"target": "/x"}),
    "json": (
        '{name: a, post: "{{base}}/x", json: {q: "{{odd}}", n: [1, true, {"k": "{{odd}}"}]}}',
        {"method": "POST", "body": json.dumps({"q": "a b&c=d/ü", "n": [1, True, {"k": "a b&c=d/ü"}]})},
    ),
    "data": ('{name: a, put: "{{base}}/x", data: {q: "{{odd}}"}}', {"method": "PUT", "body": "q=a+b%26c%3Dd%2F%C3%BC"}),
    "body": ('{name: a, patch: "{{base}}/x", body: "<{{odd}}>"}', {"method": "PATCH", "body": "<a b&c=d/ü>"}),
    "delete": ('{name: a, delete: "{{base}}/x"}', {"method": "DELETE", "body": ""}),
}


@pytest.mark.parametrize(("step", "expected"), SENT.values(), ids=SENT)
def test_requests(tmp_path: Path, step: str, expected: dict[str, Any]) -> None:
    """Method, target and body as they are on the wire."""
    result, seen = ran(tmp_path, step)
    assert result.failure is None, result.failure
    assert {key: seen[0][key] for key in expected} == expected


HEADERS: dict[str, tuple[str, dict[str, str | None]]] = {
    "as a browser": ('{name: a, get: "{{base}}/x"}', {"Accept": ACCEPT_PAGE, "Referer": None, "Origin": None}),
    "the probe's": ('{name: a, get: "{{base}}/x"}', {"x-of-probe": "all steps", "accept-language": "de"}),
    "the step's before the probe's": (
        '{name: a, get: "{{base}}/x", headers: {Accept-Language: fr}}',
        {"Accept-Language": "fr"},
    ),
    "json is asked for as json": (
        '{name: a, post: "{{base}}/x", json: {}}',
        {"Accept": "application/json", "Content-Type": "application/json"},
    ),
    "own ones count": (
        '{name: a, get: "{{base}}/x", headers: {accept: text/plain, X-Odd: "a{{now}}"}}',
        {"accept": "text/plain"},
    ),
    "bearer": ('{name: a, get: "{{base}}/x", bearer: "t{{base}}"}', {"Authorization": "Bearer t"}),
    "basic": (
        '{name: a, get: "{{base}}/x", basic: {user: me, password: "${env:SECRET}"}}',
        {"Authorization": "Basic " + base64.b64encode(b"me:s3cret-value").decode()},
    ),
}


@pytest.mark.parametrize(("step", "expected"), HEADERS.values(), ids=HEADERS)
def test_headers(tmp_path: Path, step: str, expected: dict[str, str | None]) -> None:
    """What goes along with a request."""
    result, seen = ran(tmp_path, step)
    assert result.failure is None, result.failure
    sent = CIMultiDict(seen[0]["headers"])
    for name, value in expected.items():
        assert (sent.get(name) or "").startswith(value or "")
        assert (name in sent) == (value is not None)
        assert len(sent.getall(name, [])) <= 1


def test_a_form_tells_where_it_comes_from(tmp_path: Path) -> None:
    """Referer with its query to its own origin, and Origin with a POST, as Django wants them."""
    _, seen = ran(tmp_path, '{name: a, get: "{{base}}/form?q=1"}\n{name: b, form: true, fields: {user: me}}')
    base = f"http://{seen[1]['headers']['Host']}"
    assert seen[1]["headers"]["Referer"] == f"{base}/form?q=1"
    assert seen[1]["headers"]["Origin"] == base
    assert seen[1]["body"] == "user=me"


def test_relative_to_the_last_one(tmp_path: Path) -> None:
    """A URL may be relative to the one that answered last, after its redirects."""
    _, seen = ran(tmp_path, '{name: a, get: "{{base}}/go/a?to=/p/q"}\n{name: b, get: "r?x=1"}')
    assert [each["target"] for each in seen] == ["/go/a?to=/p/q", "/p/q", "/p/r?x=1"]


def test_until_stops_before_a_redirect(tmp_path: Path, run_loop: Callable[..., Any]) -> None:
    """The matching URL is not requested, and its parameters are read."""
    steps = (
        '{name: a, get: "{{base}}/go/a", query: {to: "https://app.example/cb?code=1%2F2&state=s"},'
        ' until: "^https://app\\\\.example/cb", extract: {code: {url_param: code}}}\n'
        '{name: b, get: "{{base}}/{{code}}"}'
    )
    result, seen = ran(tmp_path, steps, run_loop=run_loop)
    assert result.failure is None, result.failure
    assert [each["target"] for each in seen][1:] == ["/1/2"]
    assert steps_of(result)[0] == "a ok 302"


def test_follow_none(tmp_path: Path) -> None:
    """Without redirects to follow, the redirect is the answer."""
    result, seen = ran(tmp_path, '{name: a, get: "{{base}}/go/a", follow: 0, expect: {status: 302}}')
    assert result.failure is None
    assert len(seen) == 1


def test_a_loop_is_one(tmp_path: Path) -> None:
    """More redirects than are followed."""
    result, _ = ran(tmp_path, '{name: a, get: "{{base}}/go/a", follow: 3}')
    assert verdict_of(result) == ("unexpected_response", "redirect_loop", "a")


def test_a_step_has_its_own_time(tmp_path: Path) -> None:
    """Its timeout ends it, with the step as the phase."""
    result, _ = ran(tmp_path, '{name: a, get: "{{base}}/slow", timeout: 200ms}')
    assert verdict_of(result) == ("response_timeout", "header_timeout", "a")
    assert result.duration_ns < 2 * 10**9


OURS: dict[str, tuple[str, str]] = {
    "a variable that a skipped step would have set": (
        (
            '{name: a, get: "{{base}}/x", extract: {n: {jsonpath: $.method}}, allow_failure: true,'
            ' when: {status: 200}}\n{name: b, get: "{{base}}/{{n}}"}'
        ),
        "variable",
    ),
    "no URL": ('{name: a, get: "{{odd}}"}', "config"),
    "a password in a URL": ('{name: a, get: "http://me:{{now}}@127.0.0.1/"}', "config"),
    "a port that is none": ('{name: a, get: "http://127.0.0.1:99999/"}', "config"),
    "a pattern that only a variable breaks": (
        '{name: a, get: "{{base}}/x", until: "({{now}}"}',
        "config",
    ),
}


@pytest.mark.parametrize(("steps", "detail"), OURS.values(), ids=OURS)
def test_what_is_our_own_fault(tmp_path: Path, steps: str, detail: str) -> None:
    """The configuration's mistakes that only a run can see are never the target's."""
    result, _ = ran(tmp_path, steps)
    assert result.failure is not None
    assert (result.outcome, result.failure.error_class, result.failure.detail) == ("error", "prober_error", detail)


class _Nowhere:
    """A network that nothing is asked of."""


def _page(url: str, body: str) -> Subject:
    return Subject(
        status=200,
        headers=CIMultiDictProxy(CIMultiDict({"Content-Type": "text/html"})),
        cookies={},
        url=URL(url),
        body=body.encode(),
        text=body,
        duration_ns=1,
        wire_bytes=1,
        redirects=0,
        certificate_expiry=None,
        http_version="1.1",
        now=0.0,
    )


def _form(url: str, action: str) -> Any:
    network: Network = _Nowhere()  # type: ignore[assignment]  # nothing is sent
    run = Run(clock=Clock(), network=network, timeout_ns=10**9)
    session = Session(JourneyProbe(steps=(Step(name="a", get=url),)), run, {})
    session.take(_page(url, f'<form method=post action="{action}"><input name=user></form>'))
    from prober.probes.form_choice import FormChoice

    step = Step(name="b", form=FormChoice(), fields={"user": "me"})
    return outgoing(step, session, user_agent="me")


FORMS = {
    "over http": ("https://a.example/", "http://a.example/in", "redirect_blocked"),
    "a script": ("https://a.example/", "javascript:alert(1)", "page_changed"),
    "a mail": ("https://a.example/", "mailto:a@a.example", "page_changed"),
    "a password in it": ("https://a.example/", "https://me:pw@a.example/in", "page_changed"),
    "a port that is none": ("https://a.example/", "https://a.example:99999/in", "page_changed"),
}


@pytest.mark.parametrize(("url", "action", "detail"), FORMS.values(), ids=FORMS)
def test_forms_that_are_not_sent(url: str, action: str, detail: str) -> None:
    """What a browser would warn of, or never send, is not sent: it may hold a password."""
    with pytest.raises(ProbeFailure) as caught:
        _form(url, action)
    assert caught.value.detail == detail


def test_a_form_to_another_origin_tells_only_the_origin() -> None:
    """The query of a page is nobody else's business."""
    sent = _form("https://a.example/login?token=1", "https://b.example/in")
    assert sent.request.headers["Referer"] == "https://a.example/"
    assert sent.request.headers["Origin"] == "https://a.example"
    assert str(sent.page_url) == "https://a.example/login?token=1"


WRONG = {
    "a get with a body": ("{name: a, get: https://a.example/, json: {}}", "goes with post"),
    "a look with headers": ("{name: a, look: true, headers: {a: b}}", "goes with get"),
    "a wait with a role": ("{name: a, wait: 1s, role: submit}", "goes with get"),
    "a wait without a unit": ("{name: a, wait: 5}", "5 has no unit: write 5s"),
    "a wait for nothing": ("{name: a, wait: true}", "must be a duration such as 2s"),
    "a wait for a path": ("{name: a, wait: {xpath: //a}}", "must be a CSS selector"),
    "a click at nothing": ("{name: a, click: ''}", "must be a CSS selector"),
    "two bodies": ("{name: a, post: https://a.example/, json: {}, body: x}", "only one of"),
    "less than no redirects": ("{name: a, get: https://a.example/, follow: -1}", "negative"),
    "query of a form": ("{name: a, form: true, query: {a: b}}", "goes with get"),
}


@pytest.mark.parametrize(("step", "said"), WRONG.values(), ids=WRONG)
def test_keys_that_have_no_use(tmp_path: Path, step: str, said: str) -> None:
    """Each is refused with its place."""
    from prober.config import ConfigErrors

    with pytest.raises(ConfigErrors, match=said):
        ran(tmp_path, step)
