"""The HTML in a text, and the text that a person sees in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, overload

from lxml import etree

from prober.http.expect.values import Unevaluable

if TYPE_CHECKING:
    from prober.http.expect.subject import Subject
    from prober.http.expect.values import Value

__all__ = ["Lazy", "Spend", "html_of", "text_of_element"]

_TAG = re.compile(r"<[A-Za-z!]")
_NO_MARKUP = re.compile(
    r"application/(?!.*(?:html|xml)).*|(?:image|audio|video|font)/.*|text/(?:css|javascript|event-stream)"
)

_UNSEEN = frozenset({"script", "style", "template", "head", "title"})
"""Not part of the text of what they stand in; asked for themselves, they have a text."""

_AS_WRITTEN = frozenset({"script", "style", "pre", "textarea"})
"""Elements whose blanks and line ends mean something."""

_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins"}
    | {"kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"}
    | {"var", "wbr"}
)
"""Elements that do not part the words around them."""

_SILENT = _INLINE | _UNSEEN

Spend = Callable[[], None]
"""Called for each end of a node that is walked; raises :class:`Unevaluable` when that were too many."""

_STEPS = 500_000  # for the texts of one query's elements, about half a second


def _parse(subject: Subject) -> etree._Element:
    text = subject.text
    if not text.strip():
        raise Unevaluable("an empty body")
    if _NO_MARKUP.fullmatch(subject.media_type) or not _TAG.search(text):
        raise Unevaluable(f"not HTML: {subject.size()}")
    # The text is decoded already: whatever encoding a tag or an XML declaration names, it is UTF-8 now.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(subject.utf8(), parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        raise Unevaluable(f"not HTML: {subject.size()}")
    if any(entry.level_name == "FATAL" for entry in parser.error_log):  # the rest of the page is not in the tree
        raise Unevaluable(f"HTML nested too deeply: {subject.size()}")
    return root


def html_of(subject: Subject) -> etree._Element:
    """The root of the page in the subject's text, parsed once. Raises :class:`Unevaluable` where there is none."""
    memo = subject.memo
    if memo.html is None:
        try:
            memo.html = _parse(subject)
        except Unevaluable as error:
            memo.html = error.again()  # without the frames, which hold the subject
    if isinstance(memo.html, Unevaluable):
        raise memo.html.again()
    return memo.html


def _visible(element: etree._Element, spend: Spend) -> list[str]:
    """Every piece of text inside the element, and a blank where one block ends and another begins."""
    pieces: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        spend()
        tag = node.tag
        if event == "start":
            if tag in _UNSEEN and node is not element:
                walker.skip_subtree()
                continue
            if tag not in _INLINE:
                pieces.append(" ")
            if node.text:
                pieces.append(node.text)
            continue
        if event == "end" and tag not in _SILENT:
            pieces.append(" ")
        if node.tail and node is not element:
            pieces.append(node.tail)
    return pieces


def text_of_element(element: etree._Element, spend: Spend) -> str:
    """What a person reads in the element: no scripts, no styles, each run of blanks one blank, none at the ends.

    Of ``script``, ``style``, ``pre`` and ``textarea`` the text as it was written. ``spend`` is called for each node.
    """
    if not isinstance(element.tag, str):  # a comment
        return (element.text or "").strip()
    if element.tag in _AS_WRITTEN:
        return "".join(element.itertext()).strip()
    return " ".join("".join(_visible(element, spend)).split())


class Lazy(Sequence["Value"]):
    """The texts of many elements, each made when it is asked for: counting a thousand nested ones reads none."""

    __slots__ = ("_convert", "_nodes", "_steps")

    def __init__(self, nodes: Sequence[etree._Element], convert: Callable[[etree._Element, Spend], Value]) -> None:
        self._nodes = nodes
        self._convert = convert
        self._steps = _STEPS

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Unevaluable("more text in the matching elements than is read")

    def __len__(self) -> int:
        return len(self._nodes)

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Lazy: ...
    def __getitem__(self, index: int | slice) -> Value | Lazy:
        if isinstance(index, slice):
            return Lazy(self._nodes[index], self._convert)
        return self._convert(self._nodes[index], self._spend)
