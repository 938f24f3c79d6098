"""Long work on the event loop in short slices: a page of a thousand probes must not make a probe late."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SLICE_NS", "Pace", "joined"]

SLICE_NS = 500_000
"""How long a rendering may hold the loop; the design allows four times that (section 3)."""

_BLOCK_CHARACTERS = 128 * 1024


class Pace:
    """Gives the loop back whenever a slice is used up."""

    __slots__ = ("_began_ns",)

    def __init__(self) -> None:
        self._began_ns = time.perf_counter_ns()

    async def breathe(self) -> None:
        """Let others run if it is time."""
        if time.perf_counter_ns() - self._began_ns >= SLICE_NS:
            await asyncio.sleep(0)
            self._began_ns = time.perf_counter_ns()


async def joined(pieces: Iterable[str]) -> bytes:
    """All pieces as UTF-8, made one after the other in slices."""
    pace = Pace()
    blocks: list[bytes] = []
    made: list[str] = []
    length = 0
    for piece in pieces:
        made.append(piece)
        length += len(piece)
        if length >= _BLOCK_CHARACTERS:
            blocks.append("".join(made).encode("utf-8", "replace"))
            made, length = [], 0
        await pace.breathe()
    return b"".join([*blocks, "".join(made).encode("utf-8", "replace")])
