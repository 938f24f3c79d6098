"""The cookie jar, against what browsers do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from prober.http.cookie_date import cookie_date
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
    "a value without a name": ("https://a.example/", "s", "https://a.example/", "s"),
    "neither name nor value": ("https://a.example/", "=", "https://a.example/", None),
    "a value that looks like a prefix": ("https://a.example/", "__Host-s", "https://a.example/", None),
    "an empty value": ("https://a.example/", "s=", "https://a.example/", "s="),
    "secure cannot be set over http": ("http://a.example/", "s=1; Secure", "https://a.example/", None),
    "age with other digits is none": ("https://a.example/", "s=1; Max-Age=²", "https://a.example/", "s=1"),
    "negative age": ("https://a.example/", "s=1; Max-Age=-1", "https://a.example/", None),
    "two-digit year": ("https://a.example/", "s=1; Expires=Thu, 01-Jan-70 00:00:01 GMT", "https://a.example/", None),
    "asctime": ("https://a.example/", "s=1; Expires=Thu Jan  1 00:00:00 1970", "https://a.example/", None),
    "a day that is not": ("https://a.example/", "s=1; Expires=31 Feb 2099 00:00:00", "https://a.example/", "s=1"),
    "prefix in small letters": ("https://a.example/", "__host-s=1; Path=/", "https://a.example/", None),
    "the last attribute counts": ("https://a.example/", "s=1; Path=/x; Path=/", "https://a.example/y", "s=1"),
    "a control character in an attribute": ("https://a.example/", "s=1; Path=/\x01", "https://a.example/", None),
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


def test_plain_http_replaces_no_secure_cookie() -> None:
    """Whoever is in the way of a plain request cannot change what was set over https."""
    jar = Jar()
    jar.update(URL("https://a.example/"), ["s=good; Secure; Path=/"], now=NOW)
    jar.update(URL("http://a.example/"), ["s=evil; Path=/"], now=NOW)
    jar.update(URL("http://b.a.example/"), ["s=evil; Path=/; Domain=a.example"], now=NOW)
    assert jar.header(URL("https://a.example/"), now=NOW) == "s=good"


def test_what_has_expired_makes_room_first() -> None:
    """A cookie that is good is not pushed out while there are some that are past their end."""
    jar = Jar(limit=2)
    url = URL("https://a.example/")
    jar.update(url, ["old=1", "brief=1; Max-Age=1"], now=NOW)
    jar.update(url, ["new=1"], now=NOW + 2)
    assert jar.header(url, now=NOW + 2) == "old=1; new=1"


def test_an_emptied_jar_is_another_one() -> None:
    """The cookies of a session that is over stay out of the next one's."""
    jar = Jar(limit=2)
    jar.update(URL("https://a.example/"), ["s=1"], now=NOW)
    assert (len(jar.emptied()), len(jar)) == (0, 1)


@given(st.text(max_size=60))
def test_any_text_may_stand_for_a_date(text: str) -> None:
    """What is no date is none, and no error."""
    at = cookie_date(text)
    assert at is None or isinstance(at, float)


@given(st.integers(0, 4_102_444_800))
def test_dates_are_read_back(at: int) -> None:
    """The two formats that servers write."""
    utc = datetime.fromtimestamp(at, UTC)
    for written in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%Y %H:%M:%S GMT"):
        assert cookie_date(utc.strftime(written)) == at


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
