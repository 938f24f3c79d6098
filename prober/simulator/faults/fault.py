"""What every fault has: the surfaces it can strike and the visits it is limited to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar

from prober.simulator.faults.keys import key, number, one_of, one_or_more_of, text

__all__ = ["ALL", "CLIENTS", "SURFACES", "Fault", "Visit", "client_of"]

SURFACES = (
    "web",
    "login",
    "session",
    "history",
    "chat",
    "models",
    "embeddings",
    "moderation",
    "images",
    "video",
    "status_page",
    "signup",
    "oidc",
)
"""Every part of a company that can fail on its own."""

ALL = frozenset(SURFACES)
CLIENTS = ("desktop", "ios", "android")

_IOS = re.compile(r"\b(iphone|ipad|ios)\b", re.IGNORECASE)
_ANDROID = re.compile(r"\bandroid\b", re.IGNORECASE)


def client_of(user_agent: str) -> str:
    """The client profile that a User-Agent belongs to; whatever is no phone is a desktop."""
    if _IOS.search(user_agent):
        return "ios"
    return "android" if _ANDROID.search(user_agent) else "desktop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a request is, as far as a fault may be limited to it. ``path`` is without the provider's prefix."""

    method: str
    path: str
    client: str
    tier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault and the visits it strikes. Its ``name`` is the value of the key ``fault`` in a document."""

    name: ClassVar[str]
    surfaces: ClassVar[frozenset[str]] = ALL

    probability: float = key(number(0, 1), "The share of matching requests that it strikes.", default=1.0)
    client: tuple[str, ...] | None = key(
        one_or_more_of(*CLIENTS), "Only these client profiles, told by their User-Agent.", default=None
    )
    account: str | None = key(
        one_of("paid", "free"),
        "Only requests of paying, or of free accounts; nobody's requests are neither.",
        default=None,
    )
    method: str | None = key(
        one_of("GET", "POST", "DELETE"), "Only requests of this method: GET is the page, POST the submit.", default=None
    )
    path: str | None = key(
        text, "Only paths that match this pattern, such as /assets/*; without the provider's prefix.", default=None
    )

    def strikes(self, visit: Visit) -> bool:
        """Whether the visit is one of those the fault is limited to."""
        return (
            (self.client is None or visit.client in self.client)
            and (self.account is None or visit.tier == self.account)
            and (self.method is None or visit.method == self.method)
            and (self.path is None or fnmatchcase(visit.path, self.path))
        )
