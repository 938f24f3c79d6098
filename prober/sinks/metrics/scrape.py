"""Rendering in slices, so that a scrape never keeps the event loop from a probe for long."""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["SLICE_NS", "Renderer", "Scrape"]

SLICE_NS = 300_000
"""How long rendering may go on before other tasks have their turn."""

_SLICE_CHARACTERS = 64 * 1024  # stays in the processor's cache, and takes a quarter of a millisecond to compress
_GZIP_LEVEL = 2  # on this text as fast as 1, and half as slow as 6
_GZIP_WINDOW = 31  # a gzip header around a 32 KiB window


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """The answer to one scrape. ``pieces`` is rendered while it is read; joined, they are the body."""

    content_type: str
    content_encoding: str | None
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    began_ns: int
    pieces: tuple[bytes, ...]


class Renderer:
    """Turns chunks of text into pieces of a body. All renders together do one slice in one round of the event loop.

    ``busy_ns`` is what the last whole render took from the loop.
    """

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self.busy_ns: int | None = None
        self._monotonic_ns = monotonic_ns
        self._turn = asyncio.Lock()
        self._sharing = asyncio.Lock()
        self._bodies: dict[str, _Body] = {}

    async def pieces(self, chunks: Iterator[str], *, gzip: bool) -> AsyncIterator[bytes]:
        """The body piece by piece. A reader that is slow holds up nobody, and no piece but its own is in memory.

        It is compressed on the loop: a thread would fight for the interpreter, and on one core for the core, in turns
        of several milliseconds.
        """
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW) if gzip else None
        busy_ns = 0
        more = True
        while more:
            async with self._turn:
                began_ns = self._monotonic_ns()
                text, more = self._slice(chunks, began_ns)
                piece = text.encode()
                if packer is not None:
                    piece = packer.compress(piece) + (b"" if more else packer.flush())
                busy_ns += self._monotonic_ns() - began_ns
                os.sched_yield()  # who waits for the processor would have it only milliseconds later
                await asyncio.sleep(0)
            if piece:
                yield piece
        self.busy_ns = busy_ns

    async def shared(self, name: str, render: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
        """A body that is small enough to keep. Scrapes of the same name that come while one is rendered share the next.

        It is shared only with those who asked before it began, so that nobody gets older values than at the moment of
        asking. Whoever finds nothing to share renders in its own task: a reader that goes away strands nobody.
        """
        asked_ns = self._monotonic_ns()
        async with self._sharing:
            body = self._bodies.get(name)
            if body is None or body.began_ns < asked_ns:
                began_ns = self._monotonic_ns()
                pieces = [piece async for piece in render()]
                body = self._bodies[name] = _Body(began_ns=began_ns, pieces=tuple(pieces))
        for piece in body.pieces:
            yield piece

    def _slice(self, chunks: Iterator[str], began_ns: int) -> tuple[str, bool]:
        parts: list[str] = []
        size = 0
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= _SLICE_CHARACTERS or self._monotonic_ns() - began_ns >= SLICE_NS:
                return "".join(parts), True
        return "".join(parts), False
