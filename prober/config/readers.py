"""Reads a scalar of the file as a value of one type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from prober.config.errors import shown, unknown
from prober.config.nodes import ListNode, Node, ScalarNode
from prober.config.references import Reference, references_in
from prober.config.scalars import natural
from prober.config.scope import Nothing, Scope, Use
from prober.model.secret import Secret

if TYPE_CHECKING:
    from prober.config.errors import Trail

__all__ = [
    "SCALARS",
    "LiteralReader",
    "NodeReader",
    "Reader",
    "ScalarReader",
    "SecretReader",
    "Sort",
    "as_it_is",
    "got",
    "integer",
    "is_null",
    "number",
    "sort_of",
    "text",
    "truth",
]


class Sort(StrEnum):
    """What a node is before its type is known. A scalar with a reference may become any scalar."""

    NULL = "nothing"
    BOOL = "true or false"
    INT = "a whole number"
    FLOAT = "a number"
    TEXT = "a text"
    REFERENCE = "a reference"
    LIST = "a list"
    MAP = "a mapping"


SCALARS = frozenset({Sort.BOOL, Sort.INT, Sort.FLOAT, Sort.TEXT, Sort.REFERENCE})
_SORTS: dict[type, Sort] = {type(None): Sort.NULL, bool: Sort.BOOL, int: Sort.INT, float: Sort.FLOAT, str: Sort.TEXT}


def sort_of(node: Node) -> Sort:
    """What the node is, by its shape and, for a plain scalar, by the rules of YAML 1.2."""
    if isinstance(node, ScalarNode):
        if "${" in node.text:
            return Sort.REFERENCE
        return _SORTS[type(natural(node.text))] if node.plain else Sort.TEXT
    return Sort.LIST if isinstance(node, ListNode) else Sort.MAP


def is_null(node: ScalarNode) -> bool:
    """Whether nothing stands there."""
    return node.plain and natural(node.text) is None


def got(node: Node) -> str:
    """What stands there, for an error."""
    sort = sort_of(node)
    if isinstance(node, ScalarNode) and sort is not Sort.NULL:
        return f"{'' if sort is Sort.REFERENCE else sort + ' '}{shown(node.text)}"
    return sort


class Reader(Protocol):
    """Reads nodes as values of one type."""

    @property
    def wanted(self) -> str:
        """What it takes, in words."""

    @property
    def exact(self) -> frozenset[Sort]:
        """The sorts of node that are meant."""

    @property
    def loose(self) -> frozenset[Sort]:
        """The sorts that pass as well."""

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The value, or :class:`Nothing` after everything that is wrong has been reported."""


def as_it_is(value: object) -> object:
    """The value: it is written as it is kept."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarReader:
    """Reads a scalar through ``parse``, which takes the text and whether it was plain, and raises ValueError.

    ``gap`` says that a text with a missing reference in it may go through ``parse``. ``schema`` is the JSON Schema of
    what is taken beside a reference; ``kept`` is the type that the value has afterwards, and ``write`` gives the plain
    value that would be read back as the same.
    """

    wanted: str
    exact: frozenset[Sort]
    parse: Callable[[str, bool], object]
    schema: Mapping[str, object]
    kept: type[object] = str
    write: Callable[[object], object] = as_it_is
    loose: frozenset[Sort] = SCALARS
    use: Use = Use.OTHER
    gap: bool = False

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The value, or :class:`Nothing` after everything that is wrong has been reported."""
        if not isinstance(node, ScalarNode) or is_null(node):
            return scope.wrong(node, trail, f"expected {self.wanted}, got {got(node)}")
        resolved = scope.text(node, trail, self.use)
        if resolved is None:
            return Nothing.WRONG
        if resolved.missing and not self.gap:
            return Nothing.MISSING
        try:
            return self.parse(resolved.text, node.plain or "${" in node.text)
        except ValueError as error:
            hidden = "${" in node.text  # the message would show what the reference led to
            message = f"the value of {shown(node.text)} is not {self.wanted}" if hidden else str(error)
            return scope.wrong(node, trail, message)


def text(value: str, _plain: bool) -> str:
    """The text itself. Also a plain number or true is the text that it looks like."""
    return value


def _unquoted(value: str, plain: bool) -> object:
    return natural(value) if plain else None


def integer(value: str, plain: bool) -> int:
    """A whole number. Raises ValueError."""
    found = _unquoted(value, plain)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise ValueError(f"expected a whole number, got {shown(value)}{_without_quotes(value, plain, int)}")


def number(value: str, plain: bool) -> float:
    """A number. Raises ValueError."""
    found = _unquoted(value, plain)
    if isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 1e300:
        return float(found)
    raise ValueError(f"expected a number, got {shown(value)}{_without_quotes(value, plain, int | float)}")


def truth(value: str, plain: bool) -> bool:
    """True or false. Raises ValueError."""
    found = _unquoted(value, plain)
    if isinstance(found, bool):
        return found
    said = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
    meant = said.get(value.casefold())
    hint = f": write {meant}, without quotes" if meant else ""
    raise ValueError(f"expected true or false, got the text {shown(value)}{hint}")


def _without_quotes(value: str, plain: bool, wanted: object) -> str:
    fits = not plain and isinstance(natural(value), wanted)  # type: ignore[arg-type]  # a union is a class to isinstance
    return ": remove the quotes" if fits else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralReader:
    """Reads one of a few words or numbers: ``options`` has the value of each by how it is written."""

    options: Mapping[str, object]
    loose: frozenset[Sort] = frozenset({Sort.REFERENCE})

    @property
    def wanted(self) -> str:
        """All options."""
        words = ", ".join(self.options)
        return f"one of {words}" if len(self.options) > 1 else words

    @property
    def exact(self) -> frozenset[Sort]:
        """The sorts that an option may look like."""
        return frozenset(_SORTS[type(natural(option))] for option in self.options) | {Sort.TEXT}

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The option, or :class:`Nothing` after everything that is wrong has been reported."""
        return ScalarReader(wanted=self.wanted, exact=self.exact, parse=self._parse, schema={}).read(node, trail, scope)

    def _parse(self, value: str, _plain: bool) -> object:
        if value in self.options:
            return self.options[value]
        raise ValueError(unknown(f"{shown(value)} is not known", value, self.options))


_SECRET_TEXT = ScalarReader(
    wanted="a secret by reference", exact=frozenset({Sort.TEXT}), parse=text, use=Use.SECRET, gap=True, schema={}
)
_VARIABLES = re.compile(r"(?:\{\{[^{}]+\}\})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReader:
    """Reads a secret, which comes from outside the file or from a variable of a step."""

    wanted: str = "a secret by reference"
    exact: frozenset[Sort] = frozenset({Sort.TEXT, Sort.REFERENCE})
    loose: frozenset[Sort] = SCALARS

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The secret, or :class:`Nothing` after everything that is wrong has been reported."""
        found = _SECRET_TEXT.read(node, trail, scope)
        if not isinstance(found, str) or not isinstance(node, ScalarNode):
            return found
        if _VARIABLES.fullmatch(node.text) or any(isinstance(piece, Reference) for piece in references_in(node.text)):
            return Secret(found)
        forms = "${env:NAME}, ${file:/path} or ${credential:name}"
        return scope.wrong(node, trail, f"a secret must not stand in the file: write {forms}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReader:
    """Leaves the node as it is, for what is read later."""

    wanted: str = "anything"
    exact: frozenset[Sort] = frozenset(Sort)
    loose: frozenset[Sort] = frozenset()

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The node, or :class:`Nothing`, and reported, if it is of another sort."""
        if sort_of(node) in self.exact:
            return node
        return scope.wrong(node, trail, f"expected {self.wanted}, got {got(node)}")
