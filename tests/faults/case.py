"""One row of a fault table, and the probe that meets the fault: written as YAML, loaded as a user's file would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from prober import config
from prober.probes import KINDS

if TYPE_CHECKING:
    from prober.model.probe import Probe
    from tests.target.zoo import Zoo

__all__ = ["CANARY", "Case", "load", "row"]

CANARY = "canary-9f8e7d6c5b4a"
"""The secret of every probe here. It may be seen nowhere but at its own origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault, by its name in the zoo, and what must be said of it: ``says`` is class, detail, phase and fault.

    An empty ``says`` is a healthy run. ``settings`` are further keys of the probe, ``host`` and ``scheme`` replace
    those of the zoo's URL.
    """

    fault: str
    says: str = ""
    kind: str = "http"
    name: str = ""
    host: str = "127.0.0.1"
    scheme: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name or self.fault

    def keys(self, zoo: Zoo) -> dict[str, object]:
        """The probe's keys. Where it speaks TLS, the zoo's authority is trusted."""
        common = {"name": "case", "kind": self.kind, "provider": "zoo", "service": "fault", "timeout": "5s"}
        if self.kind == "chat":
            where: dict[str, object] = {
                "endpoint": zoo.url(self.fault, "/v1", host=self.host, scheme=self.scheme),
                "protocol": "openai-chat",
                "model": "zoo-1",
                "api_key": "${env:CANARY}",
            }
        else:
            where = {"url": zoo.url(self.fault, host=self.host, scheme=self.scheme)}
        trusted = {"tls": {"ca_file": str(zoo.folder / "ca.pem")}} if "https:" in str(where) else {}
        return {**common, **where, **trusted, **self.settings}


def row(
    fault: str,
    says: str = "",
    *,
    name: str = "",
    kind: str = "http",
    host: str = "127.0.0.1",
    scheme: str | None = None,
    **settings: Any,
) -> Case:
    """A row; further keywords are keys of the probe."""
    return Case(fault=fault, says=says, name=name, kind=kind, host=host, scheme=scheme, settings=settings)


def load(keys: Mapping[str, object], zoo: Zoo) -> tuple[Probe, tuple[str, ...]]:
    """The probe with these keys, and the secrets of its file."""
    path = zoo.folder / "probes.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "probes": [dict(keys)]}))
    loaded = config.load(path, kinds=KINDS, env={"CANARY": CANARY}, strict=True)
    return loaded.probes[0], loaded.secrets
