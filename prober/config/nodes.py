"""What a YAML file says, with the place of every part: scalars, lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.config.errors import Trail

__all__ = ["Entry", "ListNode", "MapNode", "Node", "Place", "ScalarNode", "follow", "list_node", "map_node", "walk"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """A text as the YAML parser left it; ``plain`` if it stood without quotes, so that it may be a number."""

    text: str
    plain: bool
    place: Place
    size: ClassVar[int] = 1
    height: ClassVar[int] = 0


@dataclass(frozen=True, slots=True, eq=False)
class ListNode:
    """A list; ``size`` counts the nodes in it with aliases expanded, ``height`` the levels below it."""

    items: tuple[Node, ...]
    place: Place
    size: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One key of a mapping, and its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class MapNode:
    """A mapping, its entries by the text of the key; ``size`` and ``height`` as for lists."""

    entries: Mapping[str, Entry]
    place: Place
    size: int
    height: int


Node = ScalarNode | ListNode | MapNode


def map_node(entries: Mapping[str, Entry], place: Place) -> MapNode:
    """A mapping of these entries, with its size and height."""
    values = [entry.value for entry in entries.values()]
    size = 1 + len(values) + sum(value.size for value in values)
    return MapNode(entries, place, size, 1 + max((value.height for value in values), default=0))


def list_node(items: tuple[Node, ...], place: Place) -> ListNode:
    """A list of these items, with its size and height."""
    size = 1 + sum(item.size for item in items)
    return ListNode(items, place, size, 1 + max((item.height for item in items), default=0))


def follow(node: Node, trail: Trail) -> tuple[Node, bool]:
    """The node at the end of the trail and True, or the last one on the way that exists and False."""
    for part in trail:
        if isinstance(node, MapNode) and part in node.entries:
            node = node.entries[str(part)].value
        elif isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
            node = node.items[part]
        else:
            return node, False
    return node, True


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    if isinstance(node, ListNode):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, MapNode):
        for entry in node.entries.values():
            yield from walk(entry.value)
