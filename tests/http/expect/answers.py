"""Answers to ask: a page, an API's JSON, and whatever else a server may send."""

from __future__ import annotations

from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.http.expect import Checks, Expect, Subject, text_of
from prober.model.setting import SettingErrors

__all__ = ["JSON", "PAGE", "answer", "holds", "mistakes", "page", "seen"]

JSON = b"""{"status": "ok", "healthy": true, "broken": false, "nothing": null, "n": 42, "ratio": 0.5, "text": "200",
"empty": "", "tags": ["a", "b"], "one": ["a"], "none": [], "user": {"name": "Ann", "id": 7},
"data": [{"id": "gpt-6", "n": 1}, {"id": "sora", "n": 2}],
"jwt": "eyJzdWIiOiJhbm4ifQ", "embedded": "{\\"deep\\": [1, 2]}"}"""

PAGE = b"""<!doctype html><html><head><title>Sign in | Acme</title><script>var state = "x";</script></head><body>
<h1>Sign   <b>in</b></h1><form id=f><input name=csrf value="t0k&amp;n" type=hidden><input name=user value=""></form>
<ul><li class=item>one</li><li class=item>two</li><li class=item>three</li></ul><p>a</p><p>b<!-- c -->c</p>
<a href="/login">Log in</a><a>no link</a><pre>  two
lines</pre><div id=empty></div></body></html>"""


def answer(body: bytes = JSON, content_type: str | None = "application/json", **changes: Any) -> Subject:
    """A subject with this body; everything else is an ordinary answer, or as ``changes`` say."""
    headers = CIMultiDict([("X-One", "1"), ("X-Many", "a"), ("X-Many", "b"), ("X-Empty", "")])
    if content_type is not None:
        headers["Content-Type"] = content_type
    fields: dict[str, Any] = {
        "status": 200,
        "headers": CIMultiDictProxy(headers),
        "cookies": {"session": "abc", "deleted": ""},
        "url": URL("https://acme.example/cb?code=c%20d&state=7&x=1&x=2"),
        "body": body,
        "text": text_of(body, content_type),
        "duration_ns": 1_500_000_000,
        "wire_bytes": len(body),
        "redirects": 2,
        "certificate_expiry": 1_000_000.0 + 30 * 86_400,
        "http_version": "1.1",
        "now": 1_000_000.0,
        "model": "gpt-6-luna-2026-02-03",
    }
    return Subject(**fields | changes)


def page(body: bytes = PAGE) -> Subject:
    """A subject with this HTML."""
    return answer(body, "text/html; charset=utf-8")


def holds(check: Any, subject: Subject | None = None) -> bool:
    """Whether the one check, or mapping of shorthands, is met; asked of ``expect`` and of ``when`` alike."""
    subject = subject or answer()
    met = not Expect.from_setting([check]).misses(subject)
    assert met is Checks.from_setting([check]).hold(subject)
    return met


def seen(check: Any, subject: Subject | None = None) -> str:
    """The only miss of a check, as text."""
    (miss,) = Expect.from_setting([check]).misses(subject or answer())
    return str(miss)


def mistakes(read: Any, raw: object) -> list[tuple[tuple[str | int, ...], str]]:
    """The path and the message of every mistake in a setting."""
    try:
        read.from_setting(raw)
    except SettingErrors as error:
        return [(each.path, each.message) for each in error.errors]
    return []
