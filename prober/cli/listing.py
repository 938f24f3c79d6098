"""``prober list``: what would run, and what would not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from prober.cli.bars import Ink, ink_for
from prober.cli.loading import load_config, warn
from prober.cli.options import config_option, format_option, location_option, strict_option
from prober.cli.output import columns, show
from prober.config import format_duration
from prober.web.wording import amount

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from prober.model.probe import Probe

__all__ = ["listing", "table"]

_DAY_NS = 86_400 * 10**9
_HEADINGS = ("name", "kind", "provider/service", "every", "timeout", "runs/day", "target", "state")
_NUMBERS = {3, 4, 5}
_MAY_SHRINK = (6, 0, 2)
_SHRUNK = 12
_GAP = "  "


@click.command("list")
@config_option
@location_option
@strict_option
@format_option("text", "json")
def listing(config_path: Path, location: str | None, strict: bool, form: str) -> None:
    """Say what would run, how often, and what is disabled and why."""
    config = load_config(config_path, location=location, strict=strict)
    warn(config)
    if form == "json":
        show(json.dumps({"version": 1, "probes": [_document(probe) for probe in config.probes]}, indent=2))
        return
    for line in table(config.probes, ink=ink_for(sys.stdout.encoding), columns=columns()):
        show(line)


def table(probes: Sequence[Probe], *, ink: Ink, columns: int) -> list[str]:
    """A line a probe under a line of headings; long targets give way, the state never does."""
    rows = [_HEADINGS, *(_row(probe) for probe in probes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    excess = sum(widths) + len(_GAP) * len(widths) + len("disabled") - columns
    for column in _MAY_SHRINK:
        less = max(0, min(excess, widths[column] - _SHRUNK))
        widths[column] -= less
        excess -= less
    lines = [_line(row, widths, ink) for row in rows]
    return [
        click.style(lines[0], bold=True),
        *(
            click.style(line, dim=probe.disabled is not None or None)
            for line, probe in zip(lines[1:], probes, strict=True)
        ),
    ]


def _line(row: Sequence[str], widths: Sequence[int], ink: Ink) -> str:
    cells = [ink.shortened(cell, width) for cell, width in zip(row, widths, strict=False)]
    padded = [
        cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return _GAP.join([*padded, row[-1]]).rstrip()


def _row(probe: Probe) -> tuple[str, ...]:
    return (
        probe.name,
        probe.kind.name,
        "/".join(part for part in (probe.provider, probe.service) if part not in {"", probe.name}),
        format_duration(probe.interval_ns),
        format_duration(probe.timeout_ns),
        amount(_DAY_NS // probe.interval_ns) if probe.disabled is None else "0",
        " ".join(probe.info[key] for key in ("model", "target") if probe.info.get(key)),
        "enabled" if probe.disabled is None else f"disabled: {probe.disabled}",
    )


def _document(probe: Probe) -> dict[str, object]:
    return {
        "name": probe.name,
        "kind": probe.kind.name,
        "provider": probe.provider,
        "service": probe.service,
        "interval_seconds": probe.interval_ns / 1e9,
        "timeout_seconds": probe.timeout_ns / 1e9,
        "retry_interval_seconds": probe.retry_interval_ns / 1e9,
        "runs_per_day": _DAY_NS / probe.interval_ns if probe.disabled is None else 0,
        "labels": dict(probe.labels),
        "info": dict(probe.info),
        "steps": list(probe.steps),
        "disabled": probe.disabled,
    }
