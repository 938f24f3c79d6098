"""The receiving end of one connection: parses the answer as it arrives, stamps it, and holds it to its bounds."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_exceptions import ServerDisconnectedError
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from aiohttp.streams import StreamReader

    from prober.http.settings import Limits
    from prober.model.clock import Clock

__all__ = ["ResponseProtocol"]

_SLICE = 4096  # until the head is complete: a flood of 1xx responses is noticed after at most so many bytes
_BUFFER = 1 << 16
_MAX_HEADER_FIELDS = 20_000  # the bound that counts is that of their bytes


class ResponseProtocol(BaseProtocol):
    """Reads exactly one answer with aiohttp's parser.

    ``head`` is done when status and headers are complete, or failed. ``payload`` then gives the body, not decoded; it
    ends early where ``error`` says why. ``arrivals``, if ``stamped``, says when which part of the body came: pairs of
    the body's length so far and the monotonic clock. ``head_ns`` and ``ended_ns`` are on that clock too. ``listener``
    is called when more of the body has come, or its end.
    """

    __slots__ = (
        "_clock",
        "_drained",
        "_ended",
        "_head_bytes",
        "_informational",
        "_limits",
        "_stamped",
        "_tail",
        "arrivals",
        "ended_ns",
        "error",
        "first_byte_ns",
        "head",
        "head_ns",
        "listener",
        "payload",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, limits: Limits, clock: Clock, with_body: bool, stamped: bool
    ) -> None:
        super().__init__(loop)
        self._clock = clock
        self._limits = limits
        self._head_bytes = 0
        self._tail = b""
        self._informational = 0
        self._ended = False
        self._drained: asyncio.Future[None] | None = None
        self._stamped = stamped
        self.first_byte_ns = 0
        self.head_ns = 0
        self.ended_ns = 0
        self.error: BaseException | None = None
        self.head: asyncio.Future[RawResponseMessage] = loop.create_future()
        self.payload: StreamReader | None = None
        self.arrivals: deque[tuple[int, int]] = deque()
        self.listener: Callable[[], None] | None = None
        self._parser = HttpResponseParser(
            self,
            loop,
            _BUFFER,
            max_line_size=limits.header_line,
            max_field_size=limits.header_line,
            max_headers=_MAX_HEADER_FIELDS,
            response_with_body=with_body,
            read_until_eof=True,
            auto_decompress=False,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there. Both loops have set TCP_NODELAY already."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came. An empty ``data`` resumes after a pause."""
        if self._ended:
            return
        now = self._clock.monotonic_ns()
        if self.payload is None:
            data = self._receive_head(data, now)
        if not self._ended:
            self._parse(data)
        payload = self.payload
        if payload is None:
            return
        if self._stamped:
            self.arrivals.append((payload.total_bytes, now))
        if not self.head_ns:
            self.head_ns = now
        if payload.is_eof():
            self._ended = True
            self.ended_ns = now
        if self.listener is not None:
            self.listener()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Go on after a pause. The reader asks for it after every read; without a pause there is nothing to do."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def eof_received(self) -> None:
        """The peer will send no more: complete a body that ends so, fail one that does not."""
        self._finish(None)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The connection is gone: as :meth:`eof_received`, or with the error that ended it."""
        super().connection_lost(exc)
        self._finish(exc)
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def pause_writing(self) -> None:
        """The send buffer is full."""
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The send buffer has room again."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    async def drained(self) -> None:
        """Wait until the send buffer has room."""
        if self._drained is not None:
            await self._drained

    def abort(self) -> None:
        """Drop the connection at once; nothing is read after this."""
        self._ended = True
        if self.transport is not None:
            self.transport.abort()

    def release(self) -> None:
        """Let go of the parser, which refers back to us: nothing is left for the garbage collector."""
        self._ended = True
        self._parser = None

    def _receive_head(self, data: bytes, now: int) -> bytes:
        """Feed the head, in slices; what is left belongs to the body."""
        if not self.first_byte_ns and data:
            self.first_byte_ns = now
        position = 0
        while self.payload is None and position < len(data) and not self._ended:
            piece = self._up_to_blank_line(data[position : position + _SLICE])
            position += len(piece)
            self._feed_head(piece)
        return data[position:]

    def _up_to_blank_line(self, piece: bytes) -> bytes:
        """The part of a head that is fed at once: what the body does wrong is then the body's, however it was cut."""
        blank = len(piece) - len(piece.lstrip(b"\r\n"))
        if blank and not self._tail:
            return piece[:blank]  # in front of a message, where they mean nothing: a flood of them is fed as one
        window = self._tail + piece
        ends = [at + len(mark) for mark in (b"\n\r\n", b"\n\n") if (at := window.find(mark)) >= 0]
        if ends:
            piece = piece[: max(1, min(ends) - len(self._tail))]
        self._tail = b"" if ends else window[-2:]
        return piece

    def _feed_head(self, piece: bytes) -> None:
        self._head_bytes += len(piece)
        self._parse(piece)
        if self.payload is None and self._head_bytes > self._limits.headers and not self._ended:
            self._fail(_too_large(f"status and headers are longer than {self._limits.headers} bytes"))

    def _parse(self, data: bytes) -> None:
        assert self._parser is not None
        try:
            messages, _, _ = self._parser.feed_data(data)
        except HttpProcessingError as error:
            self._fail(error)
            return
        for message, payload in messages:
            if self.payload is None:
                self._message(message, payload)

    def _message(self, message: RawResponseMessage, payload: StreamReader) -> None:
        if 100 <= message.code < 200 and message.code != 101:
            self._informational += 1
            if self._informational > self._limits.informational:
                self._fail(
                    ProbeFailure(
                        ErrorClass.UNEXPECTED_RESPONSE,
                        f"more than {self._limits.informational} informational responses",
                        detail="informational_flood",
                    )
                )
            return
        self.payload = payload
        if not self.head.done():
            self.head.set_result(message)

    def _finish(self, error: BaseException | None) -> None:
        if self._ended:
            return
        if self.payload is None:
            self._fail(error or ServerDisconnectedError())
            return
        if error is not None:
            self._fail(error)
            return
        assert self._parser is not None
        try:
            self._parser.feed_eof()
        except HttpProcessingError as short:
            self._fail(short)
        self._ended = True
        self.ended_ns = self._clock.monotonic_ns()
        if self.listener is not None:
            self.listener()

    def _fail(self, error: BaseException) -> None:
        self._ended = True
        if not self.head.done():
            self.head.set_exception(error)
            self.head.exception()  # looked at: nobody may be waiting any more
        elif self.payload is not None and not self.payload.is_eof():
            self.error = error
            self.payload.feed_eof()  # not set_exception: what came before the fault is still read, and counts
            if self.listener is not None:
                self.listener()
        if self.transport is not None:
            self.transport.abort()


def _too_large(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="headers_too_large")
