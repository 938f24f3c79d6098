"""Checks passwords against bcrypt hashes: beside the event loop, one at a time, each once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

import bcrypt

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_COST", "Crowd", "Passwords", "cost_of"]

MAX_COST = 16
"""Some seconds for every password that is tried; twice that with each step more."""

_HASH = re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")
_MOST_BYTES = 72  # bcrypt takes no more, and all implementations but Python's leave away the rest silently
_NOBODYS = "$2b${cost:02}$" + "." * 53
_REMEMBERED = 128
_WAITING_AT_MOST = 16


class Crowd(Exception):
    """Too many wait for their passwords to be checked."""


def cost_of(written: str) -> int | None:
    """The cost of a bcrypt hash; None if it is none."""
    found = _HASH.fullmatch(written)
    return None if found is None else int(found["cost"])


class Passwords:
    """Remembers what was right and what was wrong, by a keyed digest, so that only new passwords cost a hash.

    What is wrong pushes nothing out of what is right: whoever guesses does not make others wait.
    """

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._known: dict[bool, OrderedDict[bytes, None]] = {True: OrderedDict(), False: OrderedDict()}
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def fit(self, users: Mapping[str, str], user: str, password: bytes) -> bool:
        """Whether that is the user's password. For one who is unknown it takes as long. Raises :class:`Crowd`."""
        costs = (cost_of(written) or 0 for written in users.values())
        written = users.get(user) or _NOBODYS.format(cost=max(costs, default=10))
        digest = self._digest(user, written, password)
        fits = self._remembered(digest)
        if fits is None:
            fits = await self._checked(digest, written, password)
        return fits and user in users

    async def _checked(self, digest: bytes, written: str, password: bytes) -> bool:
        if self._waiting >= _WAITING_AT_MOST:
            raise Crowd
        self._waiting += 1
        try:
            async with self._turn:
                fits = self._remembered(digest)  # whoever came before us may have asked the same
                if fits is None:
                    fits = await asyncio.to_thread(bcrypt.checkpw, password[:_MOST_BYTES], written.encode())
                    self._remember(digest, fits=fits)
                return fits
        finally:
            self._waiting -= 1

    def _remembered(self, digest: bytes) -> bool | None:
        for fits, known in self._known.items():
            if digest in known:
                known.move_to_end(digest)
                return fits
        return None

    def _remember(self, digest: bytes, *, fits: bool) -> None:
        known = self._known[fits]
        known[digest] = None
        if len(known) > _REMEMBERED:
            known.popitem(last=False)

    def _digest(self, user: str, written: str, password: bytes) -> bytes:
        """A digest of the three, each with its length, lest two other ones make the same text."""
        parts = (user.encode("utf-8", "surrogateescape"), written.encode(), password)
        told = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._key, told, hashlib.sha256)
