"""An asset of a page: what it is, and what is wrong with an answer to it."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from yarl import URL

from prober.http.expect.pattern import Pattern, PatternError
from prober.model.setting import SettingErrors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HTML_TYPES", "SCRIPT_TYPES", "SNIFFED", "Asset", "AssetKind", "IgnoredUrl", "is_html", "wrong_type"]

AssetKind = Literal["style", "script", "font", "image", "icon", "frame", "fetch", "other"]
"""The last two are what scripts ask for, and the rest, as a browser sees them."""

SNIFFED = 512
"""So many bytes of a body say whether it is HTML."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
SCRIPT_TYPES = frozenset(
    {"text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript"}
    | {"application/ecmascript", "application/x-ecmascript", "text/x-ecmascript", "text/x-javascript"}
    | {"text/jscript", "text/livescript"}
)
"""What a script is said to be, in a page as by a server (WHATWG, MIME Sniffing)."""

_NEVER_SCRIPTS = ("image/", "audio/", "video/", "text/csv")
_MODULE_TYPES = SCRIPT_TYPES | {"application/json", "application/wasm", "text/css"}  # the last ones by `with {type}`


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What a page, or a stylesheet of it, names to be loaded. ``module`` scripts must come with a script's type."""

    url: URL
    kind: AssetKind
    module: bool = False
    by_stylesheet: bool = False


class IgnoredUrl(Pattern):
    """A regular expression that is looked for in an asset's URL."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The compiled pattern. Raises SettingErrors."""
        if not isinstance(raw, str) or not raw:
            raise SettingErrors.one("must be a regular expression, such as analytics\\.")
        try:
            return cls(raw)
        except PatternError as error:
            raise SettingErrors.one(str(error)) from None

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text."""
        return {"type": "string", "minLength": 1}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IgnoredUrl) and other.source == self.source

    def __hash__(self) -> int:
        return hash((IgnoredUrl, self.source))


def is_html(media_type: str, head: bytes) -> bool:
    """Whether an answer is a page: by its type, or without one by how it begins."""
    return media_type in HTML_TYPES if media_type else _begins_as_page(head)


def _begins_as_page(head: bytes) -> bool:
    return _begin(head).startswith((b"<!doctype html", b"<html"))


def _begin(head: bytes) -> bytes:
    return head[:SNIFFED].removeprefix(BOM_UTF8).lstrip().lower()


def wrong_type(asset: Asset, media_type: str, head: bytes, *, nosniff: bool = False) -> bool:
    """Whether a browser would not use this answer as what the page asks for, whatever its status is.

    As in the Fetch standard: a module and a stylesheet must come with their type, a classic script may come with any
    that is not HTML, media or CSV, unless the server forbids guessing. A page in the place of a font or an image is
    always wrong.
    """
    match asset.kind:
        case "frame":
            return False
        case "style":
            return media_type not in ({"text/css"} if nosniff else {"", "text/css"}) or is_html(media_type, head)
        case "script" if _begins_as_page(head):
            return True  # whatever it is called
        case "script" if asset.module or nosniff:
            allowed = _MODULE_TYPES if asset.module else SCRIPT_TYPES
            return media_type not in allowed
        case "script":
            # Browsers run a classic script of any type; a page that is sent in its place begins as no script does.
            return _begin(head)[:1] == b"<" if media_type in HTML_TYPES else media_type.startswith(_NEVER_SCRIPTS)
    return is_html(media_type, head)
