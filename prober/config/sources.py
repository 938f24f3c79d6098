"""The files that a configuration is made of, each as it was when it was first asked for."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING

from prober.config.glances import Content, Listing, Watched, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Sources", "Unusable"]

_MAX_SECRET = 64 * 1024
_LINE_END = re.compile(r"\r?\n\Z")


class Unusable(Exception):
    """What is wrong with the file of a secret, in words that follow its name."""


class Sources:
    """Reads the files of a configuration once each, and remembers them: one loading sees one state of the disk.

    ``kept`` are the files of secrets that have become unusable, and for which the value goes on that they had.
    """

    def __init__(self, documents: Watched | None = None, *, last_usable: Mapping[Path, Content] | None = None) -> None:
        self._documents: dict[Path, Content] = {} if documents is None else dict(documents.contents)
        self._listings: dict[Listing, tuple[str, ...]] = {} if documents is None else dict(documents.listings)
        self._secrets: dict[Path, Content] = {}
        self._last_usable: Mapping[Path, Content] = last_usable or {}
        self.kept: tuple[Path, ...] = ()

    def with_fresh_secrets(self) -> Sources:
        """The same documents, and the secrets that their files hold now, or held when they last held one."""
        usable = {path: content for path, content in self._secrets.items() if _is_usable(content)}
        return Sources(self.documents_seen(), last_usable={**self._last_usable, **usable})

    def document(self, path: Path) -> Content:
        """A file in YAML."""
        if path not in self._documents:
            self._documents[path] = read(path)
        return self._documents[path]

    def names(self, pattern: str, folder: Path) -> tuple[str, ...]:
        """What a pattern matches, relative to the folder."""
        listing = Listing(pattern, folder)
        if listing not in self._listings:
            self._listings[listing] = listing.names()
        return self._listings[listing]

    def secret(self, path: Path) -> str:
        """The text in the file of a secret, without one line end at its end. Raises :class:`Unusable`."""
        if path not in self._secrets:
            self._secrets[path] = _secret_content(path)
        content = self._secrets[path]
        if path in self._last_usable and not _is_usable(content):
            self.kept = tuple(dict.fromkeys((*self.kept, path)))
            content = self._last_usable[path]
        return _text(content)

    def documents_seen(self) -> Watched:
        """The documents as they were."""
        return Watched(contents=self._documents, listings=self._listings)

    def secrets_seen(self) -> Watched:
        """The files of secrets as they were, unusable or not."""
        return Watched(contents=self._secrets, listings={})


def _secret_content(path: Path) -> Content:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Content(None, error.strerror or "")
    except ValueError as error:  # a path with a zero byte
        return Content(None, str(error))
    if stat.S_ISREG(mode):
        return read(path)
    return Content(None, "Is a directory" if stat.S_ISDIR(mode) else "Not a file")  # a pipe would keep us waiting


def _is_usable(content: Content) -> bool:
    try:
        _text(content)
    except Unusable:
        return False
    return True


def _text(content: Content) -> str:
    if content.data is None:
        raise Unusable(f"cannot be read: {content.reason}" if content.reason else "cannot be read")
    if len(content.data) > _MAX_SECRET:
        raise Unusable("is larger than 64 KiB")
    try:
        text = content.data.decode()
    except UnicodeDecodeError:
        raise Unusable("is not UTF-8 text") from None
    value = _LINE_END.sub("", text)
    if not value:
        raise Unusable("is empty")
    return value
