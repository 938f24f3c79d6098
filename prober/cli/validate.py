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

_MOST_REASONS = 5


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
    reasons = list(dict.fromkeys(probe.disabled for probe in config.probes if probe.disabled is not None))
    if not reasons:
        return text
    disabled = sum(probe.disabled is not None for probe in config.probes)
    more = f"; and {len(reasons) - _MOST_REASONS} more reasons" if len(reasons) > _MOST_REASONS else ""
    return f"{text}, {disabled} disabled ({'; '.join(reasons[:_MOST_REASONS])}{more})"
