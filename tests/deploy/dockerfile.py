"""A Dockerfile as its stages and their instructions: enough of it to ask what is copied where, and who runs what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Stage", "stages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage: its name, what it is made from, and its instructions as (word, rest)."""

    name: str
    base: str
    instructions: tuple[tuple[str, str], ...]

    def all(self, word: str) -> list[str]:
        """What stands behind each instruction of this word."""
        return [rest for each, rest in self.instructions if each == word]


def stages(path: Path) -> dict[str, Stage]:
    """The stages by name, in their order; arguments in front of the first are put in."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    instructions = [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined)]
    first = next(index for index, (word, _) in enumerate(instructions) if word == "FROM")
    arguments = dict(rest.split("=", 1) for word, rest in instructions[:first] if word == "ARG")
    found: dict[str, Stage] = {}
    for word, rest in instructions[first:]:
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            base = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], base)
            found[name] = Stage(name=name, base=base, instructions=())
        else:
            stage = found.popitem()[1]
            found[stage.name] = Stage(
                name=stage.name, base=stage.base, instructions=(*stage.instructions, (word, rest))
            )
    return found
