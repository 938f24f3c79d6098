"""Lets in who may see the web interface, by a file that is read again as soon as it has changed."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config import ConfigError, ConfigErrors, Glances, Sources, Watched
from prober.web.access.bucket import Bucket
from prober.web.access.passwords import Crowd, Passwords
from prober.web.access.reading import read_access
from prober.web.access.tls import subject_names

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from prober.web.access.reading import Access

__all__ = ["Guard", "Refusal"]

_log = logging.getLogger("prober")

_WRITTEN_SECONDS = 0.25
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="prober", charset="UTF-8"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What somebody hears who is not let in."""

    status: int
    text: str
    headers: Mapping[str, str]


_UNKNOWN = Refusal(status=403, text="403: Forbidden", headers={})
_BROKEN = Refusal(status=500, text="the web configuration is broken: see the log", headers={})
_STRANGER = Refusal(status=401, text="401: Unauthorized", headers=_CHALLENGE)
_TOO_MANY = Refusal(status=429, text="429: Too Many Requests", headers={"Retry-After": "1"})
_CROWD = Refusal(status=503, text="too many passwords at once", headers={"Retry-After": "1"})


class Guard:
    """Looks at the file before every handshake and every request. While it is broken nobody is let in.

    Whether TLS is spoken is decided at the start: a file that says otherwise later is broken, too.
    """

    def __init__(self, path: Path, access: Access, sources: Sources) -> None:
        self._path = path
        self._access: Access | None = access
        self._seen = _all_of(sources)
        self._glances = Glances()
        self._turn = asyncio.Lock()
        self._passwords = Passwords()
        self._limit = access.settings.rate_limit
        self._bucket = self._new_bucket()
        self.speaks_tls = access.context is not None

    @classmethod
    def open(cls, path: Path) -> Guard:
        """The guard of a file. Raises ConfigErrors."""
        sources = Sources()
        return cls(path, read_access(path, sources), sources)

    @property
    def headers(self) -> Mapping[str, str]:
        """What every answer says, as far as is known now."""
        return {} if self._access is None else self._access.settings.http_server_config.headers

    async def context(self) -> ssl.SSLContext | None:
        """The TLS of a new connection; None if there may be none now."""
        access = await self._current()
        return None if access is None else access.context

    def knows(self, connection: ssl.SSLObject | None) -> bool:
        """Whether the client at the other end has one of the names that are allowed, if they are limited."""
        if self._access is None:
            return False
        allowed = self._access.settings.tls_server_config.client_allowed_sans
        if allowed is None:
            return True
        certificate = None if connection is None else connection.getpeercert(binary_form=True)
        return not subject_names(certificate or b"").isdisjoint(allowed)

    async def refusal(self, authorization: str, connection: ssl.SSLObject | None) -> Refusal | None:
        """Why a request with this header, on this connection, is not answered; None if it is."""
        access = await self._current()
        if access is None:
            return _BROKEN
        if not self.knows(connection):
            return _UNKNOWN
        if not self._bucket.take():
            return _TOO_MANY
        users = access.settings.basic_auth_users
        return await self._stranger(users, authorization) if users else None

    async def _stranger(self, users: Mapping[str, str], authorization: str) -> Refusal | None:
        """Why whoever sends this header is none of the users."""
        user, password = _credentials(authorization)
        try:
            known = user is not None and await self._passwords.fit(users, user, password)
        except Crowd:
            return _CROWD
        return None if known else _STRANGER

    async def _current(self) -> Access | None:
        """What the file says now; None if that is nothing valid."""
        async with self._turn:
            if await asyncio.to_thread(self._glances.at, self._seen) != self._seen:
                await self._renew()
            return self._access

    async def _renew(self) -> None:
        try:
            access = await asyncio.to_thread(self._read)
            if self._opens(access):  # a file that is just being written may lack its end
                await asyncio.sleep(_WRITTEN_SECONDS)
                access = await asyncio.to_thread(self._read)
        except ConfigErrors as errors:
            self._access = None
            _log.error("the web configuration is broken, and nobody is let in:\n%s", errors)
            return
        self._access = access
        _log.info("web configuration loaded")
        if access.settings.rate_limit != self._limit:
            self._limit = access.settings.rate_limit
            self._bucket = self._new_bucket()

    def _read(self) -> Access:
        sources = Sources()
        try:
            access = read_access(self._path, sources)
            if (access.context is not None) != self.speaks_tls:
                message = "TLS cannot be switched on or off while prober runs: start it again"
                raise ConfigErrors([ConfigError(file=str(self._path), line=1, column=1, path="", message=message)])
        finally:
            self._seen = _all_of(sources)
        return access

    def _opens(self, access: Access) -> bool:
        """Whether it lets in whom the one before did not."""
        before = self._access
        if before is None:
            return not access.settings.basic_auth_users
        tls, old = access.settings.tls_server_config, before.settings.tls_server_config
        return bool(before.settings.basic_auth_users) > bool(access.settings.basic_auth_users) or (
            tls.client_auth_type,
            tls.client_allowed_sans,
        ) != (old.client_auth_type, old.client_allowed_sans)

    def _new_bucket(self) -> Bucket:
        return Bucket(self._limit.interval.ns, self._limit.burst, time.monotonic_ns)


def _all_of(sources: Sources) -> Watched:
    """The file, those it names, and those that references in it lead to."""
    documents, secrets = sources.documents_seen(), sources.secrets_seen()
    return Watched(contents={**documents.contents, **secrets.contents}, listings={})


def _credentials(authorization: str) -> tuple[str | None, bytes]:
    """User and password of basic authentication; None for another scheme, or nonsense."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None, b""
    try:
        plain = base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None, b""
    user, colon, password = plain.partition(b":")
    return (user.decode("utf-8", "surrogateescape"), password) if colon else (None, b"")
