"""``prober schema``: what an editor needs to help with probes.yaml."""

from __future__ import annotations

import json

import click

from prober.cli.output import show
from prober.config import json_schema
from prober.probes import KINDS

__all__ = ["schema"]


@click.command()
def schema() -> None:
    """Print the JSON Schema of probes.yaml."""
    show(json.dumps(json_schema(KINDS), indent=2))
