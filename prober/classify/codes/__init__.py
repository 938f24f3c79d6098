"""What the error codes of each provider mean: data, one file a family, and which files a protocol uses."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.codes.anthropic import ANTHROPIC
from prober.classify.codes.azure import AZURE
from prober.classify.codes.gemini import GEMINI
from prober.classify.codes.hosts import HOSTS
from prober.classify.codes.interactions import INTERACTIONS
from prober.classify.codes.litellm import LITELLM
from prober.classify.codes.oauth import OAUTH
from prober.classify.codes.openai import OPENAI
from prober.classify.codes.openrouter import OPENROUTER
from prober.classify.codes.servers import SERVERS
from prober.classify.codes.table import Table, merge

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["table_of"]

_GENERAL = (AZURE, OPENAI, ANTHROPIC, GEMINI, OPENROUTER, HOSTS, LITELLM, SERVERS, OAUTH, INTERACTIONS)
"""Every table: a compatible server may speak for any of them. Where two know a word, the first decides."""


def _first(*own: Table) -> Table:
    return merge((*own, *(table for table in _GENERAL if table not in own)))


_GENERAL_TABLE = _first()

_OWN: Mapping[str, Table] = MappingProxyType(
    {
        "anthropic": _first(ANTHROPIC),
        "gemini": _first(GEMINI),
        "veo": _first(GEMINI),
        "gemini-interactions": _first(INTERACTIONS, GEMINI),
        "gemini-background": _first(INTERACTIONS, GEMINI),
        "openrouter-video": _first(OPENROUTER),
    }
)
"""The protocols whose own words go before those of others."""


def table_of(protocol: str | None) -> Table:
    """The table for a protocol; the general one where the protocol has no words of its own."""
    return _OWN.get(protocol or "", _GENERAL_TABLE)
