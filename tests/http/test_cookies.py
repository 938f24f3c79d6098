"""The cookie jar, against what browsers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from prober.http.cookies import Jar

NOW = 1_750_000_000.0

SENT = {
    "host only": ("https://a.example/", "s=1", "https://a.example/x", "s=1"),
    "not to a subdomain without Domain": ("https://a.example/", "s=1", "https://b.a.example/", None),
    "to a subdomain with Domain": ("https://a.example/", "s=1; Domain=a.example", "https://b.a.example/", "s=1"),
    "a dot before the domain is ignored": (
        "https://b.a.example/",
        "s=1; Domain=.a.example",
        "https://a.example/",
        "s=1",
    ),
    "not for a foreign domain": ("https://a.example/", "s=1; Domain=b.example", "https://b.example/", None),
    "not for a top level domain": ("https://a.example/", "s=1; Domain=example", "https://b.example/", None),
    "on an address": ("http://127.0.0.1:1/", "s=1", "http://127.0.0.1:2/", "s=1"),
    "secure not over http": ("https://a.example/", "s=1; Secure", "http://a.example/", None),
    "secure to loopback over http": ("http://127.0.0.1/", "s=1; Secure", "http://127.0.0.1/", "s=1"),
    "secure to localhost over http": ("http://localhost/", "s=1; Secure", "http://localhost/", "s=1"),
    "path": ("https://a.example/x/y", "s=1; Path=/x", "https://a.example/x/z", "s=1"),
    "path is no prefix of a word": ("https://a.example/", "s=1; Path=/x", "https://a.example/xy", None),
    "default path": ("https://a.example/x/y", "s=1", "https://a.example/z", None),
    "default path below": ("https://a.example/x/y", "s=1", "https://a.example/x/", "s=1"),
    "expired at the epoch": (
        "https://a.example/",
        "s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "https://a.example/",
        None,
    ),
    "expired by age": ("https://a.example/", "s=1; Max-Age=0", "https://a.example/", None),
    "age before expires": (
        "https://a.example/",
        "s=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "https://a.example/",
        "s=1",
    ),
    "old date format": (
        "https://a.example/",
        "s=1; Expires=Thu, 01-Jan-2099 00:00:00 GMT",
        "https://a.example/",
        "s=1",
    ),
    "an unreadable date is none": ("https://a.example/", "s=1; Expires=soon", "https://a.example/", "s=1"),
    "no equals sign": ("https://a.example/", "s", "https://a.example/", None),
    "value with an equals sign": ("https://a.example/", "s=a=b==", "https://a.example/", "s=a=b=="),
    "quotes stay": ("https://a.example/", 's="a b"', "https://a.example/", 's="a b"'),
    "host prefix holds": ("https://a.example/", "__Host-s=1; Secure; Path=/", "https://a.example/", "__Host-s=1"),
    "host prefix broken": ("https://a.example/", "__Host-s=1; Path=/", "https://a.example/", None),
    "secure prefix broken": ("https://a.example/", "__Secure-s=1", "https://a.example/", None),
    "control characters": ("https://a.example/", "s=a\x01b", "https://a.example/", None),
}


@pytest.mark.parametrize(("set_by", "line", "asked", "sent"), SENT.values(), ids=SENT)
def test_sends_what_a_browser_would(set_by: str, line: str, asked: str, sent: str | None) -> None:
    """One cookie, set by one URL, and whether it goes to another."""
    jar = Jar()
    jar.update(URL(set_by), [line], now=NOW)
    assert jar.header(URL(asked), now=NOW) == sent


def test_a_cookie_is_deleted_by_an_expired_one() -> None:
    """A later cookie of the same name, domain and path that has expired takes the first away."""
    jar = Jar()
    url = URL("https://a.example/")
    jar.update(url, ["s=1; Path=/"], now=NOW)
    jar.update(url, ["s=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], now=NOW)
    assert len(jar) == 0


def test_the_longest_path_comes_first() -> None:
    """Two cookies of one name are both sent, the more specific one first; by name it is that one."""
    jar = Jar()
    jar.update(URL("https://a.example/x/"), ["s=root; Path=/", "s=deep; Path=/x"], now=NOW)
    assert jar.header(URL("https://a.example/x/y"), now=NOW) == "s=deep; s=root"
    assert jar.for_url(URL("https://a.example/x/y"), now=NOW) == {"s": "deep"}


def test_time_passes() -> None:
    """A cookie that has reached its age is not sent any more."""
    jar = Jar()
    jar.update(URL("https://a.example/"), ["s=1; Max-Age=10"], now=NOW)
    assert jar.header(URL("https://a.example/"), now=NOW + 9) == "s=1"
    assert jar.header(URL("https://a.example/"), now=NOW + 10) is None


def test_the_number_is_bounded() -> None:
    """Beyond the limit the oldest cookies go."""
    jar = Jar(limit=3)
    jar.update(URL("https://a.example/"), [f"c{number}=1" for number in range(10)], now=NOW)
    assert jar.header(URL("https://a.example/"), now=NOW) == "c7=1; c8=1; c9=1"


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_line_breaks_it(lines: list[str]) -> None:
    """Whatever a server sets, the header that comes of it is one line."""
    jar = Jar()
    jar.update(URL("https://a.example/"), lines, now=NOW)
    header = jar.header(URL("https://a.example/"), now=NOW) or ""
    assert "\r" not in header
    assert "\n" not in header
