"""Signing in, being somebody, signing out, opening an account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from prober.simulator.surfaces.login import OOPS
from tests.simulator.company import EMAIL, PASSWORD, against, csrf_token, question, sign_in

if TYPE_CHECKING:
    from prober.simulator.serve import Simulator

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"


async def _me(simulator: Simulator, http: aiohttp.ClientSession) -> tuple[int, dict[str, str]]:
    async with http.get(f"{simulator.url}/api/me") as response:
        return response.status, await response.json()


def test_a_sign_in_makes_somebody_of_a_visitor() -> None:
    """303 to the chat, a cookie that scripts cannot read, and a who-am-I with a token for the API."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        assert await _me(simulator, http) == (401, {"detail": "Not authenticated"})
        status, _, response = await sign_in(simulator.url, http)
        assert (status, response.headers["Location"]) == (303, "/chat")
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("session=")
        assert "HttpOnly" in cookie
        assert "Path=/" in cookie
        status, me = await _me(simulator, http)
        assert status == 200
        assert (me["email"], me["name"], me["plan"]) == (EMAIL, "Probe of Parrot", "paid")
        headers = {"Authorization": f"Bearer {me['token']}"}
        for path in ("/v1", "/api"):
            url = f"{simulator.url}{path}/chat/completions"
            async with http.post(url, headers=headers, json=question("Reply with exactly: n-7")) as response:
                assert response.status == 200
                assert (await response.json())["choices"][0]["message"]["content"] == "n-7"

    against(visit)


def test_the_session_is_another_one_after_signing_in() -> None:
    """Whoever knew the id before knows nothing after."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/login") as response:
            before = response.cookies["session"].value
        _, _, response = await sign_in(simulator.url, http)
        assert response.cookies["session"].value != before
        async with aiohttp.ClientSession(cookies={"session": before}) as other:
            assert (await _me(simulator, other))[0] == 401

    against(visit)


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), ("nobody@parrot.example", PASSWORD), ("", ""), (EMAIL, "\ufffd" * 99)],
)
def test_a_wrong_password_shows_the_form_again(email: str, password: str) -> None:
    """200, as Django answers, with an error text and the address still filled in."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, page, _ = await sign_in(simulator.url, http, email=email, password=password)
        assert status == 200
        assert "Please enter a correct email and password." in page
        assert 'type="password"' in page
        assert f'value="{email}"' in page
        assert (await _me(simulator, http))[0] == 401

    against(visit)


@pytest.mark.parametrize("status", [302, 400, 401, 403])
def test_servers_differ_in_how_they_reject(status: int) -> None:
    """The status of a rejection is what the fault says; by redirect there is no page."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        found, page, response = await sign_in(simulator.url, http, password="wrong")
        assert found == status
        assert (response.headers.get("Location") == "/login") is (status == 302)
        assert ('type="password"' in page) is (status != 302)
        assert (await sign_in(simulator.url, http))[0] == 303

    against(visit, faults={"login": [{"fault": "rejection", "status": status}]})


@pytest.mark.parametrize(
    ("fault", "text"),
    [("reject_password", "Please enter a correct email"), ("locked_out", "Too many failed login attempts")],
)
def test_the_right_password_may_be_rejected(fault: str, text: str) -> None:
    """The form again, with a reason."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, page, _ = await sign_in(simulator.url, http)
        assert status == 200
        assert text in page

    against(visit, faults={"login": [{"fault": fault}]})


@pytest.mark.parametrize("token", [None, "made-up", "used"])
def test_a_form_needs_a_token_of_its_session_that_was_not_used(token: str | None) -> None:
    """403 otherwise."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        fields = {"email": EMAIL, "password": "wrong"}
        async with http.get(f"{simulator.url}/login") as response:
            real = csrf_token(await response.text())
        if token is not None:
            fields["csrf_token"] = real if token == "used" else token
        statuses = []
        for _ in range(2):
            async with http.post(f"{simulator.url}/login", data=fields) as response:
                statuses.append((response.status, "CSRF verification failed" in await response.text()))
        assert statuses[1] == (403, True)
        assert (statuses[0] == (403, True)) is (token != "used")

    against(visit)


def test_a_token_of_another_session_is_none() -> None:
    """The token is bound to the cookie."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with aiohttp.ClientSession() as other, other.get(f"{simulator.url}/login") as response:
            stolen = csrf_token(await response.text())
        async with http.get(f"{simulator.url}/login"):
            pass
        fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": stolen}
        async with http.post(f"{simulator.url}/login", data=fields) as response:
            assert response.status == 403

    against(visit)


def test_tokens_of_two_tabs_are_both_valid() -> None:
    """Each page has a fresh token, and an older one still counts."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        tokens = []
        for _ in range(2):
            async with http.get(f"{simulator.url}/login") as response:
                tokens.append(csrf_token(await response.text()))
        assert tokens[0] != tokens[1]
        fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": tokens[0]}
        async with http.post(f"{simulator.url}/login", data=fields, allow_redirects=False) as response:
            assert response.status == 303

    against(visit)


@pytest.mark.parametrize("status", [200, 500])
def test_the_oops_text(status: int) -> None:
    """Word by word, at the submit only, without a form, and nobody is signed in."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        found, page, _ = await sign_in(simulator.url, http)
        assert found == status
        assert "Oops! We ran into an issue while signing you in, please take a break and try again soon" in page
        assert OOPS in page
        assert "<form" not in page
        assert (await _me(simulator, http))[0] == 401

    against(visit, faults={"login": [{"fault": "oops", "status": status}]})


def test_the_phone_signs_in_while_the_desktop_cannot() -> None:
    """One fault, limited to the desktop; no phone notices."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        assert (await sign_in(simulator.url, http))[0] == 200
        assert (await sign_in(simulator.url, http, agent=IPHONE))[0] == 303

    against(visit, faults={"login": [{"fault": "oops", "client": "desktop"}]})


def test_a_kept_session_works_while_nobody_can_sign_in() -> None:
    """Sign-in and session are two surfaces."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        await sign_in(simulator.url, http)
        simulator.faults.replace({"login": [{"fault": "oops"}]})
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
            assert (await sign_in(simulator.url, other))[0] == 200
        assert (await _me(simulator, http))[0] == 200

    against(visit)


def test_everybody_is_signed_out_once() -> None:
    """Sessions from before the fault end; those from after it last."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        await sign_in(simulator.url, http)
        _, me = await _me(simulator, http)
        await asyncio.sleep(0.01)
        simulator.faults.replace({"session": [{"fault": "signed_out"}]})
        assert (await _me(simulator, http))[0] == 401
        headers = {"Authorization": f"Bearer {me['token']}"}
        async with http.get(f"{simulator.url}/v1/models", headers=headers) as response:
            assert response.status == 401
        await sign_in(simulator.url, http)
        assert (await _me(simulator, http))[0] == 200

    against(visit)


def test_the_who_am_i_may_know_nobody() -> None:
    """The sign-in looked fine, and was for nothing."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        assert (await sign_in(simulator.url, http))[0] == 303
        assert (await _me(simulator, http))[0] == 401

    against(visit, faults={"session": [{"fault": "anonymous"}]})


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_a_page_without_its_form(path: str) -> None:
    """200, the heading, and nothing to fill in."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(simulator.url + path) as response:
            page = await response.text()
            assert response.status == 200
        assert "<h1>" in page
        assert "<form" not in page

    against(visit, faults={surface: [{"fault": "no_form"}] for surface in ("login", "signup")})


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_every_token_may_be_rejected(path: str) -> None:
    """As after a restart that lost the sessions."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(simulator.url + path) as response:
            fields = {"csrf_token": csrf_token(await response.text()), "email": EMAIL, "password": PASSWORD}
        async with http.post(simulator.url + path, data=fields) as response:
            assert response.status == 403

    against(visit, faults={surface: [{"fault": "csrf"}] for surface in ("login", "signup")})


def test_signing_out_is_a_form_with_a_token() -> None:
    """A link cannot sign anybody out; the form ends session and token."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        await sign_in(simulator.url, http)
        async with http.get(f"{simulator.url}/chat") as response:
            token = csrf_token(await response.text())
        async with http.get(f"{simulator.url}/logout") as response:
            assert response.status == 405
        async with http.post(f"{simulator.url}/logout", data={}) as response:
            assert response.status == 403
        assert (await _me(simulator, http))[0] == 200
        logout = http.post(f"{simulator.url}/logout", data={"csrf_token": token}, allow_redirects=False)
        async with logout as response:
            assert (response.status, response.headers["Location"]) == (303, "/")
            assert "Max-Age=0" in response.headers["Set-Cookie"]
        assert (await _me(simulator, http))[0] == 401

    against(visit)


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/chat", "/chat"),
        ("/app/x", "/app/x"),
        ("//evil.example", "/chat"),
        ("https://evil.example", "/chat"),
        ("/\\evil", "/chat"),
    ],
)
def test_after_signing_in_one_goes_where_one_wanted(wanted: str, location: str) -> None:
    """But only on this site."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/login", params={"next": wanted}) as response:
            page = await response.text()
        assert f'name="next" value="{wanted}"' in page
        fields = {"csrf_token": csrf_token(page), "email": EMAIL, "password": PASSWORD, "next": wanted}
        async with http.post(f"{simulator.url}/login", data=fields, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, location)
        async with http.get(f"{simulator.url}/login", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/chat")

    against(visit)


def test_the_second_provider_calls_its_token_otherwise_and_keeps_its_cookie_to_itself() -> None:
    """Another field name, a cookie for its own path."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        base = simulator.urls["magpie"]
        status, _, response = await sign_in(base, http, email="probe@magpie.example", password="magpie-probe-password")
        assert (status, response.headers["Location"]) == (303, "/magpie/chat")
        assert "Path=/magpie" in response.headers["Set-Cookie"]
        async with http.get(f"{base}/api/me") as response:
            assert (await response.json())["email"] == "probe@magpie.example"
        assert (await _me(simulator, http))[0] == 401

    against(visit)


def test_an_account_can_be_opened_and_used() -> None:
    """A new account is a free one."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/signup") as response:
            fields = {"csrf_token": csrf_token(await response.text())}
        fields |= {"name": "New", "email": "New@parrot.example", "password": "long-enough"}
        async with http.post(f"{simulator.url}/signup", data=fields, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/login")
        assert (await sign_in(simulator.url, http, email="new@parrot.example", password="long-enough"))[0] == 303
        assert (await _me(simulator, http))[1]["plan"] == "free"

    against(visit)


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [
        (EMAIL, "long-enough", "cannot be opened"),
        ("nobody", "long-enough", "valid email"),
        ("a@b", "short", "at least 8"),
    ],
)
def test_a_wrong_sign_up_shows_the_form_again(email: str, password: str, error: str) -> None:
    """With the reason."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/signup") as response:
            token = csrf_token(await response.text())
        fields = {"csrf_token": token, "name": "N", "email": email, "password": password}
        async with http.post(f"{simulator.url}/signup", data=fields) as response:
            assert response.status == 200
            assert error in await response.text()

    against(visit)


def test_sign_ups_may_be_closed() -> None:
    """The page says so and has no form; a submit is refused."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/signup") as response:
            page = await response.text()
            assert (response.status, "Come back later" in page, "<form" in page) == (200, True, False)
        async with http.post(f"{simulator.url}/signup", data={}) as response:
            assert response.status == 403

    against(visit, faults={"signup": [{"fault": "closed", "text": "Come back later"}]})
