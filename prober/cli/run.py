"""``prober run``: run probes by the clock and serve what comes of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober import app
from prober.cli.loading import ConfigRefused, refused
from prober.cli.options import (
    config_option,
    data_dir_option,
    listen_option,
    location_option,
    patience,
    shard,
    strict_option,
)
from prober.config import ConfigErrors

if TYPE_CHECKING:
    from prober.engine import Shard

__all__ = ["run"]


@click.command()
@config_option
@listen_option("127.0.0.1:9813", "Where to serve the status page and /metrics.")
@click.option(
    "--shard",
    "part",
    callback=shard,
    default="0/1",
    show_default=True,
    metavar="INDEX/COUNT",
    help="Run the probes of this shard only; several instances share a configuration.",
)
@location_option
@click.option("--watch", is_flag=True, help="Load the configuration again when a file of it has changed.")
@click.option(
    "--web-config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TLS, client certificates and passwords of the web interface.",
)
@click.option(
    "--hang-timeout",
    "hang_seconds",
    callback=patience,
    default="30s",
    show_default=True,
    metavar="DURATION",
    help="End with status 70 if the event loop has hung this long; 0s is never.",
)
@data_dir_option("Where incidents, screenshots, tokens, what was spent and refused passwords survive a restart.")
@strict_option
@click.pass_context
def run(
    ctx: click.Context,
    *,
    config_path: Path,
    listen: tuple[str, int],
    part: Shard,
    location: str | None,
    data_dir: Path | None,
    strict: bool,
    watch: bool,
    web_config: Path | None,
    hang_seconds: float,
) -> None:
    """Run probes by the clock. SIGTERM ends it, SIGHUP loads the configuration again."""
    host, port = listen
    options = app.Options(
        config=config_path,
        host=host,
        port=port,
        location=location,
        shard=part,
        data_dir=data_dir,
        strict=strict,
        watch=watch,
        web_config=web_config,
        hang_seconds=hang_seconds,
    )
    try:
        ctx.exit(app.run(options))
    except ConfigErrors as errors:
        raise refused(errors, config_path) from None
    except app.StartError as error:
        raise ConfigRefused(str(error)) from None
