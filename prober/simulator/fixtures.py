"""The acceptance cases as data: in which protocols each exists, and the fault document that brings it about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

__all__ = ["CHAT", "Fixture", "load", "named"]

CHAT = (
    "openai-chat",
    "openai-responses",
    "azure-openai",
    "anthropic",
    "gemini",
    "gemini-interactions",
    "ollama",
)
"""The chat protocols that the simulator speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One way to fail. ``stream`` is None where it exists in streams and in whole answers."""

    number: int
    name: str
    protocols: tuple[str, ...]
    stream: bool | None
    faults: Mapping[str, object]


@cache
def load() -> tuple[Fixture, ...]:
    """All cases, in the order of their numbers."""
    raw = yaml.safe_load(files(__package__).joinpath("fixtures.yaml").read_text("utf-8"))
    return tuple(
        Fixture(
            number=each["number"],
            name=each["name"],
            protocols=tuple(each.get("protocols", CHAT)),
            stream=each.get("stream"),
            faults=each["faults"],
        )
        for each in raw
    )


def named(name: str) -> Fixture:
    """The case of that name."""
    return next(fixture for fixture in load() if fixture.name == name)
