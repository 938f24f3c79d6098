"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prober.engine import Shard

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "config_option",
    "endpoint",
    "format_option",
    "listen_option",
    "location_option",
    "shard",
    "strict_option",
]

Command = TypeVar("Command", bound="Callable[..., Any]")

config_option = click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("probes.yaml"),
    show_default=True,
    help="The configuration.",
)
location_option = click.option("--location", metavar="NAME", help="Where this prober stands: the label of all series.")
strict_option = click.option("--strict", is_flag=True, help="A probe whose secret is missing is a mistake.")


def format_option(*formats: str) -> Callable[[Command], Command]:
    """``--format``; the first one is the default."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="How to say it."
    )


def endpoint(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. An IPv6 address stands in brackets; an empty host means every address."""
    host, colon, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or (":" in host) != bracketed:
        raise click.BadParameter(f"{value!r} is not HOST:PORT, as 127.0.0.1:9813 or [::1]:9813")
    return host.strip("[]"), int(port)


def listen_option(default: str, text: str) -> Callable[[Command], Command]:
    """``--listen HOST:PORT``."""
    return click.option(
        "--listen", callback=endpoint, default=default, show_default=True, metavar="HOST:PORT", help=text
    )


def shard(_ctx: click.Context, _param: click.Parameter, value: str) -> Shard:
    """The shard of ``INDEX/COUNT``."""
    try:
        return Shard.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
