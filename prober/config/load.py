"""Loads probes.yaml: all of it valid, or every mistake at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from prober.config.defaults import Inheritance
from prober.config.document import Config, Document
from prober.config.entry import Draft, EntryReader
from prober.config.errors import ConfigError, ConfigErrors
from prober.config.files import included_probes, read_file, read_top
from prober.config.nodes import ScalarNode, follow
from prober.config.readers import is_null
from prober.config.references import Resolver
from prober.config.rules import label_value_mistake
from prober.config.scope import Scope, Values, mistake
from prober.config.written import written_secrets
from prober.model.secret import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from prober.config.errors import Trail
    from prober.config.nodes import MapNode, Node, Place
    from prober.config.sources import Sources
    from prober.model.probe import Kind, Probe
    from prober.model.spending import WholeBudget

__all__ = ["MAX_PROBES", "load"]

MAX_PROBES = 20_000
_MAX_NODES = 2_000_000


def load(
    path: Path,
    *,
    kinds: Mapping[str, Kind[object]],
    env: Mapping[str, str],
    location: str | None = None,
    strict: bool = False,
    sources: Sources | None = None,
) -> Config:
    """The configuration in a file and the files it includes. Raises :class:`ConfigErrors` with every mistake.

    ``location`` stands in for the file's own. A probe whose secrets are missing is disabled; with ``strict`` that is
    a mistake. Probes for other locations are left out; where the location is not known they are disabled. What is
    read goes through ``sources``, which remembers it.
    """
    values = Values()
    scope = Scope(Resolver(env, sources), values)
    root = read_file(path, scope)
    config = _config(root, path, values, scope, kinds=kinds, location=location, strict=strict) if root else None
    hide = Redactor(values.everything())
    if config is None or scope.errors:
        raise ConfigErrors(_in_order(scope.errors, path, hide))
    return dataclasses.replace(config, warnings=_in_order(scope.warnings, path, hide))


def _config(
    root: MapNode,
    path: Path,
    values: Values,
    scope: Scope,
    *,
    kinds: Mapping[str, Kind[object]],
    location: str | None,
    strict: bool,
) -> Config:
    document = read_top(Document, root, scope)
    place = _location(document, root, scope, location)
    inheritance = Inheritance(document, kinds.values(), scope)
    _check_top(document, root, scope)
    reader = EntryReader(kinds=kinds, inheritance=inheritance, location=place, strict=strict)
    probes = tuple(_probes(reader, _entries(document, root, path, scope), scope))
    if not probes:
        scope.warn(root, ("probes",), "there is nothing to probe")
    return Config(
        probes=probes,
        location=place,
        connectivity=tuple(one.tcp for one in document.connectivity),
        secrets=(*values.secrets(), *written_secrets(probes)),
        warnings=(),
        path=path,
        budget=_budget(document, probes, root, scope),
    )


def _location(document: Document, root: MapNode, scope: Scope, override: str | None) -> str | None:
    """Where this prober stands. What the file says is not looked up if it does not count."""
    node, given = follow(root, ("location",))
    if override is not None:
        scope.missing.pop(node, None)
    place = document.location if override is None else override
    if place is not None and (given or override is not None):
        message = "is empty" if not place else label_value_mistake(place)
        if message and node not in scope.missing:
            scope.error(node, ("location",), message)
    return place


def _budget(document: Document, probes: Sequence[Probe], root: MapNode, scope: Scope) -> WholeBudget | None:
    """The budget of all: in the currency of all costs where it names none; costs that it does not hold are told of."""
    budget = document.budget
    if budget is None or budget.cost_per_day is None:
        return budget
    spent = sorted({each.spending.currency for each in probes if each.spending and each.spending.currency})
    node, given = follow(root, ("budget", "currency"))
    if len(spent) == 1 and not given:
        return dataclasses.replace(budget, currency=spent[0])
    if others := [currency for currency in spent if currency != budget.currency]:
        scope.warn(node, ("budget", "currency"), f"it is {budget.currency}: costs in {', '.join(others)} do not count")
    return budget


def _check_top(document: Document, root: MapNode, scope: Scope) -> None:
    """Report what no default can stand in for: the version, and references outside of probes."""
    version, given = follow(root, ("version",))
    if document.version is None and not (given and isinstance(version, ScalarNode) and not is_null(version)):
        scope.error(version, ("version",), "is required: write `version: 1`")
    for node, (trail, reasons) in scope.missing.items():
        scope.error(node, trail, ", ".join(reasons))


def _entries(document: Document, root: MapNode, path: Path, scope: Scope) -> Iterator[tuple[Trail, Node]]:
    for index, node in enumerate(document.probes):
        yield ("probes", index), node
    yield from included_probes(root, path, scope)


def _probes(reader: EntryReader, entries: Iterable[tuple[Trail, Node]], scope: Scope) -> Iterator[Probe]:
    """The probes of all entries, within bounds, each name once."""
    taken: dict[str, Place] = {}
    size = 0
    for draft in (draft for trail, node in entries for draft in reader.drafts(node, trail, scope)):
        size += draft.size
        if len(taken) >= MAX_PROBES or size > _MAX_NODES:
            message = f"too much: {MAX_PROBES:,} probes with {_MAX_NODES:,} values are the most"
            scope.errors.append(mistake(draft.named_at, draft.trail, message))
            return
        _claim(draft, taken, scope)
        if draft.probe is not None:
            yield draft.probe


def _claim(draft: Draft, taken: dict[str, Place], scope: Scope) -> None:
    if draft.name in taken:
        message = f"the name {draft.name} is taken by {taken[draft.name]}: names are unique across all files"
        scope.errors.append(mistake(draft.named_at, (*draft.trail, "name"), message))
    taken.setdefault(draft.name, draft.named_at)


def _in_order(errors: Iterable[ConfigError], path: Path, hide: Redactor) -> tuple[ConfigError, ...]:
    """The errors by file and line, without secrets, each once: what many probes inherit is wrong in one place."""
    once: dict[tuple[str, int, int, str], ConfigError] = {}
    files = {str(path): 0}
    for error in errors:
        files.setdefault(error.file, len(files))
        once.setdefault((error.file, error.line, error.column, error.message), error)
    ordered = sorted(once.values(), key=lambda error: (files[error.file], error.line, error.column))
    return tuple(dataclasses.replace(error, message=hide(error.message)) for error in ordered)
