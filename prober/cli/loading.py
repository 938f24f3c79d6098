"""The configuration for a command, or its mistakes in words and exit status 2."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from prober.cli.output import show
from prober.config import Config, ConfigErrors, load
from prober.config.errors import unknown as unknown_text
from prober.probes import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from prober.model.probe import Probe

__all__ = ["ConfigRefused", "load_config", "named", "refused", "warn"]


class ConfigRefused(click.ClickException):
    """The configuration, or what was asked of it, is wrong: the message is all there is to say."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click leaves it to us
        """One line a mistake, on standard error."""
        show(self.format_message(), stream=sys.stderr)


def load_config(path: Path, *, location: str | None = None, strict: bool = False) -> Config:
    """The configuration in that file. Raises :class:`ConfigRefused` with every mistake."""
    try:
        return load(path, kinds=KINDS, env=os.environ, location=location, strict=strict)
    except ConfigErrors as errors:
        raise refused(errors, path) from None


def refused(errors: ConfigErrors, path: Path) -> ConfigRefused:
    """The mistakes of that file, and what to do if there is no such file."""
    return ConfigRefused(str(errors) if path.exists() else f"{errors}: name another file by -c")


def warn(config: Config) -> None:
    """Say on standard error what is allowed and probably not meant."""
    for warning in config.warnings:
        show(f"{warning} (warning)", stream=sys.stderr)


def named(config: Config, names: Sequence[str]) -> tuple[Probe, ...]:
    """The probes of these names, in the order of the configuration; all without a name."""
    known = [probe.name for probe in config.probes]
    strangers = [name for name in dict.fromkeys(names) if name not in known]
    if strangers:
        raise ConfigRefused("\n".join(unknown_text(f"no probe is named {name}", name, known) for name in strangers))
    return tuple(probe for probe in config.probes if not names or probe.name in names)
