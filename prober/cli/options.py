"""The options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prober.config import parse_duration
from prober.engine import Shard

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "config_option",
    "data_dir_option",
    "endpoint",
    "format_option",
    "listen_option",
    "location_option",
    "patience",
    "seconds",
    "shard",
    "strict_option",
]

Command = TypeVar("Command", bound="Callable[..., Any]")

_SHORTEST_PATIENCE_SECONDS = 5
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:/\s]*)):(?P<port>[0-9]{1,5})", re.ASCII)

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


def data_dir_option(text: str) -> Callable[[Command], Command]:
    """``--data-dir DIR``."""
    return click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR", help=text)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """``--format``; the first one is the default."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="How to say it."
    )


def endpoint(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``. An IPv6 address stands in brackets; an empty host means every address."""
    found = _ENDPOINT.fullmatch(value)
    if found is None or int(found["port"]) > 65535:
        raise click.BadParameter(f"{value!r} is not HOST:PORT, as 127.0.0.1:9813 or [::1]:9813")
    return found["v6"] or found["host"], int(found["port"])


def listen_option(default: str, text: str) -> Callable[[Command], Command]:
    """``--listen HOST:PORT``."""
    return click.option(
        "--listen", callback=endpoint, default=default, show_default=True, metavar="HOST:PORT", help=text
    )


def seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """The seconds of a duration such as ``30s``."""
    try:
        return None if value is None else parse_duration(value) / 1e9
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def patience(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """The seconds of a duration that is 0 or long enough to tell a hang from a busy moment."""
    given = seconds(ctx, param, value) or 0.0
    if 0 < given < _SHORTEST_PATIENCE_SECONDS:
        raise click.BadParameter(f"{value!r} is neither 0s nor at least {_SHORTEST_PATIENCE_SECONDS}s")
    return given


def shard(_ctx: click.Context, _param: click.Parameter, value: str) -> Shard:
    """The shard of ``INDEX/COUNT``."""
    try:
        return Shard.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
