"""The settings under ``defaults`` and under ``providers``, and how a probe inherits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.config.decode import plans_of
from prober.config.errors import unknown
from prober.config.fields import DataclassReader
from prober.config.inner import PROVIDER, completed_below, plans_by_key
from prober.config.nodes import Entry, MapNode, Node, ScalarNode, map_node, walk
from prober.config.structures import MappingReader, UnionReader
from prober.model.probe import Common, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.config.document import Document
    from prober.config.errors import Trail
    from prober.config.fields import FieldPlan
    from prober.config.inner import Plans
    from prober.config.readers import Reader
    from prober.config.scope import Scope

__all__ = ["Defaults", "Inheritance", "inheritable"]

_SLOW = "slow"


def inheritable(kind: Kind[object]) -> Mapping[str, FieldPlan]:
    """The keys that a probe of this kind takes from ``defaults``: all that it may leave out."""
    plans = (*plans_of(Common), *plans_of(kind.settings))
    return {plan.key: plan for plan in plans if not plan.required}


class Inheritance:
    """All that probes inherit: what stands under the name of their provider, and below that the defaults."""

    def __init__(self, document: Document, kinds: Iterable[Kind[object]], scope: Scope) -> None:
        known = list(kinds)
        self._defaults = Defaults(document.defaults, known, scope, trail=("defaults",))
        self._providers = {
            name: Defaults(node, known, scope, trail=("providers", name), refused=frozenset({PROVIDER}))
            for name, node in document.providers.items()
        }
        self.origins: Mapping[Node, Trail] = dict(
            pair for one in (*self._providers.values(), self._defaults) for pair in one.origins.items()
        )

    def complete(self, node: MapNode, kind: Kind[object]) -> MapNode:
        """The entry of a probe with all that it inherits."""
        entry = node.entries.get(PROVIDER) or self._defaults.entry(PROVIDER)
        node = completed_below(
            node, plans_by_key(plans_of(kind.settings)), lambda inner, plans: self._asking(inner, plans, entry)
        )
        provider = self._provider(entry)
        return self._defaults.complete(node if provider is None else provider.complete(node, kind), kind)

    def _provider(self, entry: Entry | None) -> Defaults | None:
        """What stands under the name of a provider."""
        if entry is None or not isinstance(entry.value, ScalarNode):
            return None
        return self._providers.get(entry.value.text)

    def _asking(self, inner: MapNode, plans: Plans, outer: Entry | None) -> MapNode:
        """A mapping inside of a probe that asks a provider: the one it names, else the probe's."""
        entry = inner.entries.get(PROVIDER, outer)
        if entry is None:
            return inner
        whole = map_node({**inner.entries, PROVIDER: entry}, inner.place)
        provider = self._provider(entry)
        return whole if provider is None else provider.complete_inner(whole, plans)


class Defaults:
    """What stands in one place for many probes, validated once. ``refused`` are keys that cannot stand there."""

    def __init__(
        self,
        node: MapNode | None,
        kinds: Iterable[Kind[object]],
        scope: Scope,
        *,
        trail: Trail,
        refused: frozenset[str] = frozenset(),
    ) -> None:
        self._trail = trail
        self._refused = refused | {"name", "kind", "matrix"}
        self._entries: Mapping[str, Entry] = node.entries if node is not None else {}
        self._by_kind: dict[str, Mapping[str, Entry]] = {}
        self._merging: dict[str, frozenset[str]] = {}
        self.origins: Mapping[Node, Trail] = dict.fromkeys(walk(node), trail) if node is not None else {}
        self._check(list(kinds), scope)

    def entry(self, key: str) -> Entry | None:
        """What stands under a key."""
        return self._entries.get(key)

    def _check(self, kinds: list[Kind[object]], scope: Scope) -> None:
        readers: dict[str, list[Reader]] = {}
        required = {plan.key for kind in kinds for plan in plans_of(kind.settings) if plan.required}
        for plan in (plan for kind in kinds for plan in inheritable(kind).values()):
            readers.setdefault(plan.key, []).append(plan.reader)
        for key, entry in self._entries.items():
            trail = (*self._trail, key)
            if key in readers and key not in self._refused:
                _check_value(readers[key], entry, scope, trail)
            elif key in required or key in self._refused:
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
                    scope.error(one.key, (*self._trail, _SLOW, key), message)

    def complete(self, node: MapNode, kind: Kind[object]) -> MapNode:
        """The entry of a probe with what it inherits. Mappings are joined key by key; the probe's own word counts."""
        if not self._entries:
            return node
        return _completed(node, self._of(kind), self._merging[kind.name])

    def complete_inner(self, node: MapNode, plans: Plans) -> MapNode:
        """A mapping inside of a probe with what it inherits, by the same rules."""
        given = {key: entry for key, entry in self._entries.items() if key in plans and not plans[key].required}
        return _completed(node, given, frozenset(key for key in given if _is_mapping(plans[key].reader)))

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


def _completed(node: MapNode, given: Mapping[str, Entry], merging: frozenset[str]) -> MapNode:
    """The mapping with these entries; its own word counts, and mappings that are ``merging`` are joined key by key."""
    entries = dict(node.entries)
    for key, entry in given.items():
        own = entries.get(key)
        if own is None:
            entries[key] = entry
        elif key in merging:
            entries[key] = Entry(own.key, _joined(entry.value, own.value))
    return map_node(entries, node.place)


def _check_value(readers: list[Reader], entry: Entry, scope: Scope, trail: Trail) -> None:
    """Report what is wrong with a value if no kind can take it. Missing references concern the probes, not us."""
    trials: list[Scope] = []
    for reader in {id(reader): reader for reader in readers}.values():
        trial = scope.trial()
        reader.read(entry.value, trail, trial)
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
