"""A unit of systemd with its drop-ins, read as systemd does: what is said twice adds up, and an empty value clears."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Service", "service", "system_calls"]

Service = dict[str, list[str]]
"""The values of each key of the section [Service], in their order."""


def service(*files: Path) -> Service:
    """The section [Service] of a unit and its drop-ins."""
    found: Service = {}
    for file in files:
        section = ""
        for line in file.read_text().splitlines():
            if line.startswith("["):
                section = line
            elif section == "[Service]" and line and not line.startswith("#"):
                key, _, value = line.partition("=")
                found[key] = [*found.get(key, []), value] if value else []
    return found


def system_calls(unit: Mapping[str, Sequence[str]]) -> set[str]:
    """The system calls that ``SystemCallFilter`` leaves."""
    left: set[str] = set(_expanded("@default"))
    for value in unit["SystemCallFilter"]:
        named = {call for word in value.removeprefix("~").split() for call in _expanded(word)}
        left = left - named if value.startswith("~") else left | named
    return left


@cache
def _expanded(word: str) -> frozenset[str]:
    """The system calls of a set such as ``@network-io``, as systemd itself lists them."""
    if not word.startswith("@"):
        return frozenset({word})
    done = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in done.stdout.splitlines()[1:]]
    return frozenset(call for line in lines if line and not line.startswith("#") for call in _expanded(line))
