"""The command ``prober`` and its subcommands."""

from __future__ import annotations

import click

from prober import __version__
from prober.cli.check import check
from prober.cli.demo import demo
from prober.cli.listing import listing
from prober.cli.run import run
from prober.cli.schema import schema
from prober.cli.simulate import simulate
from prober.cli.validate import validate

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="prober")
def main() -> None:
    """Know whether an AI service works as a person uses it: sign in, load, ask, read back."""


for _command in (run, check, validate, listing, demo, simulate, schema):
    main.add_command(_command)
