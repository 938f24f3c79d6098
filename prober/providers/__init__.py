"""What each AI API speaks: requests, stream events, usage, end markers; one file a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from prober.providers import openai_chat
from prober.providers.protocol import ChatProtocol

__all__ = ["PROTOCOLS"]

PROTOCOLS: Mapping[str, ChatProtocol] = MappingProxyType(
    {protocol.name: protocol for protocol in (openai_chat.PROTOCOL,)}
)
"""Every chat protocol, by its name in probes.yaml."""
