"""A fault document: from JSON or YAML values to faults, with every mistake at once."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prober.simulator.faults.catalogue import KINDS
from prober.simulator.faults.fault import SURFACES, Fault
from prober.simulator.faults.keys import BadValue

__all__ = ["FaultError", "FaultErrors", "parse"]


@dataclass(frozen=True, slots=True)
class FaultError:
    """One mistake and where in the document it is, such as ``chat[0].after``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class FaultErrors(ValueError):
    """All mistakes of a document."""

    def __init__(self, errors: Iterable[FaultError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(map(str, self.errors)))


def parse(document: object, providers: Sequence[str]) -> dict[str, tuple[Fault, ...]]:
    """The faults by their target: ``chat`` (of the first provider) or ``magpie/chat``. Raises :class:`FaultErrors`."""
    if not isinstance(document, Mapping):
        raise FaultErrors([FaultError("", f"must be an object of surfaces, not {_type(document)}")])
    errors: list[FaultError] = []
    faults: dict[str, tuple[Fault, ...]] = {}
    places: dict[tuple[str, str], str] = {}
    for target, value in document.items():
        if not isinstance(target, str):
            errors.append(FaultError(str(target), "must be the name of a surface"))
            continue
        provider, _, surface = target.rpartition("/")
        other = places.setdefault((provider or providers[0], surface), target)
        if other != target:
            errors.append(FaultError(target, f"names the same surface as {other!r}"))
        faults[target] = _target(target, value, providers, errors)
    if errors:
        raise FaultErrors(errors)
    return faults


def _target(target: str, value: object, providers: Sequence[str], errors: list[FaultError]) -> tuple[Fault, ...]:
    provider, slash, surface = target.rpartition("/")
    if slash and provider not in providers:
        errors.append(FaultError(target, f"unknown provider {provider!r}{_hint(provider, providers)}"))
    if surface not in SURFACES:
        errors.append(FaultError(target, f"unknown surface {surface!r}{_hint(surface, SURFACES)}"))
    if not isinstance(value, list):
        errors.append(FaultError(target, f"must be a list of faults, not {_type(value)}"))
        return ()
    parsed = (_fault(f"{target}[{index}]", surface, raw, errors) for index, raw in enumerate(value))
    return tuple(fault for fault in parsed if fault is not None)


def _fault(path: str, surface: str, raw: object, errors: list[FaultError]) -> Fault | None:
    if not isinstance(raw, Mapping):
        errors.append(FaultError(path, f"must be an object with the key 'fault', not {_type(raw)}"))
        return None
    name = raw.get("fault")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        what = "needs the key 'fault'" if "fault" not in raw else f"unknown fault {name!r}{_hint(str(name), KINDS)}"
        errors.append(FaultError(path, what))
        return None
    if surface in SURFACES and surface not in kind.surfaces:
        on = ", ".join(each for each in SURFACES if each in kind.surfaces)
        errors.append(FaultError(path, f"{name} does not exist on {surface}, only on: {on}"))
    values = _values(path, kind, raw, errors)
    return None if values is None else kind(**values)


def _values(
    path: str, kind: type[Fault], raw: Mapping[object, object], errors: list[FaultError]
) -> dict[str, Any] | None:
    """The checked keys; None, and errors said, if one of them is wrong."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    found: list[FaultError] = []
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name == "fault":
            continue
        if name not in fields:
            found.append(FaultError(f"{path}.{name}", f"{kind.name} has no such key{_hint(str(name), fields)}"))
            continue
        try:
            values[str(name)] = fields[str(name)].metadata["check"](value)
        except BadValue as error:
            found.append(FaultError(f"{path}.{name}", str(error)))
    found += [
        FaultError(f"{path}.{field.name}", "is required")
        for field in fields.values()
        if field.name not in raw and field.default is field.default_factory is dataclasses.MISSING
    ]
    errors += found
    return None if found else values


def _hint(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"


def _type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
