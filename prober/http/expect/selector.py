"""CSS selectors and XPath, and what they find in a page."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from prober.http.expect.markup import Lazy, Spend, text_of_element
from prober.http.expect.values import NOTHING, Unevaluable, Value, Values
from prober.model.template import variables

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Css", "SelectorMistake", "XPath"]

_LONGEST = 2_000  # characters of a selector; their parsers call themselves
_SAMPLE = etree.fromstring("<html><body><p>x</p></body></html>", etree.HTMLParser())
_LITERAL = re.compile(r""""[^"]*"|'[^']*'""")


class SelectorMistake(ValueError):
    """A text that is no selector, and why."""


def _ask(evaluate: Callable[..., Any], root: etree._Element, **texts: str) -> Any:
    """What lxml finds. Some mistakes of an expression it only notices where the page gives it cause to."""
    try:
        return evaluate(root, **texts)
    except etree.LxmlError as error:
        raise Unevaluable(f"a selector that cannot be evaluated: {error}") from None


def _text(element: etree._Element, spend: Spend) -> Value:
    return text_of_element(element, spend)


class Css:
    """A compiled CSS selector: the texts of the elements it selects, or their values of one attribute."""

    __slots__ = ("_attribute", "_select")

    def __init__(self, source: str, attribute: str | None) -> None:
        if len(source) > _LONGEST:
            raise SelectorMistake(f"a selector of more than {_LONGEST} characters")
        try:
            self._select = CSSSelector(source, translator="html")
            self._select(_SAMPLE)
        except (SelectorError, etree.LxmlError, ValueError) as error:
            raise SelectorMistake(f"not a CSS selector, as main h1: {error}".rstrip(".")) from None
        except RecursionError:
            raise SelectorMistake("nested too deeply") from None
        self._attribute = attribute

    def read(self, root: etree._Element) -> Values:
        """The values in the order of the page. An element without the attribute has none."""
        elements = _ask(self._select, root)
        if self._attribute is None:
            return Values(Lazy(elements, _text), many=True)
        values = (element.get(self._attribute) for element in elements)
        return Values([value for value in values if value is not None], many=True)

    @staticmethod
    def escape(text: str) -> str:
        """The text for a place inside a name or a quoted string of a selector."""
        return "".join(char if char.isalnum() or char in "_-" else f"\\{ord(char):x} " for char in text)


class XPath:
    """A compiled XPath 1.0 expression. Node sets yield a list, numbers, texts and truths a single value.

    Placeholders stand in string literals, and ``fill`` fills them.
    """

    __slots__ = ("_evaluate", "_variables")

    def __init__(self, source: str, fill: Callable[[str], str]) -> None:
        if len(source) > _LONGEST:
            raise SelectorMistake(f"an XPath of more than {_LONGEST} characters")
        source, self._variables = _literals(source, fill)
        if variables(source):
            raise SelectorMistake("a placeholder stands inside quotes: '{{name}}'")
        try:
            self._evaluate = etree.XPath(source, smart_strings=False, regexp=False)
            self._evaluate(_SAMPLE, **self._variables)
        except (etree.LxmlError, ValueError) as error:
            raise SelectorMistake(f"not an XPath, as //main/h1: {error}") from None

    def read(self, root: etree._Element) -> Values:
        """The values in the order of the page; elements by their texts. NaN and infinity are nothing."""
        match found := _ask(self._evaluate, root, **self._variables):
            case list():
                return Values(Lazy(found, _node), many=True)
            case float():
                return _number(found)
            case _:
                return Values((found,))


def _literals(source: str, fill: Callable[[str], str]) -> tuple[str, dict[str, str]]:
    """The source with a variable for each literal that holds a placeholder: XPath has no escapes for a quote."""
    texts: dict[str, str] = {}

    def replace(found: re.Match[str]) -> str:
        if not variables(found[0]):
            return found[0]
        name = f"prober_{len(texts)}"
        texts[name] = fill(found[0][1:-1])
        return f"${name}"

    return _LITERAL.sub(replace, source), texts


def _number(number: float) -> Values:
    if not math.isfinite(number):
        return NOTHING
    return Values((int(number) if number.is_integer() else number,))


def _node(node: etree._Element | str | tuple[str, str], spend: Spend) -> Value:
    match node:
        case str():
            return node
        case tuple():  # a namespace
            return node[1]
        case _:
            return text_of_element(node, spend)
