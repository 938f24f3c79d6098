"""The text of a body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.http.expect import text_of

UMLAUT = "Grüße"
META = '<html><meta charset="iso-8859-1"><p>Grüße'


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (UMLAUT.encode(), None, UMLAUT),
        (UMLAUT.encode(), "text/plain", UMLAUT),
        (UMLAUT.encode("latin-1"), "text/plain; charset=ISO-8859-1", UMLAUT),
        (UMLAUT.encode("latin-1"), "text/plain;CHARSET='latin1'", UMLAUT),
        (b"\x93q\x94", "text/plain; charset=iso-8859-1", "“q”"),
        (UMLAUT.encode("utf-16"), "text/plain", UMLAUT),
        (UMLAUT.encode("utf-16-be"), "text/plain; charset=utf-16be", UMLAUT),
        (b"\xef\xbb\xbf" + UMLAUT.encode(), "text/plain; charset=latin1", UMLAUT),
        ("日本".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "日本"),
        (META.encode("latin-1"), "text/html", META),
        (META.encode("latin-1"), None, META),
        (META.encode(), "text/html; charset=utf-8", META),
        (META.encode("latin-1"), "application/json", META.replace("ü", "\ufffd").replace("ß", "\ufffd")),
        (b"<meta charset=utf-16>x", "text/html", "<meta charset=utf-16>x"),
        (b"\xff\xfeh\x00i\x00", None, "hi"),
        (b"a\xffb", "text/plain; charset=utf-8", "a\ufffdb"),
        (b"a", "text/plain; charset=no-such-thing", "a"),
        (b"eJxLBAAAYgBi", "text/plain; charset=zlib", "eJxLBAAAYgBi"),
        (b"\\u0041", "text/plain; charset=unicode_escape", "\\u0041"),
        (b"a", "text/plain; charset=", "a"),
        (b"", "text/html", ""),
    ],
)
def test_a_body_is_decoded_as_it_says(body: bytes, content_type: str | None, text: str) -> None:
    """A mark beats the header, the header the page's own tag; what is unknown or no charset is UTF-8."""
    assert text_of(body, content_type) == text


@given(st.binary(), st.one_of(st.none(), st.text(), st.from_regex(r"text/html; ?charset=[ -~]*", fullmatch=True)))
def test_every_body_has_a_text(body: bytes, content_type: str | None) -> None:
    """Whatever the server says about it."""
    assert isinstance(text_of(body, content_type), str)


CODECS = ["idna", "punycode", "rot13", "hex", "base64", "bz2", "undefined", "utf-7", "raw_unicode_escape", "mbcs"]


@pytest.mark.parametrize("name", CODECS)
def test_a_codec_that_is_no_charset_is_passed_over(name: str) -> None:
    """Python has codecs that unpack, that fail on purpose, or that take hours."""
    assert text_of(b"abc-", f"text/plain; charset={name}") == "abc-"
