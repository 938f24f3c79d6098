"""Entries with a ``matrix``: one probe for each combination of values."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config.errors import shown
from prober.config.fields import known_entries
from prober.config.nodes import Entry, ListNode, MapNode, Node, Place, ScalarNode, map_node
from prober.config.readers import got, is_null
from prober.config.rules import NAME_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.config.errors import Trail
    from prober.config.scope import Scope

__all__ = ["MATRIX", "MAX_VARIANTS", "Variant", "slug", "variants"]

MATRIX = "matrix"

MAX_VARIANTS = 1_000
"""The most probes that one matrix makes."""

_NAME = re.compile(NAME_PATTERN)
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One probe to be: its full name, the place that gave it this name, and its entry without the matrix."""

    name: str
    named_at: Place
    node: MapNode


def slug(text: str) -> str:
    """The text as a part of a name: small letters and digits, everything between them one hyphen."""
    return _NOT_IN_A_SLUG.sub("-", text.lower()).strip("-")


def variants(node: MapNode, name: str, keys: Iterable[str], trail: Trail, scope: Scope) -> Iterator[Variant]:
    """The probes that an entry stands for; the entry itself if it has no usable matrix.

    A value's part of the name is what stands in the file, so that a reference never carries a secret into a name.
    """
    entries = {key: entry for key, entry in node.entries.items() if key != MATRIX}
    axes = _axes(node, frozenset(keys), trail, scope)
    if not axes:
        named_at = entries["name"].value.place if "name" in entries else node.place
        yield Variant(name=name, named_at=named_at, node=map_node(entries, node.place))
        return
    for values in itertools.product(*(choices for _, choices in axes)):
        chosen = {key.text: Entry(key, value) for (key, _), value in zip(axes, values, strict=True)}
        full = "-".join([name, *(slug(value.text) for value in values)])
        if not _NAME.fullmatch(full):
            scope.error(values[-1], (*trail, "name"), f"{shown(full)} has {len(full)} characters, and 128 are the most")
        yield Variant(name=full, named_at=values[-1].place, node=map_node({**entries, **chosen}, node.place))


def _axes(
    node: MapNode, keys: frozenset[str], trail: Trail, scope: Scope
) -> list[tuple[ScalarNode, tuple[ScalarNode, ...]]]:
    """The keys of the matrix, each with its values."""
    entry = node.entries.get(MATRIX)
    if entry is None:
        return []
    at = (*trail, MATRIX)
    if not isinstance(entry.value, MapNode):
        scope.error(entry.value, at, f"expected a mapping such as {{model: [a, b]}}, got {got(entry.value)}")
        return []
    axes = []
    for key, one in known_entries(entry.value, keys, at, scope).items():
        choices = _choices(one.value, (*at, one.key.text), scope)
        axes.append((ScalarNode(key, plain=True, place=one.key.place), choices))
    count = math.prod(len(choices) for _, choices in axes)
    if count > MAX_VARIANTS:
        scope.error(entry.value, at, f"makes {count:,} probes, and {MAX_VARIANTS:,} are the most")
        return []
    return [axis for axis in axes if axis[1]]


def _choices(node: Node, trail: Trail, scope: Scope) -> tuple[ScalarNode, ...]:
    """The values of one key; those that cannot be part of a name are reported. One alone is taken for a list of it."""
    if not isinstance(node, ListNode) or not node.items:
        scope.error(
            node, trail, f"expected a list of values, got {'an empty one' if isinstance(node, ListNode) else got(node)}"
        )
        return (node,) if isinstance(node, ScalarNode) and not is_null(node) else ()
    choices = []
    for index, item in enumerate(node.items):
        if not isinstance(item, ScalarNode) or is_null(item):
            scope.error(item, (*trail, index), f"expected a text or a number, got {got(item)}")
        elif not slug(item.text):
            message = f"{shown(item.text)} has no letter or digit that can stand in a name"
            scope.error(item, (*trail, index), message)
        else:
            choices.append(item)
    return tuple(choices)
