"""One request on one connection: sent, answered, and its body read within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from prober.http.connect import in_time
from prober.http.decode import Decoder, too_large
from prober.http.listening import TURN, Listener, Take
from prober.http.message import Head, is_header
from prober.http.protocol import ResponseProtocol
from prober.http.proxy import authorization
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from yarl import URL

    from prober.http.message import Request
    from prober.http.settings import HttpSettings
    from prober.model.network import Address
    from prober.model.run import Run

__all__ = ["Opener", "Stream", "exchange"]

_LARGE = 1 << 16  # bytes that cost next to nothing where they come in one piece


class Opener(Protocol):
    """Where connections come from: a fresh one each time, or one that was kept."""

    @property
    def settings(self) -> HttpSettings:
        """Bounds and deadlines."""

    @property
    def run(self) -> Run:
        """Where phases are recorded."""

    async def open(
        self,
        url: URL,
        factory: Callable[[], ResponseProtocol],
        allow: Callable[[Sequence[Address]], Sequence[Address]],
    ) -> ResponseProtocol:
        """A connected protocol for the URL's origin."""


class Stream:
    """An answer whose head is there and whose body is still to be read. Read it once, by one of the two methods.

    ``sent_ns`` is when the request began to be sent, on the monotonic clock: first byte and first token count from it.
    ``url`` is where it comes from, after so many ``redirects``.
    """

    __slots__ = ("_limits", "_protocol", "_run", "head", "redirects", "sent_ns", "url")

    def __init__(self, head: Head, protocol: ResponseProtocol, connector: Opener, *, url: URL, sent_ns: int) -> None:
        self.head = head
        self.url = url
        self.redirects = 0
        self.sent_ns = sent_ns
        self._protocol = protocol
        self._run = connector.run
        self._limits = connector.settings.limits

    @property
    def content_type(self) -> str:
        """The media type without parameters, in small letters; empty if none was sent."""
        return self.head.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def wire_bytes(self) -> int:
        """How many bytes of the body have come so far, as they came."""
        return self._protocol.payload.total_bytes if self._protocol.payload is not None else 0

    async def drain(self, take: Take, *, limit: int | None = None) -> None:
        """Hand the decoded body to ``take`` piece by piece, each with its arrival, until it is enough or the end.

        Small pieces are handed on in the moment they are received, outside of this task. Raises what ``take`` raises,
        ProbeFailure beyond ``limit`` bytes (the settings' ``stream`` bound), and what ended the body early after
        everything that came before it.
        """
        bound = self._limits.stream if limit is None else limit
        decoder = Decoder(self.head.headers.get("Content-Encoding"), limit=bound)
        listener = Listener(self._protocol, decoder, take, limit=bound)
        payload = self._protocol.payload
        assert payload is not None
        while not listener.enough:
            if (broken := payload.exception()) is not None:
                raise broken
            if payload.total_bytes > bound:
                raise too_large(bound)
            if payload.total_bytes > listener.done:
                chunk = payload.read_nowait()
                for arrived_ns, piece in self._cut(chunk, listener.done):
                    decoded = decoder.feed(piece)
                    if decoded and take(arrived_ns, decoded):
                        return
                    await asyncio.sleep(0)  # a flood takes its turns: the other runs are measured meanwhile
                listener.done += len(chunk)
            elif payload.is_eof():
                break
            else:
                self._protocol.arrivals.clear()
                await listener.heard()
        else:
            return
        if self._protocol.error is not None:
            raise self._protocol.error
        decoder.end()

    def _cut(self, chunk: bytes, done: int) -> Iterator[tuple[int, bytes]]:
        """The chunk, which begins ``done`` bytes into the body, by the times at which its parts arrived."""
        arrivals, position = self._protocol.arrivals, 0
        while position < len(chunk):
            while arrivals and arrivals[0][0] <= done + position:
                arrivals.popleft()
            now_ns = self._run.clock.monotonic_ns()
            until, arrived_ns = arrivals[0] if arrivals else (done + len(chunk), now_ns)
            piece = chunk[position : position + min(until - done - position, TURN)]
            position += len(piece)
            yield arrived_ns, piece

    async def read(self) -> bytes:
        """The whole decoded body, as the phase ``transfer``. Raises ProbeFailure beyond the ``body`` bound."""
        payload = self._protocol.payload
        assert payload is not None
        bound = self._limits.body
        parts: list[bytes] = []
        with self._run.phase("transfer"):
            decoder = Decoder(self.head.headers.get("Content-Encoding"), limit=bound)
            while chunk := await payload.readany():
                if payload.total_bytes > bound:
                    raise too_large(bound)
                turn = len(chunk) if decoder.passes else TURN
                for begin in range(0, len(chunk), turn):
                    if parts and turn < _LARGE:
                        await asyncio.sleep(0)  # a bomb, or a flood of tiny chunks, lets the others be measured
                    parts.append(decoder.feed(chunk[begin : begin + turn]))
            if self._protocol.error is not None:
                raise self._protocol.error
            decoder.end()
        return b"".join(parts)

    def close(self) -> None:
        """Give the connection up: politely where the answer was read whole over plain TCP, at once otherwise."""
        transport = self._protocol.transport
        payload = self._protocol.payload
        if transport is None:
            self._protocol.release()
            return
        if payload is not None and payload.is_eof() and transport.get_extra_info("ssl_object") is None:
            transport.close()
        else:
            self._protocol.abort()
        self._protocol.release()


async def exchange(
    connector: Opener,
    request: Request,
    headers: Mapping[str, str],
    allow: Callable[[Sequence[Address]], Sequence[Address]],
    *,
    stamped: bool = False,
) -> Stream:
    """Connect, send the request, wait for status and headers. ``stamped`` keeps the time of each piece of the body."""
    run = connector.run
    loop = asyncio.get_running_loop()
    limits = connector.settings.limits
    data = _wire(request, headers, connector.settings.proxy)

    def factory() -> ResponseProtocol:
        return ResponseProtocol(
            loop, limits=limits, clock=run.clock, with_body=request.method != "HEAD", stamped=stamped
        )

    protocol = await connector.open(request.url, factory, allow)
    sent_ns = run.clock.monotonic_ns()
    try:
        with run.phase("request"):
            assert protocol.transport is not None
            protocol.transport.write(data)
            await protocol.drained()
        head = await _head(protocol, run, connector)
    except BaseException:
        protocol.abort()
        raise
    return Stream(head, protocol, connector, url=request.url, sent_ns=sent_ns)


async def _head(protocol: ResponseProtocol, run: Run, connector: Opener) -> Head:
    """Wait for status and headers; the phase ends when they came, not when we got round to looking."""
    outer, run.phase_name = run.phase_name, "processing"
    began_ns = run.clock.monotonic_ns()
    try:
        async with in_time(connector.settings.deadlines.first_byte):
            message = await protocol.head
    except BaseException:
        run.mark("processing", began_ns, run.clock.monotonic_ns(), finished=False)
        raise
    run.mark("processing", began_ns, max(protocol.head_ns, began_ns))
    run.phase_name = outer
    version = message.version
    return Head(
        status=message.code,
        reason=message.reason,
        http_version=f"{version.major}.{version.minor}",
        headers=message.headers,
        first_byte_ns=protocol.first_byte_ns,
    )


def _wire(request: Request, headers: Mapping[str, str], proxy: str | None) -> bytes:
    """The request as bytes. Raises ProbeFailure (ours) for a header that would break the message."""
    url = request.url
    target = url.raw_path_qs
    lines = [f"{request.method} {target} HTTP/1.1"]
    if proxy is not None and url.scheme == "http":
        lines[0] = f"{request.method} {url.origin()}{target} HTTP/1.1"
        credentials = authorization(proxy)
        if credentials is not None:
            lines.append(f"Proxy-Authorization: {credentials}")
    for name, value in headers.items():
        if not is_header(name, value):
            raise ProbeFailure(ErrorClass.PROBER_ERROR, f"the header {name[:40]!r} cannot be sent", detail="config")
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + request.body
