"""The text of a body, by the encoding that it names."""

from __future__ import annotations

import codecs
import re

__all__ = ["charset_of", "media_type", "text_of"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the next one
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PARAMETER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{1,512}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 1024  # bytes; the HTML standard promises no more

_FAMILIES = re.compile(
    r"utf-8|utf-(16|32)(-[bl]e)?|cp\d+|iso8859-\d+|koi8-[rtu]|mac-(roman|cyrillic)|tis-620|"
    r"gb2312|gbk|gb18030|big5|big5hkscs|euc_(jp|kr)|iso2022_jp|shift_jis"
)
"""Python's names of what pages are written in. Its other codecs (zip, idna, unicode_escape) are no charsets."""

_AS_BROWSERS_READ = {"ascii": "cp1252", "iso8859-1": "cp1252", "utf-16": "utf-16-le", "gb2312": "gbk"}


def media_type(content_type: str | None) -> str:
    """The media type in small letters, without parameters; empty for none."""
    return content_type.partition(";")[0].strip().lower() if content_type else ""


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return None
    found = _AS_BROWSERS_READ.get(found, found)
    return found if _FAMILIES.fullmatch(found) else None


def charset_of(body: bytes, content_type: str | None) -> str:
    """Python's name of a body's encoding: by ``charset`` parameter or the page's own ``<meta>``, else UTF-8.

    An unknown charset is passed over.
    """
    named = _PARAMETER.search(content_type) if content_type else None
    codec = _codec(named[1]) if named else None
    if codec is None and "html" in (media_type(content_type) or "html"):
        meta = _META.search(body, 0, _META_WITHIN)
        codec = _codec(meta[1].decode("ascii")) if meta else None
        if codec and codec.startswith("utf-"):
            codec = "utf-8"  # whoever could read the tag is not reading UTF-16
    return codec or "utf-8"


def text_of(body: bytes, content_type: str | None) -> str:
    """The body as text: by byte order mark, else by :func:`charset_of`.

    What cannot be decoded is replaced, a byte order mark is not part of the text.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode(charset_of(body, content_type), "replace")
