"""One entry under ``probes``: which kind it is, what it is called, and the probes that it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config.decode import plans_of
from prober.config.defaults import Inheritance
from prober.config.errors import Trail, shown, suggestion, unknown
from prober.config.fields import known_entries
from prober.config.matrix import MATRIX, variants
from prober.config.nodes import Entry, MapNode, Node, Place, ScalarNode, map_node
from prober.config.readers import got, is_null
from prober.config.rules import NAME_PATTERN
from prober.config.single import read_common, read_probe
from prober.model.probe import Common, Kind, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.config.scope import Scope

__all__ = ["Draft", "EntryReader"]

_NAME = re.compile(NAME_PATTERN)
_UNNAMED = "unnamed"
_OWN = frozenset({"name", "kind"})
_COMMON = frozenset(plan.key for plan in plans_of(Common)) | {MATRIX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one entry, or one combination of its matrix, came to.

    ``probe`` is None if it was wrong or is for another location; ``size`` counts the nodes that were read for it.
    """

    name: str
    named_at: Place
    trail: Trail
    size: int
    probe: Probe | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReader:
    """Reads entries with the kinds, what they inherit, and the location of one configuration."""

    kinds: Mapping[str, Kind[object]]
    inheritance: Inheritance
    location: str | None
    strict: bool

    def drafts(self, node: Node, trail: Trail, scope: Scope) -> Iterator[Draft]:
        """The probes of an entry, one after the other. What is wrong is reported to ``scope``."""
        if not isinstance(node, MapNode):
            scope.error(node, trail, f"expected a mapping with name and kind, got {got(node)}")
            return
        kind = self._kind(node, trail, scope)
        known = _COMMON | (_keys(kind) if kind else {key for one in self.kinds.values() for key in _keys(one)})
        base = map_node(known_entries(node, known, trail, scope), node.place)
        name = _name(base, trail, scope)
        if kind is None:
            read_common(self._named(base, name or _UNNAMED, base.place, kind), trail, scope)
            return
        for variant in variants(base, name or _UNNAMED, known - _OWN - {MATRIX}, trail, scope):
            own = scope.own(self.inheritance.origins)
            whole = self._named(self.inheritance.complete(variant.node, kind), variant.name, variant.named_at, kind)
            probe = read_probe(whole, kind, trail, own, location=self.location, strict=self.strict)
            scope.take(own)
            if name is not None:
                yield Draft(name=variant.name, named_at=variant.named_at, trail=trail, size=whole.size, probe=probe)

    def _named(self, node: MapNode, name: str, named_at: Place, kind: Kind[object] | None) -> MapNode:
        """The entry with its full name, and with the name of the kind that it was taken for."""
        words = {"name": name, "kind": kind.name if kind else ""}
        own = {key: Entry(_word(key, named_at), _word(word, named_at)) for key, word in words.items()}
        return map_node({**node.entries, **own}, node.place)

    def _kind(self, node: MapNode, trail: Trail, scope: Scope) -> Kind[object] | None:
        """The kind of an entry; one that is probably meant is as good for finding what else is wrong."""
        entry = node.entries.get("kind") or self._mistyped_kind(node)
        if entry is None:
            scope.error(node, (*trail, "kind"), f"is required: one of {', '.join(self.kinds)}")
            return None
        value = entry.value
        if not isinstance(value, ScalarNode) or is_null(value):
            scope.error(value, (*trail, "kind"), f"expected one of {', '.join(self.kinds)}, got {got(value)}")
            return None
        if value.text not in self.kinds:
            message = unknown(f"{shown(value.text)} is not known", value.text, self.kinds)
            scope.error(value, (*trail, "kind"), message)
        return self.kinds.get(value.text) or self.kinds.get(suggestion(value.text, self.kinds) or "")

    def _mistyped_kind(self, node: MapNode) -> Entry | None:
        known = _COMMON.union(*map(_keys, self.kinds.values()))
        unknown = (key for key in node.entries if key not in known)
        return next((node.entries[key] for key in unknown if suggestion(key, known) == "kind"), None)


def _keys(kind: Kind[object]) -> frozenset[str]:
    return frozenset(plan.key for plan in plans_of(kind.settings))


def _word(text: str, place: Place) -> ScalarNode:
    return ScalarNode(text, plain=False, place=place)


def _name(node: MapNode, trail: Trail, scope: Scope) -> str | None:
    """The name of an entry; None, and reported, if it has no proper one."""
    entry = node.entries.get("name")
    if entry is None:
        scope.error(node, (*trail, "name"), "is required")
        return None
    value = entry.value
    if isinstance(value, ScalarNode) and _NAME.fullmatch(value.text):
        return value.text
    written = shown(value.text) if isinstance(value, ScalarNode) and not is_null(value) else got(value)
    scope.error(value, (*trail, "name"), f"expected small letters, digits and hyphens, at most 128, got {written}")
    return None
