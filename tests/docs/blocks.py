"""The blocks of a page that are made from the code: between two comments, renewed by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["names_in", "renewed"]

_BLOCK = re.compile(
    r"^<!-- generated: (?P<name>[\w-]+)(?: (?P<argument>[^\n]+?))? -->\n(?P<text>.*?)^<!-- end of generated -->$",
    re.MULTILINE | re.DOTALL,
)


def names_in(text: str) -> list[tuple[str, str]]:
    """The generators that a page names, each with its argument."""
    return [(match["name"], match["argument"] or "") for match in _BLOCK.finditer(text)]


def renewed(text: str, generators: Mapping[str, Callable[[str], str]]) -> str:
    """The page with each of its blocks made anew."""

    def renew(match: re.Match[str]) -> str:
        begin = match[0].partition("\n")[0]
        made = generators[match["name"]](match["argument"] or "").strip("\n")
        return f"{begin}\n{made}\n<!-- end of generated -->"

    return _BLOCK.sub(renew, text)
