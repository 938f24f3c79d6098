"""What each AI API speaks: requests, stream events, usage, end markers; one file a protocol."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.providers import (
    anthropic,
    azure_openai,
    gemini,
    gemini_interactions,
    ollama,
    openai_chat,
    openai_responses,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.providers.protocol import ChatProtocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: Mapping[str, ChatProtocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            openai_chat.PROTOCOL,
            openai_responses.PROTOCOL,
            azure_openai.PROTOCOL,
            anthropic.PROTOCOL,
            gemini.PROTOCOL,
            gemini_interactions.PROTOCOL,
            ollama.PROTOCOL,
        )
    }
)
"""Every chat protocol, by its name in probes.yaml."""
