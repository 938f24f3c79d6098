"""Cookies as a browser keeps them, for one run (RFC 6265bis)."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yarl import URL

__all__ = ["Cookie", "Jar"]

_MAX_BYTES = 4096  # name and value of one cookie, RFC 6265bis 5.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie. ``host_only`` ones go to exactly ``domain``; ``expires`` is Unix time, None for the session's end."""

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    host_only: bool
    expires: float | None


class Jar:
    """The cookies of one run, keyed by domain, path and name.

    ``Secure`` cookies go to https and to loopback, as browsers do it. More than ``limit`` cookies push out the oldest.
    """

    __slots__ = ("_cookies", "_limit")

    def __init__(self, *, limit: int = 1_000) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}
        self._limit = limit

    def __len__(self) -> int:
        return len(self._cookies)

    def emptied(self) -> Jar:
        """Another one without cookies."""
        return Jar(limit=self._limit)

    def update(self, url: URL, lines: Iterable[str], *, now: float) -> None:
        """Take in the Set-Cookie lines of an answer from ``url``; ``now`` is Unix time."""
        for line in lines:
            cookie = _parsed(url, line, now=now)
            if cookie is None:
                continue
            key = (cookie.domain, cookie.path, cookie.name)
            if cookie.expires is not None and cookie.expires <= now:
                self._cookies.pop(key, None)
                continue
            self._cookies[key] = cookie
            if len(self._cookies) > self._limit:
                del self._cookies[next(iter(self._cookies))]

    def for_url(self, url: URL, *, now: float) -> dict[str, str]:
        """Name to value of what is sent to ``url``; of equal names the one with the longest path counts."""
        found: dict[str, str] = {}
        for cookie in self._sent(url, now=now):
            found.setdefault(cookie.name, cookie.value)
        return found

    def header(self, url: URL, *, now: float) -> str | None:
        """The Cookie header for ``url``, longest path first, or None."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._sent(url, now=now)) or None

    def _sent(self, url: URL, *, now: float) -> list[Cookie]:
        if not self._cookies:
            return []
        host = (url.raw_host or "").lower()
        path = url.raw_path or "/"
        secure = url.scheme == "https" or _is_loopback(host)
        sent = [cookie for cookie in self._cookies.values() if _goes_to(cookie, host, path, secure=secure, now=now)]
        return sorted(sent, key=lambda cookie: -len(cookie.path))


def _goes_to(cookie: Cookie, host: str, path: str, *, secure: bool, now: float) -> bool:
    if cookie.secure and not secure:
        return False
    if cookie.expires is not None and cookie.expires <= now:
        return False
    if host != cookie.domain and (cookie.host_only or not host.endswith("." + cookie.domain)):
        return False
    return path == cookie.path or path.startswith(cookie.path if cookie.path.endswith("/") else cookie.path + "/")


def _parsed(url: URL, line: str, *, now: float) -> Cookie | None:
    pair, *rest = line.split(";")
    name, equals, value = (part.strip(" \t") for part in pair.partition("="))
    if not equals or not name or len(name) + len(value) > _MAX_BYTES or _has_control(name + value):
        return None
    attributes = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
    host = (url.raw_host or "").lower()
    domain = attributes.get("domain", "").lstrip(".").lower()
    if domain and not _may_set(host, domain):
        return None
    secure = "secure" in attributes
    if not _prefix_holds(name, secure=secure, host_only=not domain, path=attributes.get("path")):
        return None
    path = attributes.get("path", "")
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=path if path.startswith("/") else _default_path(url),
        secure=secure,
        host_only=not domain or (domain == host and _is_address(host)),
        expires=_expires(attributes, now=now),
    )


def _expires(attributes: dict[str, str], *, now: float) -> float | None:
    """Unix time; Max-Age counts before Expires. 1970 is a time like any other, and past."""
    age = attributes.get("max-age")
    if age is not None and age.lstrip("-").isdigit():
        return now + max(min(int(age[:12]), 400 * 86_400), -1)
    try:
        return parsedate_to_datetime(attributes["expires"].replace("-", " ")).timestamp()
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None


def _may_set(host: str, domain: str) -> bool:
    return host == domain or (host.endswith("." + domain) and "." in domain and not _is_address(host))


def _prefix_holds(name: str, *, secure: bool, host_only: bool, path: str | None) -> bool:
    if name.startswith("__Host-"):
        return secure and host_only and path == "/"
    return secure if name.startswith("__Secure-") else True


def _default_path(url: URL) -> str:
    return url.raw_path.rpartition("/")[0] or "/"


def _has_control(text: str) -> bool:
    return any(char < " " or char == "\x7f" for char in text if char != "\t")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ip_address(host.strip("[]")).is_loopback
