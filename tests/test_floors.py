"""Imports go down only: each package of prober stands on a floor, and sees what lies below."""

from __future__ import annotations

import graphlib
import sys

import pytest

from tests.source import Module, imports, modules

FLOORS = {
    "model": 0,
    "config": 1,
    "http": 1,
    "classify": 1,
    "browser": 2,
    "providers": 2,
    "probes": 3,
    "engine": 4,
    "sinks": 4,
    "web": 5,
    "app": 6,
    "cli": 7,
    "__main__": 8,
}
"""The floors of the design, section 2. Packages of one floor do not see each other."""

ALONE = {"simulator": {"model"}}
"""A fake service that shares no code with what judges it."""

MAY_START_THE_SIMULATOR = {"app", "cli"}

MODULES = modules("prober")


def _part(name: str) -> str:
    """The package of prober that a module is in; empty for ``prober`` itself."""
    return ([*name.split("."), ""])[1]


def _may_see(part: str, other: str) -> bool:
    if other in {part, ""}:
        return True
    if part in ALONE:
        return other in ALONE[part]
    if other in ALONE:
        return part in MAY_START_THE_SIMULATOR
    return FLOORS[other] < FLOORS[part]


def _ours(module: Module) -> list[str]:
    return sorted(name for name in imports(module) if name.partition(".")[0] == "prober")


def test_every_package_has_a_floor() -> None:
    """A new folder must say where it stands."""
    assert {_part(module.name) for module in MODULES} - {""} <= FLOORS.keys() | ALONE.keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_imports_go_down_only(module: Module) -> None:
    """No module sees its own floor's other packages or a floor above, not even for the type checker."""
    part = _part(module.name)
    assert [name for name in _ours(module) if not (part and _may_see(part, _part(name)))] == []


@pytest.mark.parametrize("module", [m for m in MODULES if _part(m.name) == "model"], ids=lambda module: module.name)
def test_the_model_stands_on_the_standard_library_alone(module: Module) -> None:
    """The bottom floor can be read, and tested, without knowing any library."""
    outside = {name.partition(".")[0] for name in imports(module)} - sys.stdlib_module_names - {"prober"}
    assert outside == set()


def test_no_import_goes_in_a_circle() -> None:
    """A cycle, also one that only the type checker sees, makes two modules one."""
    graph = {module.name: set(_ours(module)) - {module.name} for module in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


def test_only_probers_own_modules_import_each_other() -> None:
    """Nothing of the tests or the benchmarks is needed at run time."""
    tops = {name.partition(".")[0] for module in MODULES for name in imports(module)}
    assert tops & {"tests", "bench", "pytest", "hypothesis"} == set()
