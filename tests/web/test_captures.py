"""What pages looked like when they failed, on the page of their probe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.model.browser import Capture
from prober.model.errors import ErrorClass
from tests.sinks.makers import failed, probe
from tests.web.browser import fetch
from tests.web.world import World

PICTURE = b"\xff\xd8\xff\xe0 a picture"
HTML = "<!doctype html><script>alert(1)</script>"
PAGE = probe("page", of="page")


def _world(screenshot: bytes | None = PICTURE, html: str | None = HTML) -> tuple[World, int]:
    world = World(probes=(PAGE,))
    result = replace(
        failed("page", error_class=ErrorClass.CONTENT_MISMATCH), capture=Capture(screenshot=screenshot, html=html)
    )
    world.record(PAGE, result)
    return world, result.started_at_ns


def test_the_page_of_a_probe_shows_what_was_seen() -> None:
    """The picture, and a link to the HTML."""
    world, at_ns = _world()
    page = fetch(world, "/probes/page").page()
    assert [image.get("src") for image in page.cssselect(".captures img")] == [f"/probes/page/captures/{at_ns}.jpg"]
    assert [link.get("href") for link in page.cssselect(".captures figcaption a")] == [
        f"/probes/page/captures/{at_ns}.html"
    ]


@pytest.mark.parametrize(
    ("screenshot", "html", "shown"),
    [(None, HTML, (0, 1)), (PICTURE, None, (1, 0)), (None, None, (0, 0))],
    ids=["no picture, since a secret would be on it", "no HTML", "nothing"],
)
def test_a_part_that_is_missing_is_left_out(screenshot: bytes | None, html: str | None, shown: tuple[int, int]) -> None:
    """What there is is shown all the same."""
    world, _ = _world(screenshot, html)
    page = fetch(world, "/probes/page").page()
    assert (len(page.cssselect(".captures img")), len(page.cssselect(".captures figcaption a"))) == shown


def test_html_of_a_foreign_page_is_not_run() -> None:
    """It is sent as text, and even a browser that guesses may run nothing of it."""
    world, at_ns = _world()
    reply = fetch(world, f"/probes/page/captures/{at_ns}.html")
    assert reply.status == 200
    assert reply.text == HTML
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_picture_is_a_picture() -> None:
    """As the browser encoded it."""
    world, at_ns = _world()
    reply = fetch(world, f"/probes/page/captures/{at_ns}.jpg")
    assert reply.body == PICTURE
    assert reply.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("path", ["page/captures/1.jpg", "other/captures/1.html", "page/captures/1.png"])
def test_what_is_not_kept_is_not_found(path: str) -> None:
    """Nor is anything else below a probe."""
    world, _ = _world()
    assert fetch(world, f"/probes/{path}").status == 404


def test_a_probe_that_never_failed_shows_nothing() -> None:
    """No empty card."""
    world = World(probes=(PAGE,))
    assert fetch(world, "/probes/page").page().cssselect(".captures") == []
