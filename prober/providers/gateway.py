"""What gateways say in headers of an answer: which model gave it, and whether it is fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["perhaps_replayed", "replayed", "served_model"]


def served_model(told: str | None, headers: Mapping[str, str]) -> str | None:
    """The model that answered: the one that the answer tells, unless LiteLLM's headers know better.

    Where it fell back to another model, not every format's body tells; and some formats name no model at all.
    """
    group = headers.get("x-litellm-model-group", "").strip() or None
    return (group or told) if told is None or _fell_back(headers) else told


def replayed(headers: Mapping[str, str]) -> bool:
    """Whether a response cache says that the answer is an old one."""
    return headers.get("X-OpenRouter-Cache-Status", "").strip().lower() == "hit"


def perhaps_replayed(headers: Mapping[str, str]) -> bool:
    """Whether the answer has a place in a response cache: LiteLLM names it for those that come from there."""
    return bool(headers.get("x-litellm-cache-key", "").strip())


def _fell_back(headers: Mapping[str, str]) -> bool:
    count = headers.get("x-litellm-attempted-fallbacks", "").strip()
    return count.isascii() and count.isdigit() and int(count[:9]) > 0
