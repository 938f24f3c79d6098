"""A page and its assets over HTTP: what is loaded, what is said of what does not load, and what is sent along."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web

from prober.config import ConfigErrors
from prober.model.run import Outcome
from tests.calm import calmly
from tests.probes.pages import page_probe, run_page, said
from tests.probes.site import PNG, Answer, Site, css, html, js, serving, stall

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prober.model.run import Result

HEAD = '<link rel=stylesheet href=/a.css><script src=/a.js></script><script type=module src="/m.js"></script>'
GOOD: Mapping[str, Answer] = {
    "/": html(f"{HEAD}<img src=/i.png>"),
    "/a.css": css("@font-face { font-family: F; src: url(f.woff2) } body { background: url('b.png') }"),
    "/a.js": js(),
    "/m.js": js(),
    "/i.png": web.Response(body=PNG, content_type="image/png"),
    "/b.png": web.Response(body=PNG, content_type="image/png"),
    "/f.woff2": web.Response(body=b"wOF2" + bytes(60), content_type="font/woff2"),
}


def load(
    folder: Path, answers: Mapping[str, Answer], *, run: Any = asyncio.run, **settings: Any
) -> tuple[Result, Site]:
    """One run against a site with these answers, and the site."""

    async def main() -> tuple[Result, Site]:
        async with serving(answers) as site:
            return await run_page(folder, f"{site.url}/", **settings), site

    pair: tuple[Result, Site] = run(main())
    return pair


def test_the_default_loads_what_a_page_cannot_do_without(tmp_path: Path, run_loop: Any) -> None:
    """Stylesheets and scripts; the time they take is one phase after those of the document."""
    result, site = load(tmp_path, GOOD, run=run_loop)
    assert said(result) == "ok"
    assert sorted(site.paths) == ["/", "/a.css", "/a.js", "/m.js"]
    names = [phase.name for phase in result.phases]
    assert names == ["resolve", "connect", "request", "processing", "transfer", "assets"]
    assert all(phase.finished for phase in result.phases)
    measures = {name: value for name, value in result.measures.items() if isinstance(value, int | float)}
    assert 0 < measures["first_byte_seconds"] < measures["ttfb_seconds"] < measures["load_seconds"]


def test_all_loads_what_stylesheets_name_as_well(tmp_path: Path, run_loop: Any) -> None:
    """And the measures weigh it by kind."""
    result, site = load(tmp_path, GOOD, run=run_loop, assets="all")
    assert said(result) == "ok"
    assert sorted(site.paths) == sorted(GOOD)
    assert {name: each for name, each in result.measures.items() if name.startswith("requests_")} == {
        "requests_document": 1,
        "requests_style": 1,
        "requests_script": 2,
        "requests_image": 2,
        "requests_font": 1,
    }
    assert result.measures["page_requests"] == 7
    assert result.measures["bytes_image"] == 2 * len(PNG)
    assert result.measures["assets_broken"] == result.measures["mixed_content"] == 0
    assert result.measures["http_status"] == 200


def test_a_large_document_does_not_hold_the_loop(tmp_path: Path, run_loop: Any) -> None:
    """Its assets are found in a thread."""
    text = "".join(f"<p id=p{number}>a paragraph of a large page</p>" for number in range(100_000))

    async def main() -> tuple[Result, float]:
        late = 0.0
        async with serving({**GOOD, "/": html(f"{HEAD}{text}")}) as site, asyncio.TaskGroup() as group:

            async def watch() -> None:
                nonlocal late
                while True:
                    due = time.thread_time()
                    await asyncio.sleep(0)
                    late = max(late, time.thread_time() - due)

            watching = group.create_task(watch())
            result = await run_page(tmp_path, f"{site.url}/")
            watching.cancel()
            return result, late

    result, late = calmly(lambda: run_loop(main()), lambda seen: seen[1] < 0.05)
    assert said(result) == "ok"
    assert result.measures["page_requests"] == 4
    assert late < 0.05  # of processor time; to read it takes several times as long


def test_none_loads_the_document_alone(tmp_path: Path) -> None:
    """As cheap as it was."""
    result, site = load(tmp_path, GOOD, assets="none")
    assert said(result) == "ok"
    assert site.paths == ["/"]
    assert result.measures["page_requests"] == 1


def _with(**changes: Answer) -> dict[str, Answer]:
    return {**GOOD, **{f"/{name.replace('_', '.')}": answer for name, answer in changes.items()}}


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/javascript", "Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"half")
    return await _reset(request)


HTML = html("<div id=root></div>")
BROKEN: Mapping[str, tuple[dict[str, Answer], str, str]] = {
    "missing script": (_with(a_js=html("gone", status=404)), "asset_broken", "/a.js (404)"),
    "failing stylesheet": (_with(a_css=web.Response(status=503)), "asset_broken", "/a.css (503)"),
    "script answered by the page": (_with(a_js=HTML), "asset_wrong_type", "/a.js (text/html)"),
    "script that is the page by its begin alone": (
        _with(a_js=js("<!doctype html><p>")),
        "asset_wrong_type",
        "/a.js (HTML)",
    ),
    "module answered as text": (
        _with(m_js=web.Response(text="export {}", content_type="text/plain")),
        "asset_wrong_type",
        "/m.js (text/plain)",
    ),
    "stylesheet answered by the page": (_with(a_css=HTML), "asset_wrong_type", "/a.css (text/html)"),
    "empty script": (_with(a_js=js("")), "asset_empty", "/a.js (empty)"),
    "empty stylesheet": (_with(a_css=css("")), "asset_empty", "/a.css (empty)"),
    "reset": (_with(a_js=_reset), "asset_broken", "/a.js ("),
    "half a script": (_with(a_js=_short), "asset_broken", "/a.js ("),
    "redirect loop": (_with(a_js=web.Response(status=302, headers={"Location": "/a.js"})), "asset_broken", "redirects"),
}


@pytest.mark.parametrize(("answers", "detail", "named"), BROKEN.values(), ids=BROKEN)
def test_a_broken_asset_fails_the_page(tmp_path: Path, answers: dict[str, Answer], detail: str, named: str) -> None:
    """The page answers 200, and no person could use it: the message names what is broken, by its path."""
    result, _ = load(tmp_path, answers)
    assert said(result) == f"content_mismatch {detail} assets"
    assert result.failure is not None
    assert named in result.failure.message
    assert "1 of 3 assets failed" in result.failure.message
    assert result.measures["assets_broken"] == 1


def test_what_is_fine_in_a_browser_is_fine(tmp_path: Path) -> None:
    """A classic script runs whatever its type is; a stylesheet may come without one."""
    answers = _with(
        a_js=web.Response(text="run()", content_type="application/octet-stream"),
        a_css=web.Response(body=b"body {}", headers={"Content-Type": ""}),
    )
    assert said(load(tmp_path, answers)[0]) == "ok"


def test_an_asset_that_is_too_large_is_broken(tmp_path: Path) -> None:
    """The bound of a body is that of each asset."""
    result, _ = load(tmp_path, _with(a_js=js("x" * 5000)), limits={"body": 4096})
    assert said(result) == "content_mismatch asset_broken assets"
    assert result.failure is not None
    assert "longer than 4096 bytes" in result.failure.message


def test_so_many_may_be_broken(tmp_path: Path) -> None:
    """They are counted all the same."""
    answers = _with(a_js=js(""), m_js=html("gone", status=404))
    result, _ = load(tmp_path, answers, allow_broken=2)
    assert said(result) == "ok"
    assert result.measures["assets_broken"] == result.measures["broken_script"] == 2
    result, _ = load(tmp_path, answers, allow_broken=1)
    assert said(result) == "content_mismatch asset_empty assets"
    assert result.failure is not None
    assert result.failure.message == "2 of 3 assets failed: /a.js (empty), /m.js (404)"


def test_what_is_ignored_is_not_even_asked_for(tmp_path: Path) -> None:
    """No third party learns of us from a probe that ignores it."""
    result, site = load(tmp_path, _with(a_js=js("")), ignore=[r"/a\.js$", "analytics"])
    assert said(result) == "ok"
    assert "/a.js" not in site.paths


def test_a_slow_asset_ends_in_time_and_is_named(tmp_path: Path, run_loop: Any) -> None:
    """The run's time is not exceeded; that something took too long is said as such, and whose time it was."""

    def loaded() -> Result:
        return load(tmp_path, _with(a_js=stall), run=run_loop, timeout="600ms")[0]

    result = calmly(loaded, lambda result: said(result) == "response_timeout total assets")
    assert said(result) == "response_timeout total assets"
    assert result.failure is not None
    assert result.failure.message == "1 of 3 assets failed: /a.js (not done in time)"
    assert result.measures["broken_script"] == 1
    assert 0.4 < result.duration_ns / 1e9 < 2


def test_a_slow_asset_may_be_one_that_is_allowed(tmp_path: Path) -> None:
    """Then the page is fine, if slowly."""

    def loaded() -> Result:
        return load(tmp_path, _with(a_js=stall), timeout="600ms", allow_broken=1, slow={"load": "200ms"})[0]

    result = calmly(loaded, lambda result: result.outcome is Outcome.SLOW)
    assert result.outcome is Outcome.SLOW


def test_a_deadline_of_a_phase_holds_for_each_asset(tmp_path: Path) -> None:
    """One that does not begin to answer in time is broken; the others are not waited for."""
    result, _ = load(tmp_path, _with(a_js=stall), deadlines={"first_byte": "200ms"})
    assert said(result) == "response_timeout header_timeout assets"
    assert result.duration_ns < 5 * 10**9


def test_a_broken_asset_tells_more_than_a_slow_one(tmp_path: Path) -> None:
    """The page is broken, whatever else it is."""
    result, _ = load(tmp_path, _with(a_js=stall, m_js=html("gone", status=404)), timeout="600ms")
    assert said(result) == "content_mismatch asset_broken assets"


def test_the_document_is_judged_first(tmp_path: Path) -> None:
    """What a page that is not expected names is not loaded."""
    for status, error_class in ((500, "server_error internal processing"), (404, "unexpected_response not_found")):
        result, site = load(tmp_path, {**GOOD, "/": html(HEAD, status=status)})
        assert said(result).startswith(error_class)
        assert site.paths == ["/"]
    result, site = load(tmp_path, GOOD, expect={"contains": "Welcome"})
    assert said(result) == "content_mismatch expectation expect"
    assert site.paths == ["/"]


def test_a_page_that_is_expected_to_fail_has_no_assets(tmp_path: Path) -> None:
    """Nobody sees those of an error page."""
    result, site = load(tmp_path, {**GOOD, "/": html(HEAD, status=403)}, expect={"status": 403})
    assert said(result) == "ok"
    assert site.paths == ["/"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.js", "http://nowhere.invalid/x.js"])
def test_a_third_party_that_is_gone_breaks_the_page(tmp_path: Path, url: str) -> None:
    """A page waits for its scripts, whoever sends them; the failure names the host."""
    result, _ = load(tmp_path, {"/": html(f"<script src='{url}'></script>")})
    assert result.failure is not None
    assert result.failure.phase == "assets"
    assert "/x.js (" in result.failure.message
    assert result.measures["assets_broken"] == 1


def test_an_asset_whose_name_does_not_resolve_may_be_our_own_trouble(tmp_path: Path) -> None:
    """While nothing else is wrong the failure keeps its class, whose fault our connectivity decides."""
    result, _ = load(tmp_path, {"/": html("<script src='http://nowhere.invalid/x.js'></script>")})
    assert said(result).startswith("dns_error ")
    assert result.measures["third_party_broken"] == 1
    broken = html("<script src='http://nowhere.invalid/x.js'></script><script src=/a.js></script>")
    assert said(load(tmp_path, {"/": broken})[0]) == "content_mismatch asset_broken assets"
    unaskable = html("<script src='http://a..b/x.js'></script>")  # the page's mistake, not one of our configuration
    assert said(load(tmp_path, {"/": unaskable})[0]) == "content_mismatch asset_broken assets"


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {}, "rate_limited"),
        (403, {"cf-mitigated": "challenge"}, "bot_challenge"),
        (403, {}, "content_mismatch asset_broken"),
    ],
)
def test_a_wall_in_front_of_an_asset_is_no_broken_asset(
    tmp_path: Path, status: int, headers: dict[str, str], expected: str
) -> None:
    """We asked too often, or look like a bot; a bucket's 403 is how a missing file looks."""
    result, _ = load(tmp_path, _with(a_js=web.Response(status=status, headers=headers)))
    assert said(result).startswith(expected)


def test_connections_are_kept_and_six_at_most(tmp_path: Path, run_loop: Any) -> None:
    """As browsers do it."""

    async def slowly(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return js()

    scripts = {f"/{number}.js": slowly for number in range(40)}
    page = html("".join(f"<script src={path}></script>" for path in scripts))
    result, site = load(tmp_path, {"/": page, **scripts}, run=run_loop)
    assert said(result) == "ok"
    assert site.most_open == 6
    assert len({asked.connection for asked in site.asked if asked.path != "/"}) == 6


def test_a_connection_that_the_server_gave_up_is_replaced(tmp_path: Path, run_loop: Any) -> None:
    """A server may close whatever is idle, and the next request finds out."""
    hung_up: list[str] = []

    async def once(request: web.Request) -> web.StreamResponse:
        response = web.Response(text="run()", content_type="text/javascript")
        await response.prepare(request)
        await response.write_eof()
        hung_up.append(request.path)
        assert request.transport is not None
        request.transport.close()
        return response

    scripts: dict[str, Answer] = {f"/{number}.js": once for number in range(20)}
    page = html("".join(f"<script src={path}></script>" for path in scripts))
    result, _ = load(tmp_path, {"/": page, **scripts}, run=run_loop)
    assert said(result) == "ok"
    assert len(hung_up) == 20


def test_another_origin_gets_nothing_of_ours(tmp_path: Path) -> None:
    """Neither headers that may hold a key, nor cookies, nor where in the page it was; our own origin gets them."""

    async def main() -> tuple[Result, Site, Site]:
        async with serving({"/x.js": js()}, host="127.0.0.2") as other:
            page = html(f"<script src='{other.url}/x.js'></script><script src=/a.js></script>")
            page.headers["Set-Cookie"] = "session=s3cret; Path=/"
            async with serving({"/?q=1": page, "/a.js": js()}) as home:
                headers = {"X-Key": "k3y", "User-Agent": "me/1"}
                return await run_page(tmp_path, f"{home.url}/?q=1", headers=headers), home, other

    result, home, other = asyncio.run(main())
    assert said(result) == "ok"
    seen = other.headers_of("/x.js")
    assert set(seen) == {"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Referer", "Connection"}
    assert seen["Referer"] == f"{home.url}/"
    assert "me/1" not in seen["User-Agent"]
    ours = home.headers_of("/a.js")
    assert ours["X-Key"] == "k3y"
    assert ours["User-Agent"] == "me/1"
    assert ours["Cookie"] == "session=s3cret"
    assert ours["Referer"] == f"{home.url}/"


def test_a_redirect_takes_an_asset_to_another_origin(tmp_path: Path) -> None:
    """Where it is asked for as a browser would, without what was for the first."""

    async def main() -> tuple[Result, Site]:
        async with serving({"/x.js": js()}, host="127.0.0.2") as other:
            answers = {
                "/": html("<script src=/a.js></script>"),
                "/a.js": web.Response(status=302, headers={"Location": f"{other.url}/x.js"}),
            }
            async with serving(answers) as home:
                return await run_page(tmp_path, f"{home.url}/", headers={"X-Key": "k3y"}), other

    result, other = asyncio.run(main())
    assert said(result) == "ok"
    assert "X-Key" not in other.headers_of("/x.js")
    assert "Referer" not in other.headers_of("/x.js")


def test_a_page_does_not_send_us_further_inside(tmp_path: Path) -> None:
    """A page on a public or private address may not have us ask the metadata service of our cloud."""
    page = html("<script src='http://169.254.169.254/latest/meta-data/'></script>")
    result, _ = load(tmp_path, {"/": page})
    assert result.failure is not None
    assert "(further inside than the page)" in result.failure.message


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority of these tests' own."""
    return trustme.CA()


def test_mixed_content_is_counted_and_not_loaded(tmp_path: Path, authority: trustme.CA, run_loop: Any) -> None:
    """A browser refuses it, so that it is no part of what a person gets; connections over TLS are kept as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    scripts: dict[str, Answer] = {f"/{number}.js": js() for number in range(30)}
    tags = "".join(f"<script src={path}></script>" for path in scripts)
    page = html(f"{tags}<script src=http://plain.test/x.js></script><img src=http://plain.test/x.png>")

    async def main() -> tuple[Result, Site]:
        async with serving({"/": page, **scripts}, tls=context) as site:
            tls = {"ca_file": str(tmp_path / "ca.pem")}
            return await run_page(tmp_path, f"{site.url}/", assets="all", tls=tls), site

    result, site = run_loop(main())
    assert said(result) == "ok"
    assert result.measures["mixed_content"] == 2
    assert len(site.asked) == 31
    assert len({asked.connection for asked in site.asked if asked.path != "/"}) <= 6


def test_there_are_32_connections_in_all(tmp_path: Path, run_loop: Any) -> None:
    """However many hosts a page names; those that are kept count as well."""
    most = 0

    async def slowly(request: web.Request) -> web.StreamResponse:
        nonlocal most
        alive = {key for key, transport in transports.items() if not transport.is_closing()}
        transports[id(request.transport)] = request.transport
        most = max(most, len(alive | {id(request.transport)}))
        await asyncio.sleep(0.005)
        return js()

    transports: dict[int, Any] = {}

    async def main() -> Result:
        async with AsyncExitStack() as stack:
            paths = {f"/{number}.js": slowly for number in range(8)}
            hosts = [await stack.enter_async_context(serving(paths, host=f"127.0.0.{n}")) for n in range(2, 14)]
            tags = [f"<script src={host.url}{path}></script>" for path in paths for host in hosts]
            home = await stack.enter_async_context(serving({"/": html("".join(tags))}))
            return await run_page(tmp_path, f"{home.url}/")

    result = run_loop(main())
    assert said(result) == "ok"
    assert result.measures["page_requests"] == 97
    assert 24 <= most <= 33  # the server sees a connection go a little later


def test_a_secret_in_a_path_is_not_told(tmp_path: Path) -> None:
    """Nor half of it where the path is cut, nor a query."""
    page = html(f"<script src='/{'d' * 80}/tok3n-in-the-path/x.js?signature=abc'></script>")
    result, _ = load(tmp_path, {"/": page}, secrets=["tok3n-in-the-path"])
    assert result.failure is not None
    assert "[redacted]/x.js (404)" in result.failure.message
    assert "signature" not in result.failure.message


def test_the_client_profile_is_that_of_every_asset(tmp_path: Path) -> None:
    """A site that serves others to a phone serves their assets to it, too."""
    _, site = load(tmp_path, GOOD, client="ios")
    assert {"iPhone" in asked.headers["User-Agent"] for asked in site.asked} == {True}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ignore": ["("]}, "RE2 cannot compile"),
        ({"ignore": [1]}, "must be a regular expression"),
        ({"allow_broken": -1}, "must not be negative"),
        ({"assets": "some"}, "assets"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """With its place in the file."""
    with pytest.raises(ConfigErrors, match=r"probes\.yaml:") as raised:
        page_probe(tmp_path, "http://x/", **settings)
    assert message in str(raised.value)
