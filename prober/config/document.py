"""The top of probes.yaml, and what a loaded configuration is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from prober.config.errors import ConfigError
from prober.config.nodes import MapNode, Node
from prober.model.probe import Probe
from prober.model.setting import SettingErrors, setting
from prober.model.spending import WholeBudget

__all__ = ["Config", "Connectivity", "Document", "Part", "TcpTarget"]

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|(?P<host>[^\s\[\]:/]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class TcpTarget:
    """A TCP port; written ``host:port``, an IPv6 address in brackets."""

    host: str
    port: int

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The target of ``host:port``. Raises SettingErrors."""
        found = _HOST_PORT.fullmatch(raw) if isinstance(raw, str) else None
        if found is None:
            raise SettingErrors.one("expected host:port, an IPv6 address in brackets, as [2001:db8::1]:443")
        port = int(found["port"])
        if not 1 <= port <= 65535:
            raise SettingErrors.one(f"the port {port} is not between 1 and 65535")
        return cls(found["v6"] or found["host"], port)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text that ends in a port."""
        return {"type": "string", "pattern": r":[0-9]{1,5}$|\$\{"}

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connectivity:
    """One thing that is reachable as long as our own network is up."""

    tcp: TcpTarget = setting("host:port that accepts a TCP connection.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The keys of the main file. Its probes and defaults are read later, one by one."""

    version: Literal[1] | None = setting("Version of the format: 1.", default=None)
    location: str | None = setting("Label `location` of all series: where this prober stands.", default=None)
    include: tuple[str, ...] = setting("Further files with probes, as probes.d/*.yaml, relative to this.", default=())
    defaults: MapNode | None = setting("Settings for all probes that do not give their own.", default=None)
    providers: Mapping[str, MapNode] = setting("Settings for all probes of a provider, by its name.", factory=dict)
    connectivity: tuple[Connectivity, ...] = setting("What is reachable while our own network is up.", default=())
    budget: WholeBudget | None = setting("What all probes together may spend in a day.", default=None)
    probes: tuple[Node, ...] = setting("What is probed.", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The keys of an included file."""

    version: Literal[1] | None = setting("Version of the format: 1.", default=None)
    probes: tuple[Node, ...] = setting("What is probed.", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration, validated and complete. ``secrets`` are the values that no output may show."""

    probes: tuple[Probe, ...]
    location: str | None
    connectivity: tuple[TcpTarget, ...]
    secrets: tuple[str, ...] = field(repr=False)
    warnings: tuple[ConfigError, ...]
    path: Path
    budget: WholeBudget | None = None
