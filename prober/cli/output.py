"""Writing to a terminal, a pipe or a file that may show less than Unicode and colours."""

from __future__ import annotations

import io
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Unwritable", "colour_wish", "columns", "show", "width"]

_WIDEST = 110
_NARROWEST = 60
_ENDLESS = 10_000
_FULL_SECONDS = 0.01


class Unwritable(click.ClickException):
    """What there is to say cannot be written: the disk is full, say. Exit status 74, as sysexits.h calls it."""

    exit_code = 74


def width() -> int:
    """The columns to write in: the terminal's, within what reads well; of a pipe, a hundred."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))


def columns() -> int:
    """The columns of the terminal, for a table that should be as wide as it may; a pipe has no end."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _ENDLESS


def colour_wish(env: Mapping[str, str] = os.environ) -> bool | None:
    """False if the user wants no colours (no-color.org), None if the terminal decides."""
    return False if env.get("NO_COLOR") else None


def show(text: str, *, stream: TextIO | None = None, newline: bool = True) -> None:
    """Write a text; characters that the stream cannot show become question marks, and no error.

    Raises BrokenPipeError if nobody reads any more, which ends the command without a word, else :class:`Unwritable`.
    """
    out = sys.stdout if stream is None else stream
    try:
        _show(text, out, newline=newline)
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_the_rest(out)
        raise Unwritable(f"the output cannot be written: {error.strerror}") from None


def _forget_the_rest(out: TextIO) -> None:
    """Let what is left in the stream's buffer go nowhere, or Python would fail once more when it ends."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), out.fileno())


def _show(text: str, out: TextIO, *, newline: bool) -> None:
    encoding = getattr(out, "encoding", None) or "utf-8"
    raw = getattr(out, "buffer", None)
    if isinstance(raw, io.RawIOBase) and not out.isatty():
        _write_whole(raw, (click.unstyle(text) + "\n" * newline).encode(encoding, "replace"))
        return
    click.echo(text.encode(encoding, "replace").decode(encoding), file=out, nl=newline, color=colour_wish())


def _write_whole(raw: io.RawIOBase, data: bytes) -> None:
    """Write all of it: with PYTHONUNBUFFERED a pipe that takes a part would silently lose the rest."""
    left = memoryview(data)
    while left:
        taken = raw.write(left)
        if taken is None:
            time.sleep(_FULL_SECONDS)  # a pipe that does not block is full
        left = left[taken or 0 :]
