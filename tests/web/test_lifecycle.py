"""What supervisors and operators ask."""

from __future__ import annotations

import pytest

from tests.sinks.makers import ok, probe
from tests.web.browser import fetch
from tests.web.world import World


def test_a_healthy_prober_says_so() -> None:
    """Nothing wrong: 200."""
    for path, text in (("/-/healthy", "healthy\n"), ("/-/ready", "ready\n")):
        reply = fetch(World(), path)
        assert (reply.status, reply.text) == (200, text)
        assert reply.headers["Cache-Control"] == "no-store"


def test_health_and_readiness_are_told_apart() -> None:
    """A prober that is stopping is not sent to any more, and is not to be killed for it."""
    world = World(unready="it is stopping")
    assert fetch(world, "/-/healthy").status == 200
    reply = fetch(world, "/-/ready")
    assert (reply.status, reply.text) == (503, "not ready: it is stopping\n")
    reply = fetch(World(unhealthy="the last tick was 31 s ago"), "/-/healthy")
    assert (reply.status, reply.text) == (503, "not healthy: the last tick was 31 s ago\n")


def test_a_supervisor_may_ask_with_head() -> None:
    """The status is all it needs."""
    assert fetch(World(unready="no"), "/-/ready", method="HEAD").status == 503


def test_a_reload_is_a_post() -> None:
    """It loads once and says so."""
    world = World()
    reply = fetch(world, "/-/reload", method="POST")
    assert (reply.status, reply.text, world.reloads) == (200, "reloaded\n", 1)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "TRACE"])
def test_no_other_method_reloads(method: str) -> None:
    """A link, an image or a crawler must not reload anything."""
    world = World()
    reply = fetch(world, "/-/reload", method=method)
    assert (reply.status, reply.headers["Allow"], world.reloads) == (405, "POST", 0)


def test_a_reload_that_fails_says_why() -> None:
    """The old configuration stays, and whoever asked learns what is wrong with the new one."""
    reply = fetch(World(reload_error="probes.yaml:3:5: probes[0].kind: unknown kind"), "/-/reload", method="POST")
    assert (reply.status, reply.text) == (500, "probes.yaml:3:5: probes[0].kind: unknown kind\n")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a neighbour"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="an older browser on another site"),
        pytest.param({"Origin": "null"}, 403, id="a sandboxed frame"),
        pytest.param({"Origin": "http://["}, 403, id="an origin that is no URL"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="a page of ours"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="typed by a person"),
        pytest.param({"Origin": "http://prober.example:9813", "Host": "prober.example:9813"}, 200, id="our own origin"),
        pytest.param({}, 200, id="curl"),
    ],
)
def test_another_site_cannot_reload(headers: dict[str, str], status: int) -> None:
    """A page that a person happens to look at cannot reach into a prober on loopback."""
    world = World()
    assert fetch(world, "/-/reload", method="POST", headers=headers).status == status
    assert world.reloads == (status == 200)


def test_the_configuration_is_plain_text() -> None:
    """As the application gives it, and never as a page."""
    reply = fetch(World(config="version: 1\nlocation: <b>\n"), "/config")
    assert reply.text == "version: 1\nlocation: <b>\n"
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_address_is_a_line_of_text_for_a_program() -> None:
    """And a page for a browser."""
    assert fetch(World(), "/nowhere").text == "404: Not Found\n"
    reply = fetch(World(), "/nowhere", headers={"Accept": "text/html,*/*"})
    assert (reply.status, reply.words("h1")) == (404, ["There is no such page"])


def test_versions_are_not_told() -> None:
    """Not even by an error."""
    for path in ("/-/healthy", "/nowhere", "/metrics"):
        assert fetch(World(), path).headers["Server"] == "prober"


@pytest.mark.parametrize(
    ("accept", "kind", "ends"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8", False),
        ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "application/openmetrics-text", True),
    ],
    ids=["text", "openmetrics"],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_scrape_gets_what_it_asks_for(accept: str, kind: str, ends: bool, coding: str) -> None:
    """Format and encoding are negotiated, and the body is whole."""
    world = World((probe(),))
    world.record(probe(), ok())
    reply = fetch(world, "/metrics", headers={"Accept": accept, "Accept-Encoding": coding})
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith(kind)
    assert (reply.headers.get("Content-Encoding") == "gzip") is (coding == "gzip")
    assert 'prober_probe_success{probe="chat-probe"' in reply.text
    assert reply.text.endswith("# EOF\n") is ends
