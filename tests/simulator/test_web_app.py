"""The web app: pages, assets, who sees what."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from prober.simulator.faults.pages import ASSETS
from tests.simulator.company import against, sign_in

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

TYPES = {
    "app.css": ("text/css", b"@font-face"),
    "app.js": ("text/javascript", b"const prefix"),
    "boot.js": ("text/javascript", b"document."),
    "logo.svg": ("image/svg+xml", b"<svg "),
    "hero.png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "text.woff2": ("font/woff2", b"wOF2"),
    "favicon.ico": ("image/x-icon", b"\0\0\1\0"),
}


async def _get(http: aiohttp.ClientSession, url: str) -> tuple[int, str, bytes]:
    async with http.get(url, allow_redirects=False) as response:
        return response.status, response.content_type, await response.read()


@pytest.mark.parametrize("provider", ["parrot", "magpie"])
def test_the_landing_page_names_assets_that_exist(provider: str) -> None:
    """Every stylesheet, script, image, font and icon of the page is there, with its type and its first bytes."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, kind, page = await _get(http, simulator.urls[provider] + "/")
        assert (status, kind) == (200, "text/html")
        assert f"<title>{provider.title()}</title>".encode() in page
        assert (
            f'href="{simulator.urls[provider].removeprefix(f"http://127.0.0.1:{simulator.port}")}/login"'
            in page.decode()
        )
        paths = set(re.findall(r'(?:src|href)="([^"]*/assets/[^"]+)"', page.decode()))
        assert {path.rpartition("/")[2] for path in paths} == set(ASSETS) == set(TYPES)
        for path in paths:
            status, kind, body = await _get(http, f"http://127.0.0.1:{simulator.port}{path}")
            expected, magic = TYPES[path.rpartition("/")[2]]
            assert (status, kind) == (200, expected)
            assert body.startswith(magic)

    against(visit)


@pytest.mark.parametrize(
    ("path", "status", "kind", "word"),
    [
        ("/app/", 200, "text/html", b"<title>Parrot</title>"),
        ("/app/some/route", 200, "text/html", b"<title>Parrot</title>"),
        ("/favicon.ico", 200, "image/x-icon", b"\0\0\1\0"),
        ("/assets/none.js", 404, "text/html", b"Not found"),
        ("/assets/..%2Fapp.js", 404, "text/html", b"Not found"),
        ("/nothing", 404, "text/plain", b"404"),
        ("/healthz", 200, "application/json", b'{"status":"ok"}'),
        ("/-/scenario", 200, "application/json", b'{"name":null}'),
    ],
)
def test_what_other_paths_answer(path: str, status: int, kind: str, word: bytes) -> None:
    """Unknown paths of the single-page app are its page; unknown assets are not."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        found = await _get(http, simulator.url + path)
        assert found[:2] == (status, kind)
        assert word in found[2]

    against(visit)


def test_the_chat_page_is_for_those_who_are_signed_in() -> None:
    """Anonymous visitors are sent to the sign-in page, which sends them back."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/chat", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/login?next=/chat")
        await sign_in(simulator.url, http)
        for path in ("/chat", "/", "/app/x"):
            _, _, page = await _get(http, simulator.url + path)
            assert b'id="chat-input"' in page
            assert b"Probe of Parrot" in page

    against(visit)


@pytest.mark.parametrize(
    ("fault", "status", "kind", "size"),
    [
        ("missing_asset", 404, "text/html", None),
        ("wrong_type_asset", 200, "text/html", None),
        ("empty_asset", 200, "text/javascript", 0),
    ],
)
def test_one_asset_breaks_and_the_others_do_not(fault: str, status: int, kind: str, size: int | None) -> None:
    """Missing, the app's page in its place, or empty."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        found = await _get(http, f"{simulator.url}/assets/app.js")
        assert found[:2] == (status, kind)
        assert size is None or len(found[2]) == size
        assert (await _get(http, f"{simulator.url}/assets/app.css"))[0] == 200
        assert (await _get(http, simulator.url))[0] == 200

    against(visit, faults={"web": [{"fault": fault}]})


def test_a_script_throws_and_an_asset_is_late() -> None:
    """The first statement of the app, and one file of all."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        _, _, script = await _get(http, f"{simulator.url}/assets/app.js")
        assert script.startswith(b"throw new Error")
        _, _, other = await _get(http, f"{simulator.url}/assets/boot.js")
        assert b"throw" not in other
        began = time.perf_counter()
        await _get(http, f"{simulator.url}/assets/text.woff2")
        assert time.perf_counter() - began >= 0.1

    against(visit, faults={"web": [{"fault": "script_error"}, {"fault": "slow_asset", "seconds": 0.1}]})


@pytest.mark.parametrize("path", ["/", "/login", "/signup", "/app/x"])
def test_a_blank_page_loads_and_shows_nothing(path: str) -> None:
    """200, a title, and an empty body."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, _, page = await _get(http, simulator.url + path)
        assert status == 200
        assert b'<body><div id="root"></div></body>' in page

    faults = {surface: [{"fault": "blank"}] for surface in ("web", "login", "signup")}
    against(visit, faults=faults)


def test_a_page_says_for_which_client_it_is() -> None:
    """The phone and the desktop get the same app."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(simulator.url, headers={"User-Agent": "Mozilla/5.0 (iPhone)"}) as response:
            assert '<body data-client="ios"' in await response.text()

    against(visit)
