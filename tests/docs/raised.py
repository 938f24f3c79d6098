"""With which details the code raises each error class: read from its source, where both stand together."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from prober.model.details import DETAILS
from prober.model.errors import ErrorClass
from tests.source import Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["details_of"]

_Pairs = set[tuple[ErrorClass, str]]


@cache
def details_of() -> Mapping[ErrorClass, frozenset[str]]:
    """The details of each class."""
    found: dict[ErrorClass, set[str]] = defaultdict(set)
    ours = [module for module in modules("prober") if not module.name.startswith("prober.simulator")]
    makers = {(module.name, name): of for module in ours for name, of in _makers(module).items()}
    for module in ours:
        for error_class, detail in _pairs(module) | _made(module, makers):
            found[error_class].add(detail)
    return {each: frozenset(found[each]) for each in ErrorClass}


def _pairs(module: Module) -> _Pairs:
    """Those of calls that name both, and those of functions that choose the detail."""
    pairs: _Pairs = set()
    for function, call, error_class in _raised(module):
        pairs |= {(error_class, detail) for detail in _details(_values(call))}
        if isinstance(function, ast.FunctionDef):
            pairs |= {(error_class, detail) for detail in _chosen(function, call)}
    return pairs


def _makers(module: Module) -> dict[str, ErrorClass]:
    """The functions that are handed the detail, with the class that they add to it."""
    return {
        function.name: error_class
        for function, call, error_class in _raised(module)
        if isinstance(function, ast.FunctionDef) and _is_handed_on(function, call)
    }


def _made(module: Module, makers: Mapping[tuple[str, str], ErrorClass]) -> _Pairs:
    """Those of calls of such functions, of the module's own and of those that it imports."""
    known = {name: of for (where, name), of in makers.items() if where == module.name}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            imported = ((each.asname or each.name, makers.get((node.module or "", each.name))) for each in node.names)
            known |= {name: of for name, of in imported if of is not None}
    return {
        (known[call.func.id], detail)
        for call in _calls(module.tree)
        if isinstance(call.func, ast.Name) and call.func.id in known
        for detail in _details(_values(call))
    }


def _raised(module: Module) -> Iterator[tuple[ast.AST, ast.Call, ErrorClass]]:
    """Every call that names a class, with each function around it and with the module."""
    for function in [module.tree, *(node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef))]:
        for call in _calls(function):
            for error_class in _classes(call):
                yield function, call, error_class


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Call))


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _classes(call: ast.Call) -> list[ErrorClass]:
    named = (value for value in _values(call) if isinstance(value, ast.Attribute))
    return [
        ErrorClass[each.attr] for each in named if isinstance(each.value, ast.Name) and each.value.id == "ErrorClass"
    ]


def _details(values: list[ast.expr]) -> set[str]:
    """The details among these, also those between which an expression chooses."""
    choices = [value for value in values if isinstance(value, ast.IfExp)]
    values = [*values, *(branch for choice in choices for branch in (choice.body, choice.orelse))]
    return {str(value.value) for value in values if isinstance(value, ast.Constant) and value.value in DETAILS}


def _names(call: ast.Call) -> set[str]:
    return {value.id for value in _values(call) if isinstance(value, ast.Name)}


def _chosen(function: ast.FunctionDef, call: ast.Call) -> set[str]:
    """The details that a variable gets in the function, if the call is given that variable."""
    assigned = (node for node in ast.walk(function) if isinstance(node, ast.Assign))
    names = _names(call)
    return {
        detail
        for node in assigned
        if any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
        for detail in _details([node.value])
    }


def _is_handed_on(function: ast.FunctionDef, call: ast.Call) -> bool:
    arguments = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}
    return "detail" in arguments & _names(call)
