"""Reads mappings whose keys are the fields of a dataclass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config.errors import Trail, suggestion, unknown
from prober.config.nodes import Entry, MapNode, Node
from prober.config.readers import Reader, Sort, got
from prober.config.scope import Nothing, Scope, said_by
from prober.config.structures import nothing_of

if TYPE_CHECKING:
    from prober.model.setting import SettingError

__all__ = ["DataclassReader", "FieldPlan", "known_entries", "read_fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """How one field of a dataclass is read. ``public`` values are no secrets; ``default`` is None if it is required."""

    name: str
    key: str
    doc: str
    reader: Reader
    required: bool
    default: object
    public: bool


def known_entries(node: MapNode, known: Iterable[str], trail: Trail, scope: Scope) -> Mapping[str, Entry]:
    """The entries with a known key. The others are reported; one that is probably a known key is read as that.

    So a mistyped key is one mistake, and not also a missing one, and what stands below it is looked at as well.
    """
    options = set(known)
    entries = {key: entry for key, entry in node.entries.items() if key in options}
    for key, entry in node.entries.items():
        if key in options:
            continue
        scope.error(entry.key, (*trail, key), unknown("unknown key", key, sorted(options)))
        meant = suggestion(key, options)
        if meant is not None and meant not in node.entries:
            entries.setdefault(meant, entry)
    return entries


def read_fields(
    make: Callable[..., object],
    plans: Iterable[FieldPlan],
    entries: Mapping[str, Entry],
    *,
    at: MapNode,
    trail: Trail,
    scope: Scope,
) -> object:
    """The dataclass made of these entries, or :class:`Nothing` after everything that is wrong has been reported.

    A field that is wrong takes its default while the others are checked against each other.
    """
    values: dict[str, object] = {}
    without: list[object] = []
    replaced: set[str] = set()
    for plan in plans:
        entry = entries.get(plan.key)
        if entry is None:
            if plan.required:
                without.append(scope.wrong(at, (*trail, plan.key), "is required"))
            continue
        value = plan.reader.read(entry.value, (*trail, entry.key.text), scope)
        if plan.public:
            scope.publish(entry.value)
        if not isinstance(value, Nothing):
            values[plan.name] = value
        elif plan.required:
            without.append(value)
        else:
            replaced.add(plan.key)
            scope.guessed |= value is Nothing.MISSING
    return nothing_of(without) or _made(make, values, replaced, at=at, trail=trail, scope=scope)


def _made(
    make: Callable[..., object],
    values: Mapping[str, object],
    replaced: set[str],
    *,
    at: MapNode,
    trail: Trail,
    scope: Scope,
) -> object:
    try:
        return make(**values)
    except ValueError as error:
        meant = (one for one in said_by(error) if not _is_of(one, replaced))
        return scope.refused(at, trail, meant)


def _is_of(error: SettingError, replaced: set[str]) -> bool:
    """Whether a mistake may come from a default that stands in for a value; one of the whole mapping may be of any."""
    return str(error.path[0]) in replaced if error.path else bool(replaced)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataclassReader:
    """Reads a mapping whose keys are the fields of a dataclass.

    ``plans`` is asked when it is needed, since types may be recursive.
    """

    make: type[object]
    plans: Callable[[], tuple[FieldPlan, ...]]
    exact: frozenset[Sort] = frozenset({Sort.MAP})
    loose: frozenset[Sort] = frozenset()
    wanted: str = "a mapping"

    def read(self, node: Node, trail: Trail, scope: Scope) -> object:
        """The object, or :class:`Nothing` after everything that is wrong has been reported."""
        plans = self.plans()
        if not isinstance(node, MapNode):
            keys = ", ".join(plan.key for plan in plans)
            return scope.wrong(node, trail, f"expected a mapping of {keys}, got {got(node)}")
        entries = known_entries(node, (plan.key for plan in plans), trail, scope)
        return read_fields(self.make, plans, entries, at=node, trail=trail, scope=scope)
