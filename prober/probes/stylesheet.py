"""What a stylesheet names: other stylesheets, fonts and images, one level deep."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import re2

from prober.probes.asset import Asset, AssetKind
from prober.probes.reference import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yarl import URL

__all__ = ["READ", "named_in"]

READ = 1 << 20
"""So many bytes of a stylesheet are looked at."""

_LOOKED_AT = 5000  # comments, imports, fonts and references: a hostile sheet of a megabyte has a quarter million
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.encoding = re2.Options.Encoding.LATIN1

_QUOTED = r""""([^"\n]*)"|'([^'\n]*)'"""
_TO_URL = rf"""\burl\(\s*(?:{_QUOTED}|([^'"\s()]+))\s*\)"""
_SOURCE = re2.compile(rf"(?i)\bsrc\s*:|{_TO_URL}(?:\s*format\(\s*['\"]?([\w-]*))?".encode(), _OPTIONS)
_TOKEN = re2.compile(
    rf"""(?is)/\*(?:.*?\*/|.*)|@namespace[^;{{}}]*|@import\s*(?:{_TO_URL}|{_QUOTED})([^;{{}}]*)|"""
    rf"@font-face\s*\{{([^{{}}]*)\}}|{_TO_URL}".encode(),
    _OPTIONS,
)
_ONLY_ELSEWHERE = frozenset({b"embedded-opentype", b"svg"})  # formats of fonts that no browser of today takes


def named_in(text: str, base: URL) -> Iterator[Asset]:
    """What the text of a stylesheet names, of each font what a browser takes; ``base`` is the stylesheet's own URL."""
    utf8 = text[:READ].encode("utf-8", "replace")
    for token in islice(_TOKEN.finditer(utf8), _LOOKED_AT):
        groups = token.groups()
        imported, media, font, reference = groups[:5], groups[5], groups[6], groups[7:]
        if font is not None:
            yield from _asset(_source_of(font), base, kind="font")
        elif media is None:
            yield from _asset(reference, base, kind="image")
        elif media.strip().lower() != b"print":
            yield from _asset(imported, base, kind="style")


def _source_of(font: bytes) -> tuple[bytes | None, ...]:
    """The first source of the last ``src`` in a format that browsers take: the ones before are for older ones."""
    found: tuple[bytes | None, ...] = ()
    for source in _SOURCE.finditer(font):
        *reference, kind = source.groups()
        if not any(reference):
            found = ()
        elif not found and (kind or b"").lower() not in _ONLY_ELSEWHERE:
            found = tuple(reference)
    return found


def _asset(groups: tuple[bytes | None, ...], base: URL, *, kind: AssetKind) -> Iterator[Asset]:
    reference = next((group for group in groups if group), None)
    url = None if reference is None else resolved(base, reference.decode("utf-8", "replace"))
    if url is not None:
        yield Asset(url=url, kind=kind, by_stylesheet=True)
