"""What files hold, and whether it is still what they held."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MOST_BYTES", "Content", "Glances", "Listing", "Watched", "read"]

MOST_BYTES = 1024 * 1024
"""No file of a configuration may be longer; one byte more is read, to see that."""

_SETTLED_NS = 3_000_000_000  # the coarsest clock of a file system ticks every two seconds


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held, or why it could not be read."""

    data: bytes | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A pattern of ``include``, and the folder that it is relative to."""

    pattern: str
    folder: Path

    def names(self) -> tuple[str, ...]:
        """What it matches now, in order."""
        # Path.glob would take hidden files as well, as the ..data of a Kubernetes volume, and no absolute pattern.
        return tuple(sorted(glob.glob(self.pattern, root_dir=self.folder)))  # noqa: PTH207


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What files held and patterns matched at one time. Two of them are equal if nothing changed between."""

    contents: Mapping[Path, Content]
    listings: Mapping[Listing, tuple[str, ...]]


def read(path: Path) -> Content:
    """What the file holds now."""
    try:
        # opening a pipe would wait for somebody who writes; reading it waits as long as there is one
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "rb") as file:
            return Content(file.read(MOST_BYTES + 1))
    except OSError as error:
        return Content(None, error.strerror or "")
    except ValueError as error:  # a path with a zero byte
        return Content(None, str(error))


class Glances:
    """Looks at the same files and patterns again and again, and reads only those that may have changed.

    The content decides: a file that was touched is the same, and one that a symbolic link leads away from is another.
    Where size, times and identity are the same it is not read again, unless it is so young that they prove nothing.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], Content]] = {}

    def at(self, before: Watched) -> Watched:
        """The same files and patterns as they are now."""
        contents = {path: self._content(path, content) for path, content in before.contents.items()}
        self._known = {path: known for path, known in self._known.items() if path in contents}
        return Watched(contents=contents, listings={listing: listing.names() for listing in before.listings})

    def _content(self, path: Path, before: Content) -> Content:
        stamp, settled = _stamp(path)
        if stamp is None:
            return before if before.data is None or _is_there(path) else Content(None)
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        content = read(path)
        if content == before or (content.data is None and before.data is None):
            content = before
        if settled:
            self._known[path] = (stamp, content)
        return content


def _is_there(path: Path) -> bool:
    """Whether there is something that is no file: a pipe, which can be read only once."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _stamp(path: Path) -> tuple[tuple[int, ...] | None, bool]:
    """What tells one state of a regular file from another, and whether it is old enough to do so."""
    try:
        if not path.is_file():
            return None, False
        status = path.stat()
    except (OSError, ValueError):
        return None, False
    times = status.st_mtime_ns, status.st_ctime_ns
    stamp = (status.st_dev, status.st_ino, status.st_size, *times)
    return stamp, time.time_ns() - max(times) > _SETTLED_NS
