"""The table of the providers that the catalogue knows."""

from __future__ import annotations

from prober.providers.catalogue import Provider, catalogue

__all__ = ["provider_table"]


def _row(name: str, provider: Provider) -> str:
    code = [
        provider.endpoint,
        provider.protocol,
        provider.token_limit_field,
        provider.request_id_header,
        ", ".join(f"{header}: {value}" for header, value in provider.headers.items()),
    ]
    return " | ".join([f"| `{name}`", *(f"`{text}`" if text else "" for text in code)]) + " |"


def provider_table() -> str:
    """What naming a provider fills in; what is empty is yours to name, or the protocol's own."""
    lines = [
        "| provider | endpoint | protocol | `max_tokens` as | request id | also sent |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_row(name, provider) for name, provider in catalogue().items())])
