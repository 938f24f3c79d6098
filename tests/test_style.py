"""What a tool can see of the style guide: first lines, lengths, names, public lists, broad excepts, tasks."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.source import Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LINES = 250
FUNCTION_LINES = 50
NO_NOUN = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "shared", "tools"}
MAY_CATCH_ALL = "prober/engine/execute.py"

MODULES = modules("prober", "grafana")
EVERY = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
EVERYWHERE = pytest.mark.parametrize(
    "module", modules("prober", "grafana", "tests", "bench"), ids=lambda module: module.path
)


@EVERYWHERE
def test_a_module_begins_with_one_sentence(module: Module) -> None:
    """The first line says the module's one job, so it is one sentence."""
    if module.is_package and not module.text:
        return  # a folder of tests
    first = (ast.get_docstring(module.tree) or "").partition("\n")[0]
    assert re.fullmatch(r"\S.*[^.][.?]", first), f"{module.path}: {first!r}"
    assert not re.search(r"[.?!] [A-Z]", first), f"{module.path}: more than one sentence: {first!r}"


@EVERY
def test_a_file_is_short(module: Module) -> None:
    """What does not fit in 250 lines is two things."""
    assert module.text.count("\n") <= FILE_LINES


@EVERY
def test_a_function_is_short(module: Module) -> None:
    """What does not fit on a screen is not seen whole."""
    functions = (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


@EVERY
def test_a_module_is_named_by_a_noun_of_the_field(module: Module) -> None:
    """If it has no noun, it has no home yet."""
    assert not NO_NOUN & set(module.name.split("."))


def _is_type_variable(value: ast.expr | None) -> bool:
    return (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in {"TypeVar", "ParamSpec"}
    )


def _defined(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign() if not _is_type_variable(node.value):
                yield from (target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _public(module: Module) -> list[str]:
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


def _bound(module: Module) -> set[str]:
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return set(_defined(module)) | {alias.asname or alias.name for node in nodes for alias in node.names}


@EVERY
def test_all_lists_what_is_public(module: Module) -> None:
    """A name without an underscore is in ``__all__``, and what is in ``__all__`` exists."""
    public = {name for name in _defined(module) if not name.startswith("_")}
    assert public - set(_public(module)) == set()
    assert set(_public(module)) - _bound(module) == set()


def _catches_all(handler: ast.ExceptHandler) -> bool:
    """Whether anything at all ends here; what cleans up and raises again catches nothing."""
    raises_again = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    broad = {None, "Exception", "BaseException"} & {one and ast.unparse(one) for one in caught}
    return bool(broad) and not raises_again


@EVERY
def test_one_place_catches_everything(module: Module) -> None:
    """One broad ``except`` in the package turns whatever happens into a Result; another would hide a bug."""
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if _catches_all(handler)] == [] or module.path == MAY_CATCH_ALL


@EVERY
def test_every_task_belongs_to_a_group(module: Module) -> None:
    """A task of nobody's outlives its owner, and its exception is never retrieved."""
    calls = {ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    loose = re.compile(r"(asyncio|.*loop(\(\))?)\.(create_task|ensure_future)|asyncio\.gather")
    assert {call for call in calls if loose.fullmatch(call)} == set()


@EVERYWHERE
def test_an_ignored_type_error_has_a_reason(module: Module) -> None:
    """``type: ignore`` names its code, and says why the checker is wrong."""
    pattern = re.compile(r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s+#\s*\S)")
    lines = enumerate(module.text.splitlines(), 1)
    assert [number for number, line in lines if pattern.search(line) and "re.compile" not in line] == []
