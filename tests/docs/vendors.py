"""The tables of the providers that the catalogue knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prober.model.secret import Secret
from prober.providers import PROTOCOLS
from prober.providers.catalogue import Provider, catalogue
from prober.providers.protocol import Ask

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["provider_table"]

_KEY = "key-of-the-docs"


def _key_header(provider: Provider) -> str:
    """The header in which the key goes out, read from a request."""
    assert provider.protocol is not None
    ask = Ask(
        endpoint="https://x.example",
        model="m",
        prompt="p",
        max_tokens=1,
        stream=True,
        api_key=Secret(_KEY),
        auth_header=provider.auth_header,
    )
    headers = PROTOCOLS[provider.protocol].request(ask).headers
    return next(name for name, value in headers.items() if _KEY in value)


def _also(provider: Provider) -> str:
    """Headers and fields of the body that the catalogue adds; a field that it takes away is null."""
    headers = [f"{name}: {value}" for name, value in provider.headers.items()]
    return ", ".join([*headers, *(f"{json.dumps({name: value})}" for name, value in provider.body.items())])


def _asked(provider: Provider) -> list[str | None]:
    return [
        provider.endpoint,
        provider.protocol,
        _key_header(provider),
        provider.token_limit_field,
        provider.request_id_header,
        _also(provider),
    ]


def _told(provider: Provider) -> list[str | None]:
    elsewhere = ", ".join(f"{protocol}: {base}" for protocol, base in provider.endpoints.items())
    limits = [provider.rate_limit_headers.get(name) for name in ("requests_remaining", "tokens_remaining")]
    end = None if provider.end_marker == "required" else provider.end_marker
    return [*limits, end, provider.status_page, elsewhere]


def _table(*heads: str, rows: Iterable[tuple[str, list[str | None]]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, cells in rows:
        lines.append(" | ".join([f"| `{name}`", *(f"`{text}`" if text else "" for text in cells)]) + " |")
    return lines


def provider_table() -> str:
    """What naming a provider fills in; what is empty is yours to name, or not known of it."""
    known = catalogue().items()
    first = _table(
        *("provider", "endpoint", "protocol", "the key goes into", "`max_tokens` as", "request id", "also sent"),
        rows=((name, _asked(provider)) for name, provider in known),
    )
    second = _table(
        *("provider", "requests left", "tokens left", "end marker", "status page", "another base"),
        rows=((name, _told(provider)) for name, provider in known),
    )
    return "\n".join([*first, "", *second])
