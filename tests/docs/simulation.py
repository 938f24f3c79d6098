"""Tables of the simulator: faults, named errors, scenarios."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

from prober.simulator import scenario
from prober.simulator.errors import ERRORS
from prober.simulator.faults.catalogue import KINDS, describe
from prober.simulator.faults.fault import SURFACES, Fault

__all__ = ["error_names", "fault_sections", "scenario_table", "shared_keys"]

_EVERYWHERE = "every surface"


def _keys(name: str, keys: dict[str, str]) -> str:
    fields = {field.name: field for field in dataclasses.fields(KINDS[name])}
    said = []
    for key, doc in keys.items():
        default = fields[key].default
        required = default is dataclasses.MISSING and fields[key].default_factory is dataclasses.MISSING
        shown = "" if default in (None, dataclasses.MISSING) else f" (`{_plain(default)}`)"
        said.append(f"`{key}`{', required' if required else shown}: {doc}")
    return "<br>".join(said)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def fault_sections() -> str:
    """A table of the faults for each group of surfaces that they can strike."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, doc, surfaces, keys in describe():
        text = doc.replace("``", "`").replace("|", "\\|")
        groups[surfaces].append(f"| `{name}` | {text} | {_keys(name, keys)} |")
    lines = []
    for surfaces in sorted(groups, key=lambda each: (-len(each), [SURFACES.index(surface) for surface in each])):
        where = _EVERYWHERE if len(surfaces) == len(SURFACES) else ", ".join(f"`{each}`" for each in surfaces)
        lines += ["", f"**On {where}**", "", "| fault | what it does | keys |", "|---|---|---|", *groups[surfaces]]
    return "\n".join(lines)


def shared_keys() -> str:
    """The keys that every fault takes."""
    lines = ["| key | |", "|---|---|"]
    lines += [f"| `{field.name}` | {field.metadata['doc']} |" for field in dataclasses.fields(Fault)]
    return "\n".join(lines)


def error_names() -> str:
    """The names of the errors of known providers, with their status."""
    providers: dict[str, list[str]] = defaultdict(list)
    for name, error in ERRORS.items():
        provider, _, short = name.partition(".")
        providers[provider].append(f"`{short}` ({error.status})")
    lines = ["| provider | errors, by the name behind the dot |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{provider}.` | {', '.join(names)} |" for provider, names in providers.items())])


def scenario_table() -> str:
    """The scenarios with their titles, lengths and numbers of steps."""
    lines = ["| scenario | what happens | lasts | steps |", "|---|---|---|---|"]
    for name in scenario.names():
        script = scenario.load(name)
        minutes = script.duration_seconds / 60
        lasts = f"{minutes / 60:.1f} h" if minutes >= 60 else f"{minutes:.0f} min"
        lines.append(f"| `{name}` | {script.title} | {lasts} | {len(script.steps)} |")
    return "\n".join(lines)
