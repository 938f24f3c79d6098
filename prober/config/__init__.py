"""From probes.yaml to frozen, validated objects; every mistake at once as file:line:column."""

from prober.config.document import Config, TcpTarget
from prober.config.dump import dump, dump_items
from prober.config.errors import ConfigError, ConfigErrors
from prober.config.glances import Glances, Watched
from prober.config.load import load
from prober.config.scalars import format_duration, parse_duration
from prober.config.schema import json_schema
from prober.config.sources import Sources

__all__ = [
    "Config",
    "ConfigError",
    "ConfigErrors",
    "Glances",
    "Sources",
    "TcpTarget",
    "Watched",
    "dump",
    "dump_items",
    "format_duration",
    "json_schema",
    "load",
    "parse_duration",
]
