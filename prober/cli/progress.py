"""A line that says what a long check is waiting for; only on a terminal, and gone in the end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from prober.cli.bars import Ink

__all__ = ["Progress"]

_PERIOD_SECONDS = 0.1
_PATIENCE_SECONDS = 0.4  # a check that is quick shows no flicker
_CLEAR = "\r\x1b[K"


class Progress:
    """How many of ``total`` runs are done, and which still go on."""

    def __init__(self, stream: TextIO, *, total: int, ink: Ink, width: int) -> None:
        self._stream = stream
        self._total = total
        self._ink = ink
        self._width = width
        self._running: dict[str, None] = {}
        self._done = 0
        self._shown = False
        self._turn = 0

    def started(self, name: str) -> None:
        """A run begins."""
        self._running[name] = None

    def finished(self, name: str) -> None:
        """A run has ended."""
        self._running.pop(name, None)
        self._done += 1

    def line(self) -> str:
        """The line as it is now."""
        spinner = self._ink.spinner[self._turn % len(self._ink.spinner)]
        text = f"{spinner} {self._done} of {self._total} done"
        if self._running:
            text += ", waiting for " + ", ".join(self._running)
        return self._ink.shortened(text, self._width - 1)

    def clear(self) -> None:
        """Make room for other output."""
        if self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._shown = False

    @asynccontextmanager
    async def turning(self) -> AsyncIterator[None]:
        """Keep the line up to date, if the stream is a terminal."""
        if not self._stream.isatty():
            yield
            return
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._turn_on())
            try:
                yield
            finally:
                task.cancel()
                self.clear()

    async def _turn_on(self) -> None:
        await asyncio.sleep(_PATIENCE_SECONDS)
        while True:
            self._turn += 1
            self._stream.write(_CLEAR + self.line())
            self._stream.flush()
            self._shown = True
            await asyncio.sleep(_PERIOD_SECONDS)
