"""What goes along with a request: each header once, by the word of whoever knows best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from yarl import URL

from prober.http.client import sent_headers
from prober.http.cookies import Jar
from prober.http.message import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKE_A_BROWSER = {"User-Agent": "browser/1", "Accept": "text/html", "Accept-Language": "en"}

SENT: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "a default of the kind": ({}, LIKE_A_BROWSER, {"user-agent": "browser/1", "accept": "text/html"}),
    "a given one in another spelling": (
        {"user-agent": "me/1", "ACCEPT": "a/b", "accept-encoding": "identity"},
        LIKE_A_BROWSER,
        {"user-agent": "me/1", "accept": "a/b", "accept-language": "en", "accept-encoding": "identity"},
    ),
    "a host of one's own": ({"host": "virtual.example"}, {}, {"host": "virtual.example"}),
    "the end of the request is ours": (
        {"content-length": "3", "connection": "keep-alive", "Transfer-Encoding": "chunked"},
        {},
        {"content-length": "5", "connection": "close"},
    ),
}


@pytest.mark.parametrize(("given", "defaults", "expected"), SENT.values(), ids=SENT)
def test_sent(given: Mapping[str, str], defaults: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """No name is sent twice, in whatever letters it was given."""
    request = Request(url=URL("http://a.example/"), method="POST", headers=given, defaults=defaults, body=b"12345")
    sent = [(name.lower(), value) for name, value in sent_headers(request, Jar(), now=0, connection="close").items()]
    assert len({name for name, _ in sent}) == len(sent)
    assert expected.items() <= dict(sent).items()
    assert "transfer-encoding" not in dict(sent)
