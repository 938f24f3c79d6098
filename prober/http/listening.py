"""Hands on the body of an answer as it arrives, without waking a task for each piece of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from prober.http.decode import Decoder
    from prober.http.protocol import ResponseProtocol

__all__ = ["TURN", "Listener", "Take"]

TURN = 2048
"""Bytes that are handed on at once; of more than that others get their turn in between."""

Take = Callable[[int, bytes], bool]
"""Is handed when a piece arrived, on the monotonic clock, and the piece; whether that is enough."""


class Listener:
    """Listens to a protocol whose answer's head is there, and hands each small piece to ``take`` when it arrives.

    :meth:`heard` waits until something else is to be done: a large piece, the end, a failure. ``done`` are the bytes
    that were handed on; others add to it what they handed on themselves. ``enough`` is what ``take`` said last.
    """

    __slots__ = ("_decoder", "_error", "_limit", "_protocol", "_take", "_waiter", "done", "enough")

    def __init__(self, protocol: ResponseProtocol, decoder: Decoder, take: Take, *, limit: int) -> None:
        self._protocol = protocol
        self._decoder = decoder
        self._take = take
        self._limit = limit
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None
        self.done = 0
        self.enough = False

    async def heard(self) -> None:
        """Listen until it is somebody else's turn. Raises what ``take`` raised."""
        self._waiter = asyncio.get_running_loop().create_future()
        self._protocol.listener = self._more
        try:
            await self._waiter
        finally:
            self._protocol.listener = self._waiter = None
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        """What is raised while a piece is handed on is for whoever waits, and not for the transport."""
        if error is None:
            return False
        self._error = error
        self._wake()
        return isinstance(error, Exception)

    def _more(self) -> None:
        """More has come, or the end."""
        payload, arrivals = self._protocol.payload, self._protocol.arrivals
        assert payload is not None
        total = payload.total_bytes
        over = payload.is_eof() or payload.exception() is not None
        if over or total - self.done > TURN or total > self._limit or len(arrivals) != 1:
            self._wake()
            return
        if total == self.done:
            arrivals.clear()  # what came was only a part of the framing
            return
        chunk = payload.read_nowait()
        self.done = total
        arrived_ns = arrivals.popleft()[1]
        with self:
            piece = chunk if self._decoder.passes else self._decoder.feed(chunk)
            if piece and self._take(arrived_ns, piece):
                self.enough = True
                self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        self._protocol.listener = None
