"""Reads lists, mappings, plain values, and what may have one of several types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config.errors import path_text
from prober.config.nodes import ListNode, MapNode, Node, ScalarNode
from prober.config.readers import Reader, Sort, got, sort_of
from prober.config.scalars import natural
from prober.config.scope import Nothing, Scope, Use, said_by
from prober.model.setting import Custom

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.config.errors import Trail

__all__ = [
    "CustomReader",
    "ListReader",
    "MappingReader",
    "RawReader",
    "UnionReader",
    "nothing_of",
]

_LIST = frozenset({Sort.LIST})
_MAP = frozenset({Sort.MAP})
_NONE: frozenset[Sort] = frozenset()
_ANY = frozenset(Sort)


def nothing_of(values: Iterable[object]) -> Nothing | None:
    """WRONG if one of the values is, else MISSING if one is, else None."""
    found = {value for value in values if isinstance(value, Nothing)}
    return Nothing.WRONG if Nothing.WRONG in found else next(iter(found), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReader:
    """Reads a list as a tuple."""

    item: Reader
    exact: frozenset[Sort] = _LIST
    loose: frozenset[Sort] = _NONE
    wanted: str = "a list"

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The tuple, or :class:`Nothing` after everything that is wrong has been reported."""
        if not isinstance(node, ListNode):
            return scope.wrong(node, trail, f"expected a list, got {got(node)}")
        values = tuple(self.item.read(item, (*trail, index), scope) for index, item in enumerate(node.items))
        return nothing_of(values) or values


def _read_key(key: ScalarNode, trail: Trail, scope: Scope) -> str | None:
    if "${" in key.text:
        scope.error(key, trail, "a reference cannot stand in a key")
        return None
    return key.text


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingReader:
    """Reads a mapping whose keys are the user's."""

    key: Reader
    value: Reader
    exact: frozenset[Sort] = _MAP
    loose: frozenset[Sort] = _NONE
    wanted: str = "a mapping"

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The mapping, without the pairs in which something is wrong, which is reported."""
        if not isinstance(node, MapNode):
            return scope.wrong(node, trail, f"expected a mapping, got {got(node)}")
        found: dict[object, object] = {}
        for entry in node.entries.values():
            below = (*trail, entry.key.text)
            usable = _read_key(entry.key, below, scope) is not None
            key = self.key.read(entry.key, below, scope) if usable else Nothing.WRONG
            value = self.value.read(entry.value, below, scope)
            if not isinstance(key, Nothing) and not isinstance(value, Nothing):
                found[key] = value
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReader:
    """Reads anything as plain values: None, bool, int, float, str, list, dict."""

    wanted: str = "anything"
    exact: frozenset[Sort] = _ANY
    loose: frozenset[Sort] = _NONE

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The plain value, or :class:`Nothing` after everything that is wrong has been reported."""
        if isinstance(node, ListNode):
            items = [self.read(item, (*trail, index), scope) for index, item in enumerate(node.items)]
            return nothing_of(items) or items
        if isinstance(node, MapNode):
            return self._mapping(node, trail, scope)
        return _raw_scalar(node, trail, scope)

    def _mapping(self, node: MapNode, trail: Trail, scope: Scope) -> object:
        usable = [_read_key(entry.key, (*trail, key), scope) is not None for key, entry in node.entries.items()]
        values = {key: self.read(entry.value, (*trail, key), scope) for key, entry in node.entries.items()}
        return (nothing_of(values.values()) or values) if all(usable) else Nothing.WRONG


def _raw_scalar(node: ScalarNode, trail: Trail, scope: Scope) -> object:
    if "${" not in node.text:
        return natural(node.text) if node.plain else node.text
    resolved = scope.text(node, trail, Use.TEXT)
    return Nothing.WRONG if resolved is None else resolved.text


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomReader:
    """Reads a type with a syntax of its own."""

    custom: type[Custom]
    exact: frozenset[Sort] = _ANY - {Sort.NULL}
    loose: frozenset[Sort] = _NONE

    @property
    def wanted(self) -> str:
        """The name of the type."""
        return self.custom.__name__

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The value, or :class:`Nothing` after everything that is wrong has been reported."""
        raw = RawReader().read(node, trail, scope)
        if isinstance(raw, Nothing):
            return raw
        try:
            return self.custom.from_setting(raw)
        except ValueError as error:
            return scope.refused(node, trail, said_by(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionReader:
    """Reads what one of several types takes. ``optional`` lets null through as None."""

    members: tuple[Reader, ...]
    optional: bool

    @property
    def wanted(self) -> str:
        """What the members want."""
        return " or ".join(dict.fromkeys(member.wanted for member in self.members))

    @property
    def exact(self) -> frozenset[Sort]:
        """Whatever a member means."""
        null = frozenset({Sort.NULL}) if self.optional else _NONE
        return null.union(*(member.exact for member in self.members))

    @property
    def loose(self) -> frozenset[Sort]:
        """Whatever a member lets pass."""
        return _NONE.union(*(member.loose for member in self.members))

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The value, or :class:`Nothing` after everything that is wrong has been reported."""
        sort = sort_of(node)
        if sort is Sort.NULL and self.optional:
            return None
        if len(self.members) == 1:
            return self.members[0].read(node, trail, scope)
        fitting = [member for member in self.members if sort in member.exact]
        fitting += [member for member in self.members if sort in member.loose and member not in fitting]
        if not fitting:
            return scope.wrong(node, trail, f"expected {self.wanted}, got {got(node)}")
        return _first_that_fits(fitting, node, trail, scope, wanted=self.wanted)


def _first_that_fits(members: list[Reader], node: Node, trail: Trail, scope: Scope, *, wanted: str) -> object:
    """What the first member makes of the node that finds nothing wrong; else what one says of the parts of it."""
    trials = []
    for member in members:
        trial = scope.trial()
        value = member.read(node, trail, trial)
        if not trial.errors:
            scope.keep(trial)
            return value
        trials.append(trial)
    deeper = [trial for trial in trials if any(error.path != path_text(trail) for error in trial.errors)]
    if not deeper:
        return scope.wrong(node, trail, f"expected {wanted}, got {got(node)}")
    scope.keep(deeper[0])
    return Nothing.WRONG
