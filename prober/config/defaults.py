"""The settings under ``defaults``, and how a probe inherits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.config.decode import plans_of
from prober.config.errors import unknown
from prober.config.fields import DataclassReader
from prober.config.nodes import Entry, MapNode, Node, map_node, walk
from prober.config.structures import MappingReader, UnionReader
from prober.model.probe import Common, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.config.fields import FieldPlan
    from prober.config.readers import Reader
    from prober.config.scope import Scope

__all__ = ["Defaults", "inheritable"]

_SLOW = "slow"


def inheritable(kind: Kind[object]) -> Mapping[str, FieldPlan]:
    """The keys that a probe of this kind takes from ``defaults``: all that it may leave out."""
    plans = (*plans_of(Common), *plans_of(kind.settings))
    return {plan.key: plan for plan in plans if not plan.required}


class Defaults:
    """What stands under ``defaults``, validated once."""

    def __init__(self, node: MapNode | None, kinds: Iterable[Kind[object]], scope: Scope) -> None:
        self._entries: Mapping[str, Entry] = node.entries if node is not None else {}
        self._by_kind: dict[str, Mapping[str, Entry]] = {}
        self._merging: dict[str, frozenset[str]] = {}
        self.nodes: frozenset[Node] = frozenset(walk(node)) if node is not None else frozenset()
        self._check(list(kinds), scope)

    def _check(self, kinds: list[Kind[object]], scope: Scope) -> None:
        readers: dict[str, list[Reader]] = {}
        required = {plan.key for kind in kinds for plan in plans_of(kind.settings) if plan.required}
        for plan in (plan for kind in kinds for plan in inheritable(kind).values()):
            readers.setdefault(plan.key, []).append(plan.reader)
        for key, entry in self._entries.items():
            trail = ("defaults", key)
            if key in readers:
                _check_value(readers[key], entry, scope)
            elif key in required or key in {"name", "kind", "matrix"}:
                scope.error(entry.key, trail, "belongs to each probe itself")
            else:
                scope.error(entry.key, trail, unknown("unknown key", key, sorted(readers)))
        self._check_slow(kinds, scope)

    def _check_slow(self, kinds: list[Kind[object]], scope: Scope) -> None:
        known = {"total", *(key for kind in kinds for key in kind.slow)}
        entry = self._entries.get(_SLOW)
        if entry is not None and isinstance(entry.value, MapNode):
            for key, one in entry.value.entries.items():
                if key not in known:
                    message = unknown("unknown key", key, sorted(known))
                    scope.error(one.key, ("defaults", _SLOW, key), message)

    def complete(self, node: MapNode, kind: Kind[object]) -> MapNode:
        """The entry of a probe with what it inherits. Mappings are joined key by key; the probe's own word counts."""
        if not self._entries:
            return node
        entries = dict(node.entries)
        for key, entry in self._of(kind).items():
            own = entries.get(key)
            if own is None:
                entries[key] = entry
            elif key in self._merging[kind.name]:
                entries[key] = Entry(own.key, _joined(entry.value, own.value))
        return map_node(entries, node.place)

    def _of(self, kind: Kind[object]) -> Mapping[str, Entry]:
        """What a kind inherits: keys that it has."""
        if kind.name not in self._by_kind:
            plans = inheritable(kind)
            chosen = {key: entry for key, entry in self._entries.items() if key in plans}
            if _SLOW in chosen:
                chosen[_SLOW] = _only(chosen[_SLOW], {"total", *kind.slow})
            self._by_kind[kind.name] = chosen
            self._merging[kind.name] = frozenset(key for key, plan in plans.items() if _is_mapping(plan.reader))
        return self._by_kind[kind.name]


def _check_value(readers: list[Reader], entry: Entry, scope: Scope) -> None:
    """Report what is wrong with a value if no kind can take it. Missing references concern the probes, not us."""
    trials: list[Scope] = []
    for reader in {id(reader): reader for reader in readers}.values():
        trial = scope.trial()
        reader.read(entry.value, ("defaults", entry.key.text), trial)
        if not trial.errors:
            return
        trials.append(trial)
    scope.errors += trials[0].errors


def _only(entry: Entry, keys: set[str]) -> Entry:
    if not isinstance(entry.value, MapNode):
        return entry
    kept = {key: one for key, one in entry.value.entries.items() if key in keys}
    return Entry(entry.key, map_node(kept, entry.value.place))


def _is_mapping(reader: Reader) -> bool:
    if isinstance(reader, UnionReader):
        return any(map(_is_mapping, reader.members))
    return isinstance(reader, MappingReader | DataclassReader)


def _joined(default: Node, own: Node) -> Node:
    if isinstance(default, MapNode) and isinstance(own, MapNode):
        return map_node({**default.entries, **own.entries}, own.place)
    return own
