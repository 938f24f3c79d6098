"""The catalogue of providers: what `provider:` fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

__all__ = ["RATE_LIMITS", "REQUEST_IDS", "Provider", "catalogue"]

REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-generation-id", "x-litellm-call-id", "cf-ray")
"""Headers that may hold the id to quote to the vendor, for providers whose own is not known."""

RATE_LIMITS: Mapping[str, str] = {
    "requests_remaining": "x-ratelimit-remaining-requests",
    "requests_limit": "x-ratelimit-limit-requests",
    "tokens_remaining": "x-ratelimit-remaining-tokens",
    "tokens_limit": "x-ratelimit-limit-tokens",
}
"""Measure to header, for providers whose own are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of one provider. ``endpoint`` is the base with its version segment, None where sites differ."""

    protocol: str = "openai-chat"
    endpoint: str | None = None
    auth_header: str | None = None
    token_limit_field: str | None = None
    request_id: str | None = None
    rate_limits: Mapping[str, str] = field(default_factory=lambda: RATE_LIMITS)
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def catalogue() -> Mapping[str, Provider]:
    """The shipped providers by name."""
    text = resources.files("prober.providers").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return {name: Provider(**entry) for name, entry in yaml.safe_load(text).items()}
