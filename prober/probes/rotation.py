"""Refresh tokens that took the place of configured ones; with a file they survive a restart."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.secret import Secret
from prober.model.whole_file import replace_file
from prober.probes.oauth import json_object

if TYPE_CHECKING:
    from pathlib import Path

    from prober.http.expect import Subject
    from prober.probes.oauth import OAuth2

__all__ = ["Rotation", "Rotations"]

_KEPT = 10_000
_MOST_BYTES = 64 << 20
_log = logging.getLogger("prober.probes")


@dataclass(slots=True)
class Rotation:
    """The refresh token that is good now; None while it is the configured one. The lock keeps two runs from it."""

    lock: asyncio.Lock
    token: Secret | None = None


class Rotations:
    """The refresh tokens that are good now, by the grant that was configured.

    A server that sees an old one again may revoke the whole grant. So each is in the file before it is used.
    """

    __slots__ = ("_kept", "_path", "_writing")

    def __init__(self, path: Path | None = None) -> None:
        self._kept: OrderedDict[str, Rotation] = OrderedDict()
        self._path = path
        self._writing = asyncio.Lock()
        for digest, token in _read(path).items():
            self._kept[digest] = Rotation(asyncio.Lock(), Secret(token))

    def of(self, asked: OAuth2) -> Rotation:
        """That of one grant: the same for all who ask for it, whatever they ask of it."""
        digest = asked.grant_digest()
        rotation = self._kept.setdefault(digest, Rotation(asyncio.Lock()))
        self._kept.move_to_end(digest)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return rotation

    async def note(self, rotation: Rotation, subject: Subject) -> None:
        """Take note of the refresh token that an answer of success gives, if it gives one."""
        token = _given_in(subject)
        if token is None:
            return
        rotation.token = token
        if self._path is not None:
            async with self._writing:
                text = json.dumps({name: kept.token.reveal() for name, kept in self._kept.items() if kept.token})
                await asyncio.to_thread(_write, self._path, text)


def _given_in(subject: Subject) -> Secret | None:
    if subject.status is None or not 200 <= subject.status < 300:
        return None
    token = json_object(subject).get("refresh_token")
    return Secret(token) if isinstance(token, str) and token else None


def _read(path: Path | None) -> dict[str, str]:
    """What the file holds; nothing if there is none, or if it is not ours."""
    try:
        if path is None or not path.exists():
            return {}
        with path.open("rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("refresh tokens were not read from %s: %s", path, type(error).__name__)
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: token for name, token in document.items() if isinstance(token, str) and token}


def _write(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        _log.error("refresh tokens were not written to %s: %s", path, error.strerror or type(error).__name__)
