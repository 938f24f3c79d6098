"""The source files of prober as syntax trees, for the tests that judge their shape."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tests.conftest import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Module", "imports", "modules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file: its dotted name, its path in the checkout, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module
    is_package: bool


def _module(path: Path) -> Module:
    relative = path.relative_to(CHECKOUT)
    is_package = path.name == "__init__.py"
    parts = relative.parent.parts if is_package else relative.with_suffix("").parts
    text = path.read_text()
    return Module(name=".".join(parts), path=str(relative), text=text, tree=ast.parse(text), is_package=is_package)


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below these folders of the checkout."""
    paths = (path for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))
    return tuple(_module(path) for path in sorted(paths))


def _names(module: Module, node: ast.Import | ast.ImportFrom, known: frozenset[str]) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    base = (
        ".".join([*package[: len(package) - node.level + 1], node.module or ""]).rstrip(".")
        if node.level
        else node.module
    )
    # `from prober.model import errors` imports the module, `from prober.model.errors import X` a name of it.
    return {full if (full := f"{base}.{alias.name}") in known else str(base) for alias in node.names}


def imports(module: Module) -> set[str]:
    """The modules that a module imports anywhere: on top, inside a function, or for the type checker only."""
    known = frozenset(other.name for other in modules("prober"))
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {name for node in nodes for name in _names(module, node, known)}
