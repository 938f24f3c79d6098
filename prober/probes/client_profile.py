"""Who a page is told that asks for it: a person's desktop or phone, under our own name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from prober.http.client import USER_AGENT
from prober.model.setting import SettingErrors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACCEPT_PAGE", "CLIENTS", "ClientProfile"]

ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

CLIENTS: Mapping[str, str] = MappingProxyType(
    {
        "desktop": f"Mozilla/5.0 (X11; Linux x86_64) {USER_AGENT}",
        "ios": f"Mozilla/5.0 (iPhone; CPU iPhone OS like Mac OS X) Mobile {USER_AGENT}",
        "android": f"Mozilla/5.0 (Linux; Android; Mobile) {USER_AGENT}",
    }
)
"""The User-Agent of each client profile. They name the platform, for sites that differ by it, and say who we are."""


class ClientProfile(str):
    """``desktop``, ``ios``, ``android``, or a User-Agent."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The profile. Raises SettingErrors."""
        if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
            raise SettingErrors.one("must be desktop, ios, android, or a User-Agent")
        if raw not in CLIENTS and raw.isalpha():
            raise SettingErrors.one(f"{raw!r} is neither desktop, ios, android nor a User-Agent")
        return cls(raw)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text."""
        return {"type": "string", "examples": list(CLIENTS)}

    @property
    def user_agent(self) -> str:
        """What is sent as User-Agent."""
        return CLIENTS.get(self, self)
