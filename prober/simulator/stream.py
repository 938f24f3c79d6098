"""Plays a script on a connection: every frame at its own time, however many streams there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import HttpVersion11, web

from prober.simulator.faults.anywhere import CutGzip
from prober.simulator.mishap import silence, tear_down
from prober.simulator.script import Ending, Frame, Script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.simulator.exchange import Exchange

__all__ = ["play"]

_ARRIVAL_SECONDS = 0.02
_CLOCK_SECONDS = 0.001
"""The grain of uvloop's clock. A timer may come that much too early, and would be set again without delay."""


class _Playback:
    """Writes frames when they are due, from a timer and without waking a task for each.

    At 200 streams of 50 events a second, a task that sleeps between two writes costs twice as much as the writes.
    Due times are absolute, so that a late timer does not delay those behind it.
    """

    __slots__ = ("_began", "_chunked", "_done", "_frames", "_loop", "_next", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, frames: Sequence[Frame], began: float, *, chunked: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._frames = frames
        self._began = began
        self._chunked = chunked
        self._next = 0
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None

    async def finished(self) -> None:
        """Return when the last frame is written, or the client has gone."""
        self._tick()
        try:
            await self._done
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _tick(self) -> None:
        if self._done.done():
            return
        if self._transport.is_closing():
            self._done.set_result(None)
            return
        now = self._loop.time() - self._began + _CLOCK_SECONDS
        frames, index = self._frames, self._next
        while index < len(frames) and frames[index].at <= now:
            self._write(frames[index].data)
            index += 1
        self._next = index
        if index == len(frames):
            self._done.set_result(None)
        else:
            self._timer = self._loop.call_at(self._began + frames[index].at, self._tick)

    def _write(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked and data else data)


async def play(exchange: Exchange, script: Script, headers: Mapping[str, str]) -> web.StreamResponse:
    """Send the head, then the frames at their times, and leave the connection as the script says."""
    request = exchange.request
    packed = {"Content-Encoding": "gzip"} if exchange.fault(CutGzip) else {}
    response = web.StreamResponse(headers={**headers, **packed, **exchange.head()})
    chunked = request.version >= HttpVersion11
    if chunked:
        response.enable_chunked_encoding()
    await response.prepare(request)
    transport = request.transport
    if transport is None:
        return response
    await _Playback(transport, script.frames, exchange.ready, chunked=chunked).finished()
    match script.ending:
        case Ending.EOF:
            return response
        case Ending.RESET:
            await asyncio.sleep(_ARRIVAL_SECONDS)
            tear_down(request)
            return response
        case Ending.SILENCE:
            await _fall_silent(response, script.wire.ping, script.ping_seconds)
            return response


async def _fall_silent(response: web.StreamResponse, ping: bytes, ping_seconds: float | None) -> None:
    if ping_seconds is None or not ping:
        await silence(None)
    while ping_seconds is not None:
        await asyncio.sleep(ping_seconds)
        await response.write(ping)
