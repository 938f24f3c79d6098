"""What the document of a page names to be loaded with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from yarl import URL

from prober.http.expect.markup import html_of
from prober.http.expect.values import Unevaluable
from prober.probes.asset import HTML_TYPES, SCRIPT_TYPES, Asset, AssetKind
from prober.probes.reference import is_same_site, resolved
from prober.probes.stylesheet import named_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from prober.http.expect import Subject

__all__ = ["Extent", "assets_of"]

Extent = Literal["none", "critical", "all"]

_ELEMENTS = ("link", "script", "style", "img", "iframe", "frame")
_INERT = ("noscript", "template")
_LOOKED_AT = 5000  # elements
_SCRIPTS = SCRIPT_TYPES | {"", "module"}
_PRELOADS: dict[str, AssetKind] = {"style": "style", "script": "script", "font": "font", "image": "image"}
_CRITICAL = frozenset({"style", "script"})


def assets_of(page: Subject, extent: Extent) -> tuple[Asset, ...]:
    """The assets of the page to that extent, in its order. None where nothing of the document can be read."""
    if extent == "none" or page.media_type not in HTML_TYPES | {""}:
        return ()
    try:
        root = html_of(page)
    except Unevaluable:
        return ()
    return tuple(_Reader(page=page.url, base=_base(root, page.url), extent=extent).assets(root))


def _base(root: _Element, page: URL) -> URL:
    for element in root.iter("base"):
        href = element.get("href")
        if href is not None:
            return resolved(page, href) or page
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads the elements of one page."""

    page: URL
    base: URL
    extent: Extent

    def assets(self, root: _Element) -> Iterator[Asset]:
        """What the page names, in its order, to the extent that is asked for."""
        for count, element in enumerate(root.iter(*_ELEMENTS)):
            if count >= _LOOKED_AT:
                return
            if next(element.iterancestors(*_INERT), None) is None:
                yield from (asset for asset in self._of(element) if self.extent == "all" or asset.kind in _CRITICAL)

    def _of(self, element: _Element) -> Iterator[Asset]:
        match element.tag:
            case "link":
                yield from self._link(element)
            case "script":
                yield from self._script(element)
            case "style" if self.extent == "all":
                yield from named_in(element.text or "", self.base)
            case "img" if not _is_lazy(element):
                first = (element.get("srcset") or "").split(maxsplit=1)[:1]
                yield from self._asset(first[0].rstrip(",") if first else element.get("src"), "image")
            case "iframe" | "frame" if not _is_lazy(element):
                yield from self._asset(element.get("src"), "frame")

    def _link(self, link: _Element) -> Iterator[Asset]:
        relations = set((link.get("rel") or "").lower().split())
        if link.get("disabled") is not None or (link.get("media") or "").strip().lower() == "print":
            return
        href = link.get("href")
        if "stylesheet" in relations and "alternate" not in relations:
            if (link.get("type") or "").partition(";")[0].strip().lower() in {"", "text/css"}:
                yield from self._asset(href, "style")
        elif "modulepreload" in relations:
            yield from self._asset(href, "script", module=True)
        elif "preload" in relations:
            kind = _PRELOADS.get((link.get("as") or "").strip().lower())
            if kind is not None:
                yield from self._asset(href, kind)
        elif "icon" in relations:
            yield from self._asset(href, "icon")

    def _script(self, script: _Element) -> Iterator[Asset]:
        """A script that runs, except one of a third party that the page does not wait for."""
        kind = (script.get("type") or "").partition(";")[0].strip().lower()
        module = kind == "module"
        if kind not in _SCRIPTS or (script.get("nomodule") is not None and not module):
            return
        for asset in self._asset(script.get("src"), "script", module=module):
            if script.get("async") is None or is_same_site(asset.url, self.page):
                yield asset

    def _asset(self, reference: str | None, kind: AssetKind, *, module: bool = False) -> Iterator[Asset]:
        url = None if reference is None else resolved(self.base, reference)
        if url is not None:
            yield Asset(url=url, kind=kind, module=module)


def _is_lazy(element: _Element) -> bool:
    return (element.get("loading") or "").strip().lower() == "lazy"
