"""The table of the providers that the catalogue knows."""

from __future__ import annotations

from prober.providers.catalogue import Provider, catalogue

__all__ = ["provider_table"]


def _row(name: str, provider: Provider) -> str:
    endpoint = f"`{provider.endpoint}`" if provider.endpoint else "yours to name"
    limit = f"`{provider.token_limit_field}`" if provider.token_limit_field else ""
    headers = ", ".join(f"`{header}: {value}`" for header, value in provider.headers.items())
    request_id = f"`{provider.request_id}`" if provider.request_id else "whichever is there"
    return f"| `{name}` | {endpoint} | `{provider.protocol}` | {limit} | {request_id} | {headers} |"


def provider_table() -> str:
    """What naming a provider fills in."""
    lines = ["| provider | endpoint | protocol | `max_tokens` as | request id | also sent |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(name, provider) for name, provider in catalogue().items())])
