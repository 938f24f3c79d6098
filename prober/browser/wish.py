"""What a tab is to be: who it says it is, what it sends, whom it trusts."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the tab is and sends. ``headers`` go to ``origin`` alone.

    ``user_agent`` None is the browser's own, with our name behind it; ``trust`` knows authorities that the browser need
    not know.
    """

    origin: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str | None = None
    is_mobile: bool = False
    is_insecure: bool = False
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    most_bytes: int = 10 << 20
