"""The table of contents of the kinds: one line a kind."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from prober.probes import chat, http, login, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.probe import Kind

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
