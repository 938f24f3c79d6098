"""Replaces a file as a whole: whoever reads it, also after a crash, finds the old content or the new."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["replace_file"]

_writing = threading.Lock()


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, force it to the disk, then take its place; readable by nobody else. Raises OSError.

    The folder is made if it is not there, readable by nobody else either. One file is written at a time, so that a
    thread that is late does not write beside another.
    """
    beside = path.with_name(path.name + ".new")
    with _writing:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
