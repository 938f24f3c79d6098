"""The catalogue of providers: what `provider:` fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

import yaml

__all__ = ["LIMITS", "REQUEST_IDS", "Provider", "catalogue"]

REQUEST_IDS = (
    *("x-request-id", "request-id", "apim-request-id", "x-generation-id", "x-litellm-call-id"),
    *("x-amzn-requestid", "x-kong-request-id"),  # of what stands in front
)
"""Headers that may hold the id to quote to the vendor, for providers whose own is not known."""

LIMITS: Mapping[str, str] = {
    "requests_remaining": "x-ratelimit-remaining-requests",
    "requests_limit": "x-ratelimit-limit-requests",
    "tokens_remaining": "x-ratelimit-remaining-tokens",
    "tokens_limit": "x-ratelimit-limit-tokens",
}
"""Measure to header, for providers whose own are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of one provider. ``endpoint`` is the base with its version segment, None where sites differ.

    ``endpoints`` are the bases of other protocols that it speaks, by protocol, where those are at another place.
    ``end_marker`` is ``optional`` for one whose streams may end without it.
    The cost of an answer may be in a header, ``cost_header``, or in its usage, ``reports_cost``; it is in US dollars.
    """

    protocol: str | None = None
    endpoint: str | None = None
    auth_header: str | None = None
    token_limit_field: str | None = None
    api_version: str | None = None
    end_marker: str = "required"
    request_id_header: str | None = None
    rate_limit_headers: Mapping[str, str] = field(default_factory=lambda: LIMITS)
    cost_header: str | None = None
    reports_cost: bool = False
    status_page: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)

    def speaking(self, protocol: str | None) -> Provider:
        """The provider in this protocol, None for its own. Names of fields are of no use to another one."""
        if protocol in {None, self.protocol}:
            return self
        endpoint = self.endpoints.get(protocol or "", self.endpoint)
        return replace(
            self, endpoint=endpoint, token_limit_field=None, auth_header=None, api_version=None, end_marker="required"
        )


@cache
def catalogue() -> Mapping[str, Provider]:
    """The shipped providers by name."""
    text = resources.files("prober.providers").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return {name: Provider(**entry) for name, entry in yaml.safe_load(text).items()}
