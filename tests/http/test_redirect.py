"""Redirects: what goes along, and where they must not lead."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.http.message import Head, Request
from prober.http.redirect import SAFE_HEADERS, next_request, reachable, seclusion, target
from prober.http.settings import RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.network import Address

HERE = "https://api.example/v1/ask"
ANY = RedirectsTo("any")


def head(location: str, status: int = 302) -> Head:
    """The head of a redirect."""
    headers = CIMultiDictProxy(CIMultiDict({"Location": location}))
    return Head(status=status, reason="", http_version="1.1", headers=headers, first_byte_ns=0)


def request(method: str = "GET", url: str = HERE) -> Request:
    """A request with a secret in each kind of header."""
    headers = {
        "Authorization": "Bearer s",
        "x-api-key": "s",
        "Cookie": "s",
        "Accept": "a",
        "Content-Type": "t",
        "Referer": "r?q",
    }
    return Request(url=URL(url), method=method, headers=headers, body=b"secret")


METHODS = {
    "301 of a post": ("POST", 301, "GET", b""),
    "302 of a post": ("POST", 302, "GET", b""),
    "303 of a put": ("PUT", 303, "GET", b""),
    "303 of a head": ("HEAD", 303, "HEAD", b"secret"),
    "307 of a post": ("POST", 307, "POST", b"secret"),
    "308 of a post": ("POST", 308, "POST", b"secret"),
    "301 of a put": ("PUT", 301, "PUT", b"secret"),
}


@pytest.mark.parametrize(("method", "status", "becomes", "body"), METHODS.values(), ids=METHODS)
def test_method_and_body(method: str, status: int, becomes: str, body: bytes) -> None:
    """Within the origin, method and body change as in the Fetch standard, and headers stay."""
    following = next_request(request(method), head("/v2", status), to=ANY, first=URL(HERE))
    assert (following.method, following.body) == (becomes, body)
    assert following.headers["x-api-key"] == "s"
    assert ("Content-Type" in following.headers) == bool(body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["https://other.example/", "https://api.example:8443/", "//other.example/x"],
    ids=["host", "port", "no scheme"],
)
def test_nothing_secret_leaves_the_origin(location: str, status: int) -> None:
    """To another host or port only harmless headers go along, and no body."""
    following = next_request(request("POST"), head(location, status), to=ANY, first=URL(HERE))
    assert {name.lower() for name in following.headers} <= SAFE_HEADERS
    assert following.body == b""


BLOCKED = {
    "to http": ("http://api.example/", ANY),
    "to a file": ("file:///etc/passwd", ANY),
    "to data": ("data:text/html,x", ANY),
    "to javascript": ("javascript:alert(1)", ANY),
    "with a password": ("https://u:p@api.example/", ANY),
    "to another origin": ("https://other.example/", RedirectsTo("same-origin")),
    "to another port": ("https://api.example:1/", RedirectsTo("same-origin")),
    "to a host that is not listed": ("https://other.example/", RedirectsTo("hosts", ("sso.example",))),
    "to no url": ("https://[::1", ANY),
    "to no host": ("https://a b/", ANY),
    "to no port": ("https://api.example:99999/", ANY),
    "to no name in another script": ("https://xn--/", ANY),
    "to a name without a label": ("https://a..b/", ANY),
    "to a name with a long label": (f"https://{'a' * 64}.example/", ANY),
}


@pytest.mark.parametrize(("location", "to"), BLOCKED.values(), ids=BLOCKED)
def test_blocked(location: str, to: RedirectsTo) -> None:
    """A redirect that must not be followed is the failure redirect_blocked."""
    with pytest.raises(ProbeFailure) as failure:
        next_request(request(), head(location), to=to, first=URL(HERE))
    assert (failure.value.error_class, failure.value.detail) == (ErrorClass.UNEXPECTED_RESPONSE, "redirect_blocked")


def test_a_listed_host_is_followed() -> None:
    """`to` may name the hosts."""
    to = RedirectsTo("hosts", ("sso.example",))
    assert next_request(request(), head("https://sso.example/"), to=to, first=URL(HERE)).url.host == "sso.example"


def test_escapes_stay_as_they_are() -> None:
    """A signed URL is requested as the server wrote it."""
    assert str(target(URL(HERE), head("/a%2Fb?sig=%2B%3d x"))) == "https://api.example/a%2Fb?sig=%2B%3d%20x"


def test_it_is_read_as_a_browser_reads_it() -> None:
    """Backslashes are slashes, and a host has an ASCII name."""
    assert str(target(URL(HERE), head("\\\\münchen.example\\a?b=\\"))) == "https://xn--mnchen-3ya.example/a?b=\\"


@given(st.text(max_size=40))
def test_any_location_is_followed_or_blocked(location: str) -> None:
    """Whatever a server sends, there is a request to http or https, or a failure with a class."""
    try:
        following = next_request(request(), head(location), to=ANY, first=URL(HERE))
    except ProbeFailure as failure:
        assert failure.detail == "redirect_blocked"  # noqa: PT017 - both ends are right
    else:
        assert following.url.scheme == "https"


SECLUSION = {
    "9.9.9.9": 0,
    "10.1.2.3": 1,
    "192.168.0.1": 1,
    "fd12::1": 1,
    "127.0.0.1": 2,
    "::1": 2,
    "0.0.0.0": 2,
    "169.254.169.254": 3,
    "168.63.129.16": 3,
    "100.100.100.200": 3,
    "::ffff:169.254.169.254": 3,
    "64:ff9b::a9fe:a9fe": 3,
    "2002:a9fe:a9fe::1": 3,
    "2001:0:c000:201::5601:5601": 3,
    "fe80::1": 3,
    "224.0.0.1": 3,
}


@pytest.mark.parametrize(("host", "level"), SECLUSION.items(), ids=SECLUSION)
def test_how_far_inside_an_address_is(host: str, level: int) -> None:
    """Metadata services are the innermost, also behind translated and mapped addresses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    assert seclusion(Address(family, host)) == level


def test_a_redirect_leads_no_further_inside_than_the_target() -> None:
    """From a public target to a private address is blocked; between equals it is not."""
    inside = [Address(socket.AF_INET, "10.0.0.1")]
    assert reachable(inside, limit=1) == inside
    with pytest.raises(ProbeFailure, match="further inside"):
        reachable(inside, limit=0)
