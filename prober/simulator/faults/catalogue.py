"""The table of contents of the faults."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING

from prober.simulator.faults import answers, anywhere, identity, jobs, pages, status_page
from prober.simulator.faults.fault import SURFACES, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KINDS", "describe"]

KINDS: dict[str, type[Fault]] = {
    kind.name: kind
    for module in (anywhere, answers, pages, identity, jobs, status_page)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Fault) and kind is not Fault
}
"""Every fault by its name."""


def describe() -> Iterator[tuple[str, str, tuple[str, ...], dict[str, str]]]:
    """For the documentation: name, what it does, its surfaces, and its own keys with a sentence for each."""
    shared = {field.name for field in dataclasses.fields(Fault)}
    for name, kind in sorted(KINDS.items()):
        keys = {field.name: field.metadata["doc"] for field in dataclasses.fields(kind) if field.name not in shared}
        surfaces = tuple(surface for surface in SURFACES if surface in kind.surfaces)
        yield name, inspect.cleandoc(kind.__doc__ or "").splitlines()[0], surfaces, keys
