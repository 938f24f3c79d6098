"""Loads texts as probes.yaml, with the small kinds, for the tests of the loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober import config
from tests.config.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prober.config import Config
    from prober.model.probe import Probe

__all__ = ["HEAD", "Folder"]

HEAD = "version: 1\n"


class Folder:
    """A folder with a probes.yaml, the variables of an environment, and a place where the prober stands."""

    def __init__(
        self, path: Path, *, env: Mapping[str, str] | None = None, location: str | None = None, strict: bool = False
    ) -> None:
        self.path = path
        self.env = dict(env or {})
        self.location = location
        self.strict = strict

    def write(self, text: str, name: str = "probes.yaml") -> Path:
        """Write a file; other names than probes.yaml are for includes and secrets."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def load(self, text: str) -> Config:
        """The configuration of a text."""
        return self.load_file(self.write(text))

    def load_file(self, file: Path) -> Config:
        """The configuration in a file."""
        return config.load(file, kinds=KINDS, env=self.env, location=self.location, strict=self.strict)

    def probes(self, *entries: str) -> tuple[Probe, ...]:
        """The probes of these entries, each in flow style without the outer braces."""
        listed = "".join(f"  - {{{entry}}}\n" for entry in entries)
        return self.load(f"{HEAD}probes:\n{listed}").probes

    def probe(self, entry: str) -> Probe:
        """The one probe of this entry."""
        (probe,) = self.probes(entry)
        return probe

    def errors(self, text: str) -> list[str]:
        """What is wrong with a text, each mistake with its file relative to the folder."""
        return self.errors_of(self.write(text))

    def errors_of(self, file: Path) -> list[str]:
        """What is wrong with a file."""
        with pytest.raises(config.ConfigErrors) as caught:
            self.load_file(file)
        lines = str(caught.value).splitlines()
        assert len(lines) == len(caught.value.errors)
        return [line.replace(f"{self.path}/", "") for line in lines]

    def errors_in(self, entry: str) -> list[str]:
        """What is wrong with one entry, without the place."""
        lines = self.errors(f"{HEAD}probes:\n  - {{{entry}}}\n")
        return [line.split(": ", 1)[1] for line in lines]
