"""The help of every command, as click writes it."""

from __future__ import annotations

import click

from prober.cli import main

__all__ = ["command_help", "commands"]

_COLUMNS = 100


def commands() -> dict[str, click.Command]:
    """Every command by its name; the name of the whole program is empty."""
    context = click.Context(main)
    found: dict[str, click.Command] = {"": main}
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        found[name] = command
    return found


def command_help(name: str) -> str:
    """What ``prober NAME --help`` prints, as a block."""
    parent = click.Context(main, info_name="prober", terminal_width=_COLUMNS, help_option_names=["-h", "--help"])
    command = commands()[name]
    context = parent if command is main else click.Context(command, parent=parent, info_name=name)
    return f"```\n{command.get_help(context)}\n```"
