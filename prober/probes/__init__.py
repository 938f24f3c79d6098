"""The table of contents of the kinds: one line a kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from prober.model.probe import Kind
from prober.probes import chat, http, login, page

__all__ = ["KINDS"]

KINDS: Mapping[str, Kind[Any]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            http.KIND,
            page.KIND,
            login.KIND,
            login.JOURNEY,
            chat.KIND,
        )
    }
)
"""Every kind of probe, by its name in probes.yaml."""
