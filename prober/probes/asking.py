"""What a chat probe asks in one run: its settings with a fresh nonce in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.template import fill
from prober.providers.protocol import Ask

if TYPE_CHECKING:
    from prober.probes.chat_settings import ChatProbe

__all__ = ["asked"]


def asked(settings: ChatProbe, nonce: str) -> Ask:
    """The question with this nonce, once the settings are complete."""
    assert settings.endpoint is not None
    return Ask(
        endpoint=settings.endpoint,
        model=settings.model,
        prompt=fill(settings.prompt, lambda _name: nonce),
        max_tokens=settings.max_tokens,
        stream=settings.stream,
        api_key=settings.api_key,
        auth_header=settings.auth_header,
        api_version=settings.api_version,
        token_limit_field=settings.token_limit_field,
        body={key: _filled(value, nonce) for key, value in settings.body.items()},
    )


def _filled(value: object, nonce: str) -> object:
    """A value of the body with the nonce in every text that asks for it."""
    match value:
        case str():
            return fill(value, lambda _name: nonce)
        case list():
            return [_filled(item, nonce) for item in value]
        case dict():
            return {key: _filled(item, nonce) for key, item in value.items()}
    return value
