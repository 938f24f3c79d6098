"""Mappings inside of a probe that ask a provider themselves, as the step ``chat`` of a journey does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from prober.config.fields import DataclassReader, FieldPlan
from prober.config.nodes import Entry, ListNode, MapNode, Node, list_node, map_node
from prober.config.structures import ListReader, UnionReader

if TYPE_CHECKING:
    from prober.config.readers import Reader

__all__ = ["PROVIDER", "Complete", "Plans", "completed_below", "plans_by_key"]

PROVIDER = "provider"

Plans = Mapping[str, FieldPlan]
Complete = Callable[[MapNode, Plans], MapNode]
"""What becomes of a mapping that may name a provider; the plans are those of its keys."""


def plans_by_key(plans: tuple[FieldPlan, ...]) -> Plans:
    """The plans by the keys that they read."""
    return {plan.key: plan for plan in plans}


def completed_below(node: MapNode, plans: Plans, complete: Complete) -> MapNode:
    """The mapping with what is below its keys completed."""
    entries = {
        key: Entry(entry.key, below)
        for key, entry in node.entries.items()
        if key in plans and (below := _completed(entry.value, plans[key].reader, complete)) is not entry.value
    }
    return map_node({**node.entries, **entries}, node.place) if entries else node


def _completed(node: Node, reader: Reader, complete: Complete) -> Node:
    """The node with every such mapping in it completed; the same node if there is none."""
    if isinstance(reader, UnionReader):
        for member in reader.members:
            node = _completed(node, member, complete)
    elif isinstance(reader, ListReader) and isinstance(node, ListNode):
        items = tuple(_completed(item, reader.item, complete) for item in node.items)
        if any(new is not old for new, old in zip(items, node.items, strict=True)):
            return list_node(items, node.place)
    elif isinstance(reader, DataclassReader) and isinstance(node, MapNode):
        plans = plans_by_key(reader.plans())
        node = completed_below(node, plans, complete)
        return complete(node, plans) if PROVIDER in plans else node
    return node
