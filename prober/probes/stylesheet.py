"""What a stylesheet names: other stylesheets, fonts and images, one level deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from prober.probes.asset import Asset, AssetKind
from prober.probes.reference import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yarl import URL

__all__ = ["READ", "named_in"]

READ = 1 << 20
"""So many characters of a stylesheet are looked at."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_COMMENT = re2.compile(r"(?s)/\*.*?\*/", _OPTIONS)
_STRING = r"""(?:"([^"\n]*)"|'([^'\n]*)'"""
_IMPORT = re2.compile(rf"(?i)@import\s+(?:url\(\s*)?{_STRING}|([^'\"\s();]+))\s*\)?([^;{{}}]*)", _OPTIONS)
_FONT_FACE = re2.compile(r"(?i)@font-face\s*\{([^{}]*)\}", _OPTIONS)
_URL = re2.compile(rf"(?i)\burl\(\s*{_STRING}|([^'\"\s()]+))\s*\)", _OPTIONS)


def named_in(text: str, base: URL) -> Iterator[Asset]:
    """What the text of a stylesheet names, of each font the first format; ``base`` is the stylesheet's own URL."""
    text = _COMMENT.sub(" ", text[:READ])
    for found in _IMPORT.finditer(text):
        if found.group(4).strip().lower() != "print":
            yield from _asset(found, base, kind="style")
    text = _IMPORT.sub(" ", text)
    for block in _FONT_FACE.finditer(text):
        first = _URL.search(block.group(1))
        if first is not None:
            yield from _asset(first, base, kind="font")
    for found in _URL.finditer(_FONT_FACE.sub(" ", text)):
        yield from _asset(found, base, kind="image")


def _asset(found: re2._Match[str], base: URL, *, kind: AssetKind) -> Iterator[Asset]:
    reference = next((group for group in found.groups()[:3] if group), None)
    url = None if reference is None else resolved(base, reference)
    if url is not None:
        yield Asset(url=url, kind=kind, by_stylesheet=True)
