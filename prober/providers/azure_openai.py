"""Chat Completions as Azure serves them: by deployment with a dated version, or by the v1 API without."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from yarl import URL

from prober.providers.openai_chat import chat_request, read_event, read_whole
from prober.providers.protocol import Ask, ChatProtocol, key_header

if TYPE_CHECKING:
    from prober.http.message import Request

__all__ = ["PROTOCOL"]


def _request(ask: Ask) -> Request:
    """The endpoint is the resource, as ``https://NAME.openai.azure.com``; the model is the deployment."""
    resource = ask.endpoint.rstrip("/").removesuffix("/v1").removesuffix("/openai")
    path = "/openai/v1/chat/completions"
    if ask.api_version is not None:
        path = f"/openai/deployments/{quote(ask.model, safe='')}/chat/completions"
        path += f"?api-version={quote(ask.api_version, safe='')}"
    url = URL(resource + path, encoded=True)
    return chat_request(ask, url, key_header(ask, "api-key"), limit_field="max_completion_tokens")


PROTOCOL = ChatProtocol(name="azure-openai", request=_request, event=read_event, whole=read_whole, versioned=True)
