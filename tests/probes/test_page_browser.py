"""A page in a browser: what a person would see of it, what is said of what they would not, and what is sent along."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web

from prober.browser.host import HostBrowser
from prober.config import ConfigErrors
from prober.model.run import Outcome
from tests.browser.lab import ENVIRONMENT, impostor
from tests.calm import acalmly
from tests.probes.pages import page_probe, run_page, said
from tests.probes.site import Answer, Site, half_a_page, html, js, serving, stall

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.run import Result

H1 = "<h1>Good day</h1>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a site answers, how it is probed, and what is said of it."""

    answers: Mapping[str, Answer]
    said: str
    message: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)


def case(
    page: Answer, expected: str, message: str = "", *, also: Mapping[str, Answer] | None = None, **more: Any
) -> Case:
    """A case by its page; ``also`` are further answers, and further keywords settings of the probe."""
    return Case(answers={"/": page, **(also or {})}, said=expected, message=message, settings=more)


async def _never_ends(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    await response.prepare(request)
    await response.write(b"<h1>To be continued")
    return await stall(request)


NOSNIFF = {"X-Content-Type-Options": "nosniff"}


def moved(to: str) -> web.Response:
    """A redirect."""
    return web.Response(status=302, headers={"Location": to})


def script(text: str) -> web.Response:
    """A page with a heading and a script."""
    return html(f"{H1}<script>{text}</script>")


CASES = {
    "good": case(html(H1), "ok"),
    "blank": case(
        html("<a href=#root style='position: absolute; left: -9999px'>Skip to content</a><div id=root></div>"),
        "content_mismatch blank settle",
        "the page painted nothing",
    ),
    "what fades in": case(
        html(
            f"<style>h1 {{ opacity: 0; animation: f 50ms forwards }} @keyframes f {{ to {{ opacity: 1 }} }}</style>{H1}"
        ),
        "ok",
        timeout="10s",
    ),
    "a page in a frame": case(html("<iframe src=/in></iframe>"), "ok", also={"/in": html(H1)}, timeout="10s"),
    "late paint": case(html("<div id=root></div><script>setTimeout(() => root.textContent = 'x', 600)</script>"), "ok"),
    "blank is allowed": case(html("<div></div>"), "ok", fail_on=["exception"]),
    "missing script": case(
        html(f"{H1}<script src=/app.js></script>"), "content_mismatch request_failed assets", "/app.js (404)"
    ),
    "missing module": case(
        html(f"{H1}<script type=module src=/app.js></script>"),
        "content_mismatch request_failed assets",
        "/app.js (404)",
    ),
    "missing import": case(
        html(f"{H1}<script type=module src=/app.js></script>"),
        "content_mismatch request_failed assets",
        "/part.js (404)",
        also={"/app.js": js("import './part.js'")},
    ),
    "missing stylesheet": case(
        html(f"<link rel=stylesheet href=/a.css>{H1}"), "content_mismatch request_failed assets", "/a.css (404)"
    ),
    "missing image": case(html(f"{H1}<img src=/i.png>"), "content_mismatch request_failed assets", "/i.png (404)"),
    "script answered by the page": case(
        html(f"{H1}<script src=/app.js></script>"),
        "content_mismatch asset_wrong_type assets",
        "/app.js (text/html)",
        also={"/app.js": html("<div></div>")},
    ),
    "module answered by the page": case(
        html(f"{H1}<script type=module src=/app.js></script>"),
        "content_mismatch asset_wrong_type assets",
        "/app.js (text/html)",
        also={"/app.js": html("<div></div>")},
    ),
    "empty script": case(
        html(f"{H1}<script src=/app.js></script>"),
        "content_mismatch asset_empty assets",
        "/app.js (empty)",
        also={"/app.js": js("")},
    ),
    "ignored": case(html(f"{H1}<script src=/app.js></script>"), "ok", ignore=["app.js$"]),
    "allowed": case(html(f"{H1}<script src=/app.js></script>"), "ok", allow_broken=1),
    "exception": case(
        script("undefinedFunction()"),
        "content_mismatch script_error assets",
        "ReferenceError: undefinedFunction is not defined",
    ),
    "rejected promise": case(
        script("Promise.reject(new Error('no luck'))"), "content_mismatch script_error assets", "Error: no luck"
    ),
    "rejected promise that is handled later": case(
        script(
            "const p = Promise.reject(new Error()); setTimeout(() => { p.catch(() => {}); document.body.id = 'x' }, 20)"
        ),
        "ok",
        ready="#x",
        settle="100ms",
    ),
    "thrown text": case(script("throw 'no luck'"), "content_mismatch script_error assets", "no luck"),
    "exceptions": case(
        script("for (const n of [1, 2, 3]) setTimeout(() => { throw new TypeError('t' + n) })"),
        "content_mismatch script_error assets",
        "TypeError: t1",
    ),
    "ignored exception": case(
        html(f"{H1}<script src=/bad.js></script>"), "ok", also={"/bad.js": js("x.y()")}, ignore=["bad"]
    ),
    "blank because of an exception": case(
        html("<script>throw new Error('no app')</script>"),
        "content_mismatch blank settle",
        "the page painted nothing; Error: no app",
    ),
    "an API that fails": case(
        script("fetch('/api')"),
        "content_mismatch request_failed assets",
        "/api (503)",
        also={"/api": html("", status=503)},
    ),
    "an API that wants a sign-in": case(script("fetch('/api')"), "ok", also={"/api": html("", status=401)}),
    "an API that is not there": case(
        script("fetch('http://elsewhere.test:1024/api').catch(() => {})"), "ok", fail_on=["failed_request"]
    ),
    "a missing stylesheet that is HTML": case(
        html(f"<head><link rel=stylesheet href=/x.css></head>{H1}"),
        "content_mismatch request_failed assets",
        "/x.css (404)",
        also={"/x.css": html("<p>not here", status=404, headers=NOSNIFF)},
    ),
    "a stylesheet that is HTML": case(
        html(f"<head><link rel=stylesheet href=/x.css></head>{H1}"),
        "content_mismatch asset_wrong_type assets",
        "/x.css (text/html)",
        also={"/x.css": html("<p>the app", headers=NOSNIFF)},
    ),
    "a canceled request": case(
        script("const c = new AbortController(); fetch('/api', {signal: c.signal}).catch(() => {}); c.abort()"),
        "ok",
        also={"/api": stall},
    ),
    "a third party's image": case(html(f"{H1}<img src=http://elsewhere.test:1024/x.png>"), "ok"),
    "a third party's script that the page waits for": case(
        html(f"<head><script src=http://elsewhere.test:1024/x.js></script></head>{H1}"),
        "content_mismatch request_failed assets",
        "elsewhere.test/x.js (",
    ),
    "a third party's module": case(
        html(f"<head><script type=module src=http://elsewhere.test:1024/x.js></script></head>{H1}"),
        "content_mismatch request_failed assets",
        "elsewhere.test/x.js (",
    ),
    "a third party's script that nothing waits for": case(
        html(f"{H1}<script async src=http://elsewhere.test:1024/x.js></script>"), "ok"
    ),
    "a script that is not what the page says it is": case(
        html(f"{H1}<script src=/app.js integrity=sha256-{'A' * 43}=></script>"),
        "content_mismatch request_failed assets",
        "/app.js (blocked: integrity)",
        also={"/app.js": js()},
    ),
    "addresses of other programs, and a download": case(
        script("location = 'mailto:a@b.test'; setTimeout(() => { location = '/file' }, 50)"),
        "ok",
        also={"/file": web.Response(body=b"MZ", headers={"Content-Disposition": "attachment"})},
        settle="300ms",
        expect=[{"status": 200}, {"url": True, "matches": "/$"}, {"header": "Content-Type", "contains": "html"}],
    ),
    "a third party's name that is not there": case(
        html(f"<head><script src=http://nowhere.test/x.js></script></head>{H1}"),
        "dns_error nxdomain assets",
        "nowhere.test/x.js (",
    ),
    "ready": case(
        script("setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<p id=x>here</p>'), 200)"),
        "ok",
        ready="#x",
        expect={"contains": "here"},
    ),
    "never ready": case(
        html(f"{H1}<p id=x hidden>here</p><p id=x style='visibility: hidden'>there"),
        "content_mismatch expectation settle",
        "expected #x to be seen, and it was not within",
        ready="#x",
        timeout="1s",
    ),
    "never ready because of an exception": case(
        script("nothing()"),
        "content_mismatch script_error assets",
        "ReferenceError: nothing is not defined; not done within",
        ready="#x",
        timeout="1s",
    ),
    "never ready because it is blank": case(
        html("<div id=app></div>"),
        "content_mismatch blank settle",
        "the page painted nothing; not done within",
        ready="h1",
        timeout="2s",
    ),
    "never ready because of a wall": case(
        html("<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js></script><p>Wait"),
        "bot_challenge challenge processing",
        also={"/cdn-cgi/challenge-platform/x.js": web.Response(text="1", content_type="text/javascript")},
        ready="#app",
        timeout="2s",
    ),
    "a selector that is none": case(html(H1), "prober_error config None", "#[", ready="#["),
    "expected text": case(script("document.body.append('ren' + 'dered')"), "ok", expect={"contains": "rendered"}),
    "expected element": case(
        script("document.body.append(document.createElement('dialog'))"), "ok", expect=[{"css": "dialog"}]
    ),
    "shadow roots are part of the page": case(
        html(f"{H1}<p id=x></p><script>x.attachShadow({{mode: 'open'}}).innerHTML = 'in the sha' + 'dow'</script>"),
        "ok",
        expect={"contains": "in the shadow"},
    ),
    "missed text": case(
        html(H1), "content_mismatch expectation expect", "Good evening", expect={"contains": "Good evening"}
    ),
    "status": case(html(H1, status=500), "server_error internal processing", "HTTP 500"),
    "expected status": case(html(H1, status=404), "ok", expect={"status": 404}),
    "expected class": case(html(H1, status=500), "ok", expect={"error_class": "server_error"}),
    "challenge": case(
        web.Response(status=403, text=H1, content_type="text/html", headers={"cf-mitigated": "challenge"}),
        "bot_challenge challenge processing",
    ),
    "redirect": case(moved("/there"), "ok", also={"/there": html(H1)}, expect=[{"redirects": True, "equals": 1}]),
    "redirect loop": case(moved("/"), "unexpected_response redirect_loop processing", "ERR_TOO_MANY_REDIRECTS"),
    "loop of pages": case(
        html("<script>location.reload()</script>"),
        "unexpected_response redirect_loop assets",
        "the page replaced itself more than 20 times",
    ),
    "a page that replaces itself": case(
        script("location.replace('/there')"), "ok", also={"/there": html("<h1>There")}, expect={"contains": "There"}
    ),
    "download": case(
        web.Response(body=b"MZ", headers={"Content-Disposition": "attachment"}),
        "unexpected_response other processing",
        "ERR_ABORTED",
    ),
    "half a page": case(half_a_page, "stream_truncated body_truncated transfer"),
    "a page without end": case(_never_ends, "response_timeout body transfer", "did not end within", timeout="1s"),
    "no answer": case(stall, "response_timeout header_timeout processing", "no answer within", timeout="1s"),
    "a slow font": case(
        html(f"<style>@font-face {{ font-family: F; src: url(/f.woff2) }} h1 {{ font-family: F }}</style>{H1}"),
        "response_timeout total assets",
        "still waiting for /f.woff2",
        also={"/f.woff2": stall},
        timeout="1s",
    ),
    "an endless loop": case(
        script("while (true) {}"),
        "response_timeout total assets",
        "a script of the page was still running",
        timeout="2s",
    ),
    "an endless loop after it has loaded": case(
        script("setTimeout(() => { while (true) {} }, 100)"),
        "response_timeout total assets",
        "a script of the page was still running",
        timeout="2s",
        settle="300ms",
    ),
    "a dialog": case(script("alert('Hello'); document.body.append('after')"), "ok", expect={"contains": "after"}),
    "too large": case(
        script("document.body.append('x'.repeat(300000))"),
        "unexpected_response too_large transfer",
        limits={"body": "256KiB"},
    ),
}


def _fits(case: Case, met: tuple[Result, Site]) -> bool:
    return said(met[0]).startswith(case.said)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Result, Site]]:
    """All cases, met by one browser."""
    folder = tmp_path_factory.mktemp("cases")

    met = 0

    async def meet(browser: HostBrowser, case: Case) -> tuple[Result, Site]:
        nonlocal met
        met += 1
        async with serving(case.answers) as site:
            keys: dict[str, Any] = {"settle": "50ms", **case.settings}
            return await run_page(folder, f"{site.url}/", engine="browser", browser=browser, **keys), site

    async def main() -> dict[str, tuple[Result, Site]]:
        found = {}
        async with HostBrowser(ENVIRONMENT) as browser:
            for name, each in CASES.items():
                found[name] = await acalmly(partial(meet, browser, each), partial(_fits, each))
            again = met - len(CASES)
            assert browser.starts <= 2 + again  # on a busy machine a run may be cut off, and its tab taken away
        return found

    return asyncio.run(main())


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_page(results: dict[str, tuple[Result, Site]], name: str) -> None:
    """Class, detail and phase; the message says why. No case needs another browser than the one before."""
    result, _ = results[name]
    assert said(result).startswith(CASES[name].said), result.failure
    assert CASES[name].message in (result.failure.message if result.failure else "")


@pytest.mark.parametrize("name", [name for name, each in CASES.items() if each.settings.get("timeout") == "1s"])
def test_no_run_exceeds_its_time(results: dict[str, tuple[Result, Site]], name: str) -> None:
    """What the page looked like is taken within the run's time."""
    assert results[name][0].duration_ns <= 1.5e9


def test_a_good_page_is_measured(results: dict[str, tuple[Result, Site]]) -> None:
    """Phases as over HTTP, and when a person saw something."""
    result, _ = results["good"]
    assert [phase.name for phase in result.phases] == [
        *("resolve", "connect", "request", "processing", "transfer", "assets", "settle")
    ]
    assert all(phase.offset_ns >= 0 and phase.duration_ns >= 0 for phase in result.phases)
    measures = {name: value for name, value in result.measures.items() if isinstance(value, int | float)}
    assert 0 < measures["first_byte_seconds"] < measures["ttfb_seconds"] < measures["fcp_seconds"]
    assert measures["fcp_seconds"] <= measures["lcp_seconds"] < 10
    assert 0 < measures["load_seconds"] < result.duration_ns / 1e9
    assert measures["layout_shift"] == 0
    assert (measures["http_status"], measures["redirects"], measures["exceptions"]) == (200, 0, 0)
    assert measures["page_requests"] == measures["requests_document"] == 1
    assert result.capture is None


def test_requests_are_counted_by_kind(results: dict[str, tuple[Result, Site]]) -> None:
    """What is broken, and whose it is."""
    measures = results["missing import"][0].measures
    assert (measures["requests_script"], measures["broken_script"], measures["assets_broken"]) == (2, 1, 1)
    assert results["an API that fails"][0].measures["broken_fetch"] == 1
    assert results["a third party's image"][0].measures["third_party_broken"] == 1
    assert results["exceptions"][0].measures["exceptions"] == 3
    assert results["missing image"][0].measures["console_errors"] == 1


def test_a_failed_page_is_kept(results: dict[str, tuple[Result, Site]]) -> None:
    """As a picture and as HTML; where there was no page there is nothing to keep."""
    capture = results["exception"][0].capture
    assert capture is not None
    assert capture.screenshot is not None
    assert capture.screenshot.startswith(b"\xff\xd8\xff")
    assert capture.html is not None
    assert "<h1>Good day</h1>" in capture.html
    assert results["never ready"][0].capture is not None
    assert results["no answer"][0].capture is None
    assert results["expected class"][0].capture is None


def one(folder: Path, answers: Mapping[str, Answer], *, run: Any = asyncio.run, **settings: Any) -> tuple[Result, Site]:
    """One run in a browser of its own."""

    async def main() -> tuple[Result, Site]:
        async with serving(answers) as site, HostBrowser(ENVIRONMENT) as browser:
            keys: dict[str, Any] = {"settle": "50ms", **settings}
            return await run_page(folder, f"{site.url}/", engine="browser", browser=browser, **keys), site

    pair: tuple[Result, Site] = run(main())
    return pair


def test_layout_shift_is_scored(tmp_path: Path, run_loop: Any) -> None:
    """What jumps while a person reads."""
    text = "<p style='height: 200px'>text</p>" * 3
    shift = (
        "setTimeout(() => document.body.insertAdjacentHTML('afterbegin', '<div style=\"height: 300px\">ad</div>'), 50)"
    )
    result, _ = one(tmp_path, {"/": html(f"{text}<script>{shift}</script>")}, run=run_loop, settle="300ms")
    assert said(result) == "ok"
    shifted = result.measures["layout_shift"]
    assert isinstance(shifted, float)
    assert shifted > 0.05


SHOWS_A_SECRET = (
    "<p>s3cret-t0ken</p>",
    "<input value='s3cret-t0ken'>",
    "<script>i.value = 's3cret-' + 't0ken'</script>",
    "<iframe id=f></iframe><script>f.contentDocument.body.append('s3cret-' + 't0ken')</script>",
    "<p id=s></p><script>const n = i; s.attachShadow({mode: 'open'}).append(n); n.value = 's3cret-' + 't0ken'</script>",
)


def test_a_secret_on_the_page_is_in_no_picture(tmp_path: Path) -> None:
    """Of pixels nothing can be taken out; the HTML is kept without it."""

    async def main() -> list[Result]:
        found = []
        async with HostBrowser(ENVIRONMENT) as browser:
            for secret_in in ("", *SHOWS_A_SECRET):
                page = html(f"{H1}<input id=i>{secret_in}<script>fail()</script>")
                async with serving({"/": page}) as site:
                    keys: dict[str, Any] = {"engine": "browser", "browser": browser, "settle": "50ms"}
                    found.append(await run_page(tmp_path, f"{site.url}/", secrets=["s3cret-t0ken"], **keys))
        return found

    captures = [result.capture for result in asyncio.run(main())]
    assert [capture is not None and capture.screenshot is not None for capture in captures] == [True, *[False] * 5]
    for capture in captures:
        assert capture is not None
        assert capture.html is not None
        assert "s3cret-t0ken" not in capture.html
        assert H1 in capture.html


def test_headers_go_to_our_own_origin_alone(tmp_path: Path) -> None:
    """Not to a third party, not after a redirect, not with an asset that is redirected."""

    async def main() -> tuple[Result, Site, Site]:
        async with serving({"/x.js": js(), "/y.js": js()}, host="127.0.0.2") as other:
            tags = f"{H1}<script src={other.url}/x.js></script><script src=/a.js></script><script src=/y.js></script>"
            answers = {"/": moved("/app"), "/app": html(tags), "/a.js": js(), "/y.js": moved(f"{other.url}/y.js")}
            async with serving(answers) as home, HostBrowser(ENVIRONMENT) as browser:
                headers = {"Authorization": "Bearer k3y", "X-More": "yes"}
                keys: dict[str, Any] = {"engine": "browser", "browser": browser, "settle": "50ms", "headers": headers}
                return await run_page(tmp_path, f"{home.url}/", **keys), home, other

    result, home, other = asyncio.run(main())
    assert said(result) == "ok"
    assert [asked.headers.get("Authorization") for asked in home.asked] == ["Bearer k3y"] * 4
    assert {asked.headers.get("X-More") for asked in home.asked} == {"yes"}
    assert sorted(other.paths) == ["/x.js", "/y.js"]
    assert not any({"Authorization", "X-More"} & set(asked.headers) for asked in other.asked)


@pytest.mark.parametrize(
    ("client", "agent"),
    [("desktop", "HeadlessChrome/"), ("ios", "iPhone"), ("android", "Android"), ("Mine/1.0 (a tester)", "Mine/1.0")],
)
def test_the_client_profile_is_who_asks(tmp_path: Path, client: str, agent: str) -> None:
    """The desktop's browser is what it says it is, with our name behind it; phones have a phone's screen."""
    page = script("document.body.append('width ' + innerWidth + ' touch ' + ('ontouchstart' in window))")
    phone = client in {"ios", "android"}
    expect = {"contains": "touch true"} if phone else {"contains": ["width 1280", "touch false"]}
    result, site = one(tmp_path, {"/": page}, client=client, expect=expect)
    assert said(result) == "ok"
    sent = site.headers_of("/")["User-Agent"]
    assert agent in sent
    assert ("prober/" in sent) == (client != "Mine/1.0 (a tester)")
    assert site.headers_of("/")["Accept-Language"].startswith("en")


def _tls(authority: trustme.CA, *names: str, **more: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **more).configure_cert(context)
    return context


def test_certificates_are_verified_unless_the_file_says_why_not(tmp_path: Path) -> None:
    """An unknown authority fails; with a reason not to verify the page is loaded, and its certificate's end known."""
    authority = trustme.CA()

    async def main() -> list[Result]:
        found = []
        async with HostBrowser(ENVIRONMENT) as browser:
            for tls in (None, {"insecure": "a lab"}):
                page = html(
                    f"{H1}<img src=http://elsewhere.test/x.png><script src=http://elsewhere.test/x.js></script>"
                )
                async with serving({"/": page}, tls=_tls(authority, "127.0.0.1")) as site:
                    keys: dict[str, Any] = {
                        "engine": "browser",
                        "browser": browser,
                        "settle": "50ms",
                        **({"tls": tls} if tls else {}),
                    }
                    found.append(await run_page(tmp_path, f"{site.url}/", **keys))
        return found

    strict, lax = asyncio.run(main())
    assert said(strict) == "tls_error untrusted tls"
    assert "ERR_CERT_AUTHORITY_INVALID" in strict.failure.message if strict.failure else False
    assert [(phase.name, phase.finished) for phase in strict.phases] == [("tls", False)]
    assert said(lax) == "ok"
    assert "tls" in [phase.name for phase in lax.phases]
    assert isinstance(lax.measures["certificate_expiry"], float)
    assert lax.measures["mixed_content"] == 1


def test_an_authority_of_the_file_is_trusted(tmp_path: Path) -> None:
    """Also for the hosts that assets come from; not for another name, not past the end, and no other authority."""
    authority, stranger = trustme.CA(), trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    past = {"not_after": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "not_before": dt.datetime(2023, 1, 1, tzinfo=dt.UTC)}
    contexts = {
        "ok": _tls(authority, "127.0.0.1"),
        "tls_error untrusted tls": _tls(stranger, "127.0.0.1"),
        "tls_error hostname tls": _tls(authority, "other.test"),
        "tls_error expired tls": _tls(authority, "127.0.0.1", **past),
    }

    async def main() -> list[str]:
        found = []
        async with (
            serving({"/x.js": js()}, host="127.0.0.2", tls=_tls(authority, "127.0.0.2")) as other,
            HostBrowser(ENVIRONMENT) as browser,
        ):
            page = html(f"<head><script src={other.url}/x.js></script></head>{H1}<script src=/a.js></script>")
            for context in contexts.values():
                async with serving({"/": page, "/a.js": js()}, tls=context) as site:
                    keys: dict[str, Any] = {"engine": "browser", "browser": browser, "settle": "50ms"}
                    found.append(said(await run_page(tmp_path, f"{site.url}/", tls={"ca_file": str(ca_file)}, **keys)))
        return found

    assert asyncio.run(main()) == list(contexts)


UNREACHABLE = {
    "refused": ("http://127.0.0.1:1024/", "connect_refused refused connect"),
    "no such name": ("http://nowhere.test/", "dns_error nxdomain resolve"),
    "a port of mail": ("http://127.0.0.1:25/", "prober_error config connect"),
}


@pytest.mark.parametrize(("url", "expected"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_document_that_cannot_be_had(tmp_path: Path, url: str, expected: str) -> None:
    """As over HTTP; the phase in which it failed is not finished."""

    async def main() -> Result:
        async with HostBrowser(ENVIRONMENT) as browser:
            return await run_page(tmp_path, url, engine="browser", browser=browser)

    result = asyncio.run(main())
    assert said(result) == expected
    assert [phase.finished for phase in result.phases] == [False]
    assert result.capture is None


def test_a_host_that_does_not_answer(tmp_path: Path) -> None:
    """Nothing was sent yet, so that it is the connection that took too long."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        crowd = [socket.socket() for _ in range(3)]
        for each in crowd:
            each.setblocking(False)
            each.connect_ex(sock.getsockname())

        async def main() -> Result:
            async with HostBrowser(ENVIRONMENT) as browser:
                url = f"http://127.0.0.1:{sock.getsockname()[1]}/"
                return await run_page(tmp_path, url, engine="browser", browser=browser, timeout="1s")

        result = asyncio.run(main())
        for each in crowd:
            each.close()
    assert said(result) == "connect_timeout timeout connect"


def test_waiting_for_the_browser_is_no_part_of_a_run(tmp_path: Path) -> None:
    """Three at once are loaded one after the other, and none seems slower for it."""

    async def main() -> tuple[list[Result], float]:
        async with serving({"/": html(H1)}) as site, HostBrowser(ENVIRONMENT) as browser, asyncio.TaskGroup() as group:
            began = time.perf_counter()
            keys: dict[str, Any] = {"engine": "browser", "browser": browser, "settle": "300ms"}
            runs = [group.create_task(run_page(tmp_path, f"{site.url}/", **keys)) for _ in range(3)]
            found = [await run for run in runs]
            return found, time.perf_counter() - began

    found, seconds = asyncio.run(main())
    assert [said(result) for result in found] == ["ok"] * 3
    assert seconds > 0.9
    assert sum(result.duration_ns for result in found) < seconds * 1e9


def test_a_run_that_is_cancelled_leaves_no_tab(tmp_path: Path) -> None:
    """As by a reload of the configuration: the next run does not wait until the time of this one is over."""

    async def main() -> float:
        async with serving({"/": stall, "/good": html(H1)}) as site, HostBrowser(ENVIRONMENT) as browser:
            keys: dict[str, Any] = {"engine": "browser", "browser": browser, "settle": "50ms", "timeout": "20s"}
            async with asyncio.TaskGroup() as group:
                running = group.create_task(run_page(tmp_path, f"{site.url}/", **keys))
                while not site.asked:
                    await asyncio.sleep(0.02)
                running.cancel()
            began = time.perf_counter()
            assert said(await run_page(tmp_path, f"{site.url}/good", **keys)) == "ok"
            return time.perf_counter() - began

    assert asyncio.run(main()) < 5


def test_a_browser_that_is_busy_or_missing_is_our_own_trouble(tmp_path: Path) -> None:
    """The run is an error, and no failure of the target."""

    async def main() -> list[Result]:
        async with HostBrowser(ENVIRONMENT) as browser, serving({"/": html(H1)}) as site:
            keys: dict[str, Any] = {"engine": "browser", "timeout": "300ms"}
            tab = await browser.tab(seconds=30)
            found = [await run_page(tmp_path, f"{site.url}/", browser=browser, **keys)]
            await tab.close()
            found.append(await run_page(tmp_path, f"{site.url}/", **keys))
        async with HostBrowser(impostor(tmp_path, "sys.exit('out of order')")) as browser:
            found.append(await run_page(tmp_path, "http://127.0.0.1:9/", browser=browser, **keys))
        return found

    found = asyncio.run(main())
    assert [result.outcome for result in found] == [Outcome.ERROR] * 3
    assert [said(result).rpartition(" ")[0] for result in found] == ["prober_error browser"] * 3
    messages = [result.failure.message for result in found if result.failure]
    assert "busy with other pages" in messages[0]
    assert "no browser in this process" in messages[1]
    assert "out of order" in messages[2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ready": "#x"}, "does not go with `engine: http`"),
        ({"settle": "1s"}, "does not go with `engine: http`"),
        ({"fail_on": ["blank"]}, "does not go with `engine: http`"),
        ({"engine": "browser", "assets": "all"}, "does not go with `engine: browser`"),
        ({"engine": "browser", "ip": "4"}, "does not go with `engine: browser`"),
        ({"engine": "browser", "redirects": {"max": 1}}, "does not go with `engine: browser`"),
        ({"engine": "browser", "deadlines": {"dns": "1s"}}, "does not go with `engine: browser`"),
        ({"engine": "browser", "tls": {"server_name": "x"}}, "only `insecure` and `ca_file` go with"),
        ({"engine": "browser", "proxy": "http://u:p@proxy:3128"}, "a user in it does not go"),
        ({"engine": "browser", "fail_on": ["everything"]}, "fail_on"),
    ],
)
def test_an_engine_refuses_what_it_does_not_know(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """Nothing that is asked for is passed over in silence."""
    with pytest.raises(ConfigErrors) as raised:
        page_probe(tmp_path, "http://x/", **settings)
    assert message in str(raised.value)
