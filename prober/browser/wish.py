"""What is asked of the browser for one load of a page."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One load. ``headers`` go to ``origin`` alone; ``user_agent`` None is the browser's own, with our name behind it.

    ``trust`` knows authorities that the browser need not know. ``ready`` is a CSS selector that must come to be seen,
    ``settle_ns`` how long the page is watched after that.
    """

    url: str
    origin: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str | None = None
    is_mobile: bool = False
    is_insecure: bool = False
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    ready: str | None = None
    settle_ns: int = 500_000_000
    most_bytes: int = 10 << 20
