"""The files of a configuration: the main one, and those that it includes."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from prober.config.decode import plans_of, reader_of
from prober.config.document import Document, Part
from prober.config.errors import ConfigError, Trail, shown
from prober.config.fields import known_entries, read_fields
from prober.config.nodes import ListNode, MapNode, Node, follow, map_node
from prober.config.parse import parse
from prober.config.readers import got

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.config.scope import Scope

__all__ = ["included_probes", "read_file", "read_top"]

T = TypeVar("T")

_MAIN_ONLY = {plan.key for plan in plans_of(Document)} - {plan.key for plan in plans_of(Part)}


def read_file(path: Path, scope: Scope) -> MapNode | None:
    """The mapping at the top of a file; None, and reported, if there is none."""
    content = scope.sources.document(path)
    if content.data is None:
        message = f"the file cannot be read: {content.reason}"
        scope.errors.append(ConfigError(file=str(path), line=1, column=1, path="", message=message))
        return None
    root = parse(content.data, str(path), scope.errors.append)
    if root is None or isinstance(root, MapNode):
        return root
    scope.error(root, (), f"expected a mapping that begins with `version: 1`, got {got(root)}")
    return None


def read_top(make: type[T], root: MapNode, scope: Scope) -> T:
    """The top level of a file. Keys that are wrong are reported and as if they were not there."""
    plans = plans_of(make)
    entries = known_entries(root, (plan.key for plan in plans), (), scope)
    made = read_fields(make, plans, entries, at=root, trail=(), scope=scope)
    assert isinstance(made, make)  # all its fields have defaults
    return made


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One entry of ``include``, and where it stands."""

    text: str
    node: Node
    trail: Trail


def included_probes(root: MapNode, path: Path, scope: Scope) -> Iterator[tuple[Trail, Node]]:
    """The entries of all included files with their trails. Each file is read once, in the order of the names."""
    seen = {_identity(path)}
    for pattern in _patterns(root, scope):
        for file in _matches(pattern, path, scope):
            if _identity(file) == _identity(path):
                scope.error(pattern.node, pattern.trail, f"{shown(pattern.text)} includes this file itself")
            elif _identity(file) not in seen:
                seen.add(_identity(file))
                yield from _part(file, scope)


def _identity(path: Path) -> Path:
    return path.resolve()


def _patterns(root: MapNode, scope: Scope) -> Iterator[_Pattern]:
    """The patterns that are texts; what is wrong with the others was reported when the top was read."""
    include, _ = follow(root, ("include",))
    for index, node in enumerate(include.items if isinstance(include, ListNode) else ()):
        trail, trial = ("include", index), scope.trial()
        text = reader_of(str).read(node, trail, trial)
        if isinstance(text, str) and not trial.missing:
            yield _Pattern(text, node, trail)


def _matches(pattern: _Pattern, path: Path, scope: Scope) -> list[Path]:
    if not pattern.text.isprintable() or not pattern.text:
        scope.error(pattern.node, pattern.trail, f"{shown(pattern.text)} is not a path")
        return []
    names = scope.sources.names(pattern.text, path.parent)
    files = [file for file in (path.parent / name for name in names) if not file.is_dir()]
    if not files and not glob.has_magic(pattern.text):
        folder = f"is a folder: name the files in it, as {pattern.text.rstrip('/')[:40]}/*.yaml"
        said = folder if names else "does not exist"
        scope.error(pattern.node, pattern.trail, f"the file {shown(pattern.text)} {said}")
    return files


def _part(file: Path, scope: Scope) -> Iterator[tuple[Trail, Node]]:
    root = read_file(file, scope)
    if root is None:
        return
    own = {key: entry for key, entry in root.entries.items() if key not in _MAIN_ONLY}
    for key, entry in root.entries.items():
        if key in _MAIN_ONLY:
            scope.error(entry.key, (key,), "an included file holds only probes: move this to the main file")
    for index, node in enumerate(read_top(Part, map_node(own, root.place), scope).probes):
        yield ("probes", index), node
