"""The command ``prober``: which subcommands there are, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from prober import __version__
from prober.cli.hangup import hangup_held_back

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "main"]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "run": "run",
        "check": "check",
        "record": "record",
        "validate": "validate",
        "list": "listing",
        "demo": "demo",
        "simulate": "simulate",
        "schema": "schema",
    }
)
"""Every subcommand and the module, and function, that it is in."""


class _Commands(click.Group):
    """Imports a subcommand late: ``prober check`` has no use for a simulator, and a person waits for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, what matters most first."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant to be executed."""
        if args[:1] == ["run"]:  # it reloads on SIGHUP, which may come while we import
            ctx.with_resource(hangup_held_back())
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        name = COMMANDS.get(cmd_name)
        if name is None:
            return None
        command = getattr(import_module(f"prober.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="prober")
def main() -> None:
    """Know whether an AI service works as a person uses it: sign in, load, ask, read back."""
