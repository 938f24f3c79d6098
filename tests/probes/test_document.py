"""What a document and its stylesheets name, to which extent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.http.expect import Subject
from prober.probes.asset import Asset, is_html, wrong_type
from prober.probes.document import assets_of
from prober.probes.reference import is_mixed, is_same_site, path_of, resolved
from prober.probes.stylesheet import named_in

if TYPE_CHECKING:
    from prober.probes.document import Extent

PAGE = URL("https://www.example.com/app/page?q=1")


def named(markup: str, extent: Extent = "all", *, content_type: str = "text/html") -> list[str]:
    """What the page names: kind and URL, without the page's own origin."""
    subject = Subject(
        status=200,
        headers=CIMultiDictProxy(CIMultiDict({"Content-Type": content_type})),
        cookies={},
        url=PAGE,
        body=markup.encode(),
        text=markup,
        duration_ns=0,
        wire_bytes=0,
        redirects=0,
        certificate_expiry=None,
        http_version="1.1",
        now=0.0,
    )
    found = assets_of(subject, extent)
    return [f"{asset.kind} {str(asset.url).removeprefix('https://www.example.com')}" for asset in found]


ELEMENTS = {
    "<link rel=stylesheet href=a.css>": ["style /app/a.css"],
    "<link rel='Stylesheet preload' href=/a.css>": ["style /a.css"],
    "<link rel='alternate stylesheet' href=a.css>": [],
    "<link rel=stylesheet href=a.css media=print>": [],
    "<link rel=stylesheet href=a.css media='print, screen'>": ["style /app/a.css"],
    "<link rel=stylesheet href=a.css disabled>": [],
    "<link rel=modulepreload href=a.js>": ["script /app/a.js"],
    "<link rel=preload as=font href=a.woff2 crossorigin>": ["font /app/a.woff2"],
    "<link rel=preload as=script href=a.js>": ["script /app/a.js"],
    "<link rel=preload as=fetch href=a.json>": [],
    "<link rel=prefetch href=a.js>": [],
    "<link rel='shortcut icon' href=/favicon.ico>": ["icon /favicon.ico"],
    "<link rel=manifest href=m.json>": [],
    "<script src=a.js></script>": ["script /app/a.js"],
    "<script src=a.js defer></script>": ["script /app/a.js"],
    "<script src=a.js async></script>": ["script /app/a.js"],
    "<script src=https://cdn.example.com/a.js async></script>": ["script https://cdn.example.com/a.js"],
    "<script src=https://tracker.test/a.js async></script>": [],
    "<script src=https://tracker.test/a.js></script>": ["script https://tracker.test/a.js"],
    "<script src=a.js type=module></script>": ["script /app/a.js"],
    "<script src=a.js nomodule></script>": [],
    "<script src=a.json type=application/ld+json></script>": [],
    "<script>run()</script>": [],
    "<img src=a.png>": ["image /app/a.png"],
    "<img src=a.png loading=lazy>": [],
    "<img src=a.png srcset='b.png 1x, c.png 2x'>": ["image /app/b.png"],
    "<img srcset='b.png, c.png 2x'>": ["image /app/b.png"],
    "<img src='data:image/png;base64,AAAA'>": [],
    "<iframe src=/frame></iframe>": ["frame /frame"],
    "<iframe src=about:blank></iframe>": [],
    "<iframe src=/frame loading=lazy></iframe>": [],
    "<noscript><img src=a.png></noscript><template><script src=a.js></script></template>": [],
    "<style>@import 'a.css'; b { background: url(b.png) }</style>": ["style /app/a.css", "image /app/b.png"],
    "<base href=/static/><script src=a.js></script>": ["script /static/a.js"],
    "<base href=https://cdn.example.com/><script src=a.js></script>": ["script https://cdn.example.com/a.js"],
    "<base><base href='javascript:1'><script src=a.js></script>": ["script /app/a.js"],
    "<script src=' a.js#x '></script>": ["script /app/a.js"],
    "<script src='a%2Fb.js?x=%20'></script>": ["script /app/a%2Fb.js?x=%20"],
    "<script src='//cdn.example.com/ü.js'></script>": ["script https://cdn.example.com/%C3%BC.js"],
    "<script src='//münchen.test/a.js'></script>": ["script https://xn--mnchen-3ya.test/a.js"],
    "<script src='\\\\cdn.test\\a.js?b=\\'></script>": ["script https://cdn.test/a.js?b=\\"],
    "<script src='///cdn.test/a.js'></script><img src='b\\c d.png'>": [
        "script https://cdn.test/a.js",
        "image /app/b/c%20d.png",
    ],
    "<script src='//[2001:db8::1]:8443/a.js'></script>": ["script https://[2001:db8::1]:8443/a.js"],
    "<script src='//a b/c.js'></script><script src='//a<b/c.js'></script><script src='//'></script>": [],
    "<script src=a.js type=application/x-javascript></script>": ["script /app/a.js"],
    "<link rel=stylesheet href=a.less type=text/less>": [],
    "<script src=''></script><script src='http://'></script><script src='http://[::1'></script>": [],
    "<script src='http://u:p@x/'></script><script src='http://x:99999/'></script>": [],
}


@pytest.mark.parametrize(("markup", "expected"), ELEMENTS.items(), ids=ELEMENTS)
def test_what_an_element_names(markup: str, expected: list[str]) -> None:
    """What a browser would load when it opens the page, and nothing else."""
    assert named(f"<!doctype html><body>{markup}") == expected


def test_critical_is_stylesheets_and_scripts() -> None:
    """In the order of the page."""
    markup = "<img src=a.png><script src=a.js></script><link rel=icon href=i><link rel=stylesheet href=a.css>"
    markup += "<style>@import 'b.css'</style><iframe src=f></iframe><link rel=preload as=font href=f.woff2>"
    assert named(markup, "critical") == ["script /app/a.js", "style /app/a.css"]
    assert len(named(markup)) == 7
    assert named(markup, "none") == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/svg+xml"])
def test_what_is_no_page_has_no_assets(content_type: str) -> None:
    """Whatever it looks like."""
    assert named("<script src=a.js></script>", content_type=content_type) == []


def test_text_that_is_no_page_has_no_assets() -> None:
    """Nor has an empty one."""
    assert named("just a text") == named("") == []


SHEETS = {
    "@import 'a.css';": ["style /css/a.css"],
    '@import url("a.css") screen;': ["style /css/a.css"],
    "@import url(a.css);": ["style /css/a.css"],
    "@IMPORT URL( 'a.css' );": ["style /css/a.css"],
    "@import 'a.css' print;": [],
    "/* @import 'a.css'; */ b { background: url(/b.png) }": ["image /b.png"],
    "b { background: url('b.png'), url(c.png) }": ["image /css/b.png", "image /css/c.png"],
    "b { background: url(data:image/png;base64,AA==) }": [],
    "b { mask: url(#clip) }": [],
    "@font-face { src: url(a.woff2) format('woff2'), url(a.woff) }": ["font /css/a.woff2"],
    "@font-face { src: local('A'), url(a.woff2) }": ["font /css/a.woff2"],
    "@font-face{src:url(a.eot);src:url(a.eot?#x) format('embedded-opentype'),url(a.woff2)format('woff2')}": [
        "font /css/a.woff2"
    ],
    "@font-face { src: url(a.svg#a) format(svg), url(a.ttf) format(truetype) }": ["font /css/a.ttf"],
    "@font-face { src: url(data:font/woff2;base64,AA==), url(a.woff) }": [],
    "@import'a.css'layer(x);@import\"b.css\"": ["style /css/a.css", "style /css/b.css"],
    "@import url(/fonts?family=A:wght@400;700&display=swap);": ["style /fonts"],
    "@namespace svg url(http://www.w3.org/2000/svg);": [],
    "@font-face { font-family: A } @font-face { src: url(b.woff2) }": ["font /css/b.woff2"],
    "@media print { b { background: url(b.png) } }": ["image /css/b.png"],
    "": [],
}


@pytest.mark.parametrize(("sheet", "expected"), SHEETS.items(), ids=SHEETS)
def test_what_a_stylesheet_names(sheet: str, expected: list[str]) -> None:
    """Imports, the first format of each font, and the rest as images."""
    base = URL("https://www.example.com/css/main.css")
    assert [f"{asset.kind} {asset.url.raw_path}" for asset in named_in(sheet, base)] == expected


@pytest.mark.parametrize("piece", ["url(", "@import ", "/*", "url('", "@font-face {", "url( \n", "@import url("])
def test_a_hostile_stylesheet_is_read_in_linear_time(piece: str) -> None:
    """A megabyte of beginnings without an end."""
    began = time.process_time()
    list(named_in(piece * (1_000_000 // len(piece)), PAGE))
    assert time.process_time() - began < 1.0


def test_a_page_of_many_thousand_elements_is_not_read_to_its_end() -> None:
    """There is an end to what is looked at."""
    assert len(named("<script src=a.js></script>" * 30_000)) == 5000


@given(st.text(max_size=200))
def test_any_reference_is_a_url_or_none(reference: str) -> None:
    """No text in an attribute is an exception, and what is fetched is HTTP with a host."""
    url = resolved(PAGE, reference)
    assert url is None or (url.scheme in {"http", "https"} and bool(url.host) and not url.fragment)
    assert url is None or url.raw_path.isascii()


@given(st.text(max_size=300))
def test_any_stylesheet_can_be_read(sheet: str) -> None:
    """Whatever it holds."""
    list(named_in(sheet, PAGE))


def _asset(kind: str, *, module: bool = False) -> Asset:
    return Asset(url=PAGE, kind=kind, module=module)  # type: ignore[arg-type]  # a table of texts


TYPES = [
    ("script", "text/javascript", b"run()", False),
    ("script", "text/plain", b"run()", False),
    ("script", "text/html", b"run()", False),
    ("script", "image/png", b"run()", True),
    ("script", "text/html", b"\n <!doctype html>", True),
    ("script", "text/html", b"\xef\xbb\xbf<!-- by a tool that marks its files -->", True),
    ("script", "text/javascript", b"<!DOCTYPE html>", True),
    ("script", "text/javascript", b"<!-- as old scripts begin", False),
    ("script", "", b"<!DOCTYPE html><html>", True),
    ("script", "", b"run()", False),
    ("style", "text/css", b"b {}", False),
    ("style", "", b"b {}", False),
    ("style", "", b"<html>", True),
    ("style", "text/html", b"b {}", True),
    ("style", "text/plain", b"b {}", True),
    ("font", "application/octet-stream", b"wOF2", False),
    ("font", "text/html", b"<!doctype html>", True),
    ("image", "text/html", b"<!doctype html>", True),
    ("image", "image/png", b"<html>", False),
    ("icon", "", b"\0\0\1", False),
    ("frame", "text/html", b"<html>", False),
]


@pytest.mark.parametrize(("kind", "media_type", "head", "expected"), TYPES)
def test_what_is_of_the_wrong_type(kind: str, media_type: str, head: bytes, expected: bool) -> None:
    """As the Fetch standard has it, and a page in the place of a script."""
    assert wrong_type(_asset(kind), media_type, head) is expected


def test_a_module_needs_a_type_of_scripts() -> None:
    """Browsers refuse it otherwise; so they do with any script of a server that forbids guessing."""
    module = _asset("script", module=True)
    assert [wrong_type(module, name, b"x") for name in ("text/javascript", "application/json", "text/plain", "")] == [
        *(False, False, True, True)
    ]
    assert wrong_type(_asset("script"), "text/plain", b"x", nosniff=True)
    assert not wrong_type(_asset("script"), "application/javascript", b"x", nosniff=True)
    assert wrong_type(_asset("style"), "", b"b {}", nosniff=True)


def test_a_page_is_told_by_its_type_or_its_begin() -> None:
    """A type that says otherwise is believed."""
    assert is_html("text/html", b"")
    assert is_html("", b"  <!DocType HTML>")
    assert not is_html("text/css", b"<html>")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("www.example.com", "cdn.example.com", True),
        ("example.com", "cdn.example.com", True),
        ("example.com", "example.net", False),
        ("a.co.uk", "b.co.uk", False),
        ("www.a.co.uk", "cdn.a.co.uk", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("[::1]", "[::1]", True),
        ("localhost", "localhost", True),
    ],
)
def test_hosts_of_one_site(one: str, other: str, expected: bool) -> None:
    """The rest are third parties."""
    assert is_same_site(URL(f"http://{one}/"), URL(f"http://{other}:8080/x")) is expected


def test_what_is_mixed_content() -> None:
    """Plain http inside https, except from this host itself."""
    assert is_mixed(PAGE, URL("http://www.example.com/"))
    assert not is_mixed(PAGE, URL("https://x/"))
    assert not is_mixed(PAGE, URL("http://127.0.0.1/"))
    assert not is_mixed(PAGE, URL("http://app.localhost/"))
    assert not is_mixed(URL("http://x/"), URL("http://y/"))


def test_how_an_asset_is_named() -> None:
    """By path; of another origin with the host."""
    assert path_of(URL("https://www.example.com/a.js?key=1"), PAGE) == "/a.js"
    assert path_of(URL("https://cdn.test/a.js?key=1"), PAGE) == "cdn.test/a.js"
