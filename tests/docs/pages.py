"""The pages of the documentation, and what stands in them: blocks of code, headings, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import CHECKOUT

__all__ = ["Block", "Page", "pages"]

_FENCE = re.compile(
    r"^(?:<!-- (?P<note>[^\n]*?) -->\n)?(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_MARKUP = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: the language and title behind the fence, the comment right above it, its text and its line."""

    language: str
    title: str
    note: str
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One Markdown file of the checkout."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The path from the top of the checkout."""
        return str(self.path.relative_to(CHECKOUT))

    def blocks(self, language: str | None = None) -> list[Block]:
        """The fenced blocks, of this language if it is given."""
        found = [self._block(match) for match in _FENCE.finditer(self.text)]
        return [block for block in found if language in {None, block.language}]

    def _block(self, match: re.Match[str]) -> Block:
        language, _, title = match["info"].strip().partition(" ")
        line = self.text.count("\n", 0, match.start("fence")) + 1
        return Block(language=language, title=title, note=match["note"] or "", text=match["text"], line=line)

    @property
    def prose(self) -> str:
        """The text without fenced blocks."""
        return _FENCE.sub("", self.text)

    def anchors(self) -> set[str]:
        """The anchors of the headings, as GitHub makes them."""
        found: dict[str, int] = {}
        anchors = set()
        for heading in _HEADING.findall(self.prose):
            name = _MARKUP.sub("", heading.lower()).replace(" ", "-")
            anchors.add(f"{name}-{found[name]}" if name in found else name)
            found[name] = found.get(name, 0) + 1
        return anchors

    def links(self) -> list[str]:
        """The targets of all links and images."""
        return _LINK.findall(self.prose)


@cache
def pages() -> tuple[Page, ...]:
    """Every page that users read: at the top of the checkout and below docs/."""
    paths = [*sorted(CHECKOUT.glob("*.md")), *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return tuple(Page(path=path, text=path.read_text("utf-8")) for path in paths)
