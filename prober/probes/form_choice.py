"""Which form of a page a step fills in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from prober.model.setting import SettingErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FormChoice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChoice:
    """Which form of the last page is sent.

    The first that holds all named fields, or the first that ``css`` or ``xpath`` selects. ``agree`` sends it by the
    button that says yes, wherever among the others it stands.
    """

    css: str | None = None
    xpath: str | None = None
    agree: bool = False

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The choice: ``true``, ``{css: SELECTOR}`` or ``{xpath: EXPRESSION}``. Raises SettingErrors."""
        agree = False
        if isinstance(raw, dict) and isinstance(raw.get("agree"), bool):
            agree = raw["agree"]
            raw = {key: value for key, value in raw.items() if key != "agree"}
        match raw:
            case True:
                return cls()
            case {"css": str(css), **rest} if css and not rest:
                _compiled(lambda: CSSSelector(css, translator="html"), "css")
                return cls(css=css, agree=agree)
            case {"xpath": str(xpath), **rest} if xpath and not rest:
                _compiled(lambda: etree.XPath(xpath), "xpath")
                return cls(xpath=xpath, agree=agree)
        raise SettingErrors.one("must be true, {css: SELECTOR} or {xpath: EXPRESSION}, with `agree: true` or without")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """True, or an object with a selector."""
        chosen = [
            {
                "type": "object",
                "properties": {key: {"type": "string"}, "agree": {"type": "boolean"}},
                "required": [key],
                "additionalProperties": False,
            }
            for key in ("css", "xpath")
        ]
        return {"anyOf": [{"const": True}, *chosen]}

    @property
    def written(self) -> str:
        """The choice as it stands in a file, in JSON."""
        return json.dumps({key: value for key in ("css", "xpath", "agree") if (value := getattr(self, key))} or True)

    def __str__(self) -> str:
        return self.css or self.xpath or "any form"

    def select(self, root: etree._Element) -> etree._Element | None:
        """The first form that the selector finds."""
        if self.css is not None:
            found: object = CSSSelector(self.css, translator="html")(root)
        else:
            found = etree.XPath(self.xpath or "//form")(root)
        nodes = found if isinstance(found, list) else []
        return next((node for node in nodes if etree.iselement(node) and node.tag == "form"), None)


def _compiled(read: Callable[[], object], key: str) -> None:
    try:
        read()
    except (SelectorError, etree.LxmlError, ValueError) as error:
        raise SettingErrors.one(f"is no selector: {error}", key) from None
