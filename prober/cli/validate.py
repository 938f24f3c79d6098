"""``prober validate``: whether the configuration is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from prober.cli.loading import load_config, warn
from prober.cli.options import config_option, location_option, strict_option
from prober.cli.output import show

if TYPE_CHECKING:
    from pathlib import Path

    from prober.config import Config

__all__ = ["validate"]

_MOST_NAMED = 10


@click.command()
@config_option
@location_option
@strict_option
def validate(config_path: Path, location: str | None, strict: bool) -> None:
    """Say every mistake of the configuration with its line and column. Exit status 2 if there is one."""
    config = load_config(config_path, location=location, strict=strict)
    warn(config)
    show(_summary(config))


def _summary(config: Config) -> str:
    count = len(config.probes)
    text = f"{config.path}: {count} probe{'' if count == 1 else 's'}"
    disabled = [f"  {probe.name}: {probe.disabled}" for probe in config.probes if probe.disabled is not None]
    if not disabled:
        return text
    more = [f"  and {len(disabled) - _MOST_NAMED} more"] if len(disabled) > _MOST_NAMED else []
    return "\n".join([f"{text}, {len(disabled)} disabled", *disabled[:_MOST_NAMED], *more])
