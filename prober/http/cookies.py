"""Cookies as a browser keeps them, for one run (RFC 6265bis)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from prober.http.cookie_date import cookie_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yarl import URL

__all__ = ["Cookie", "Jar"]

_MAX_BYTES = 4096  # name and value of one cookie, RFC 6265bis 5.6
_LONGEST = 400 * 86_400  # seconds, RFC 6265bis 5.5
_AGE = re.compile(r"-?[0-9]+", re.ASCII)


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
            if cookie is None or self._is_guarded(cookie, url):
                continue
            key = (cookie.domain, cookie.path, cookie.name)
            if cookie.expires is not None and cookie.expires <= now:
                self._cookies.pop(key, None)
                continue
            self._cookies[key] = cookie
            if len(self._cookies) > self._limit:
                self._make_room(now)

    def _make_room(self, now: float) -> None:
        """Drop what is past its end, else the oldest."""
        past = [key for key, cookie in self._cookies.items() if cookie.expires is not None and cookie.expires <= now]
        for key in past or [next(iter(self._cookies))]:
            del self._cookies[key]

    def _is_guarded(self, cookie: Cookie, url: URL) -> bool:
        """Whether plain http would put a cookie in the place of a secure one (RFC 6265bis, 5.7, step 16)."""
        if cookie.secure or _is_secure(url):
            return False
        return any(
            old.secure and old.name == cookie.name and _covers(old, cookie) and _path_matches(cookie.path, old.path)
            for old in self._cookies.values()
        )

    def for_url(self, url: URL, *, now: float) -> dict[str, str]:
        """Name to value of what is sent to ``url``; of equal names the one with the longest path counts."""
        found: dict[str, str] = {}
        for cookie in self._sent(url, now=now):
            found.setdefault(cookie.name, cookie.value)
        return found

    def header(self, url: URL, *, now: float) -> str | None:
        """The Cookie header for ``url``, longest path first, or None."""
        return "; ".join(map(_written, self._sent(url, now=now))) or None

    def _sent(self, url: URL, *, now: float) -> list[Cookie]:
        if not self._cookies:
            return []
        host = (url.raw_host or "").lower()
        path = url.raw_path or "/"
        secure = _is_secure(url)
        sent = [cookie for cookie in self._cookies.values() if _goes_to(cookie, host, path, secure=secure, now=now)]
        return sorted(sent, key=lambda cookie: -len(cookie.path))


def _goes_to(cookie: Cookie, host: str, path: str, *, secure: bool, now: float) -> bool:
    if cookie.secure and not secure:
        return False
    if cookie.expires is not None and cookie.expires <= now:
        return False
    if host != cookie.domain and (cookie.host_only or not host.endswith("." + cookie.domain)):
        return False
    return _path_matches(path, cookie.path)


def _path_matches(path: str, of_cookie: str) -> bool:
    return path == of_cookie or path.startswith(of_cookie if of_cookie.endswith("/") else of_cookie + "/")


def _covers(old: Cookie, new: Cookie) -> bool:
    """Whether the domain of one lies inside the other's."""
    return (
        old.domain == new.domain
        or f".{old.domain}".endswith(f".{new.domain}")
        or f".{new.domain}".endswith(f".{old.domain}")
    )


def _written(cookie: Cookie) -> str:
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value


def _is_secure(url: URL) -> bool:
    return url.scheme == "https" or _is_loopback((url.raw_host or "").lower())


def _parsed(url: URL, line: str, *, now: float) -> Cookie | None:
    pair, *rest = line.split(";")
    before, equals, after = pair.partition("=")
    # Without an equals sign the value is all there is (RFC 6265bis, 5.6): some servers know their cookie by its value.
    name, value = (before.strip(" \t"), after.strip(" \t")) if equals else ("", pair.strip(" \t"))
    if not (name or value) or len(name) + len(value) > _MAX_BYTES or _has_control(line):
        return None
    attributes = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
    host = (url.raw_host or "").lower()
    domain = attributes.get("domain", "").removeprefix(".").lower()
    if domain and not _may_set(host, domain):
        return None
    secure = "secure" in attributes
    if secure and not _is_secure(url):
        return None
    if not _prefix_holds(
        name or value, secure=secure, host_only=not domain, path=attributes.get("path"), named=bool(name)
    ):
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
    """Unix time, at most 400 days ahead; Max-Age counts before Expires. 1970 is a time like any other, and past."""
    age = _AGE.fullmatch(attributes.get("max-age", ""))
    if age is not None:
        ahead = int(age[0][:12])
        return now + min(ahead, _LONGEST) if ahead > 0 else 0.0
    at = cookie_date(attributes.get("expires", ""))
    return None if at is None else min(at, now + _LONGEST)


def _may_set(host: str, domain: str) -> bool:
    return host == domain or (host.endswith("." + domain) and "." in domain and not _is_address(host))


def _prefix_holds(name: str, *, secure: bool, host_only: bool, path: str | None, named: bool) -> bool:
    """Whether the promise of a name's prefix is kept; a value without a name must not look like one."""
    prefix = name.lower()
    if prefix.startswith("__host-"):
        return named and secure and host_only and path == "/"
    return named and secure if prefix.startswith("__secure-") else True


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
