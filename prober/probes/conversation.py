"""One question and its answer: sent, read as it comes, and measured."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yarl import URL

from prober.classify.verdict import printable
from prober.http.exchange import Stream
from prober.http.ndjson import LineParser
from prober.http.settings import Limits
from prober.http.sse import EventParser
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.probes.watch import ContentWatch
from prober.providers.protocol import ChatProtocol
from prober.providers.reply import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from prober.http.client import Client
    from prober.http.message import Request
    from prober.http.sse import Event

__all__ = ["Answered", "Conversation"]

_Piece = tuple[int, bytes]  # when it came, and what
_STREAM_TYPES = {
    "sse": frozenset({"text/event-stream"}),
    "ndjson": frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"}),
}


@dataclass(slots=True, kw_only=True)
class Answered:
    """What came of a request, filled in while it comes: the head, then events in ``reply`` or a whole ``body``.

    ``streamed`` tells which of the two; ``content_ns`` is the time from the first content to the last. Of a stream the
    ``body`` is kept only where somebody reads it.
    """

    stream: Stream | None = None
    reply: Reply = field(default_factory=Reply)
    streamed: bool = False
    events: int = 0
    kept: list[bytes] = field(default_factory=list)
    url: URL = field(default_factory=URL)
    visible_ns: int | None = None
    content_ns: int = 0

    @property
    def body(self) -> bytes:
        """What came over the wire, decoded."""
        return b"".join(self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Reads one answer. ``first_ns`` and ``idle_ns`` bound the time without content; ``keeps`` keeps a stream."""

    run: Run
    protocol: ChatProtocol
    limits: Limits
    wants_stream: bool
    first_ns: int | None
    idle_ns: int | None
    keeps: bool = False

    async def hold(self, client: Client, request: Request, answered: Answered) -> None:
        """Send the request and read what comes, to its end. Raises what ended it early; its content is not judged."""
        async with client.stream(request) as stream:
            answered.stream, answered.url = stream, request.url
            asked_ns = self._asked_ns()
            answered.streamed = self._is_stream(stream)
            if not answered.streamed and not self._may_be_stream(stream):
                answered.kept.append(await stream.read())
                return
            watch = ContentWatch(self.run, asked_ns=asked_ns, first_ns=self.first_ns, idle_ns=self.idle_ns)
            try:
                await self._read(stream, answered, watch)
            finally:
                self._measure(answered, watch, asked_ns)

    def _asked_ns(self) -> int:
        """When the request began to be sent: where first content is counted from."""
        sent = [phase.offset_ns for phase in self.run.phases if phase.name == "request"]
        return self.run.started_ns + sent[-1]

    def _is_stream(self, stream: Stream) -> bool:
        """Whether events are to be expected: anything else on a success is read whole and judged for what it is."""
        if not self.wants_stream or not 200 <= stream.head.status < 300:
            return False
        return stream.content_type in _STREAM_TYPES[self.protocol.framing]

    def _may_be_stream(self, stream: Stream) -> bool:
        """Whether only the first line can tell: proxies label lines of JSON as JSON."""
        if not self.wants_stream or not 200 <= stream.head.status < 300:
            return False
        return self.protocol.framing == "ndjson" and stream.content_type == "application/json"

    async def _read(self, stream: Stream, answered: Answered, watch: ContentWatch) -> None:
        """Read events to the end, as the phases ``first_token`` and ``stream``; a whole answer as ``transfer``."""
        run, began_ns = self.run, self.run.clock.monotonic_ns()
        run.phase_name = "first_token"
        finished = False
        try:
            async with watch, aclosing(stream.pieces()) as pieces:
                if answered.streamed:
                    await self._events(pieces, answered, watch)
                else:
                    await self._either(pieces, answered, watch)
            finished = True
        finally:
            now_ns = run.clock.monotonic_ns()
            first_ns = watch.first_ns
            if not answered.streamed:
                run.mark("transfer", began_ns, now_ns, finished=finished)
            elif first_ns is None:
                run.mark("first_token", began_ns, now_ns, finished=finished)
            else:
                run.mark("first_token", began_ns, max(first_ns, began_ns))
                run.mark("stream", max(first_ns, began_ns), now_ns, finished=finished)

    async def _either(self, pieces: AsyncIterator[_Piece], answered: Answered, watch: ContentWatch) -> None:
        """Read events if the first line is one, else a whole answer."""
        first = await _first_line(pieces)
        answered.streamed = _goes_on(first)
        async with aclosing(_chained(first, pieces)) as all_pieces:
            if answered.streamed:
                await self._events(all_pieces, answered, watch)
            else:
                answered.kept += [piece async for _, piece in all_pieces]

    async def _events(self, pieces: AsyncIterator[_Piece], answered: Answered, watch: ContentWatch) -> None:
        reply, framer, strayed = answered.reply, self._framer(), 0
        sse = framer if isinstance(framer, EventParser) else None
        async for arrived_ns, piece in pieces:
            if self.keeps:
                answered.kept.append(piece)
            self._take(framer.feed(piece), arrived_ns, answered, watch)
            if reply.error is not None:
                return
            if answered.events > self.limits.events:
                raise _too_many(self.limits.events)
            if reply.ended:
                return
            if sse is not None and len(sse.stray) > strayed:
                strayed = len(sse.stray)
                reply.error = _bare_error(sse.stray)
                if reply.error is not None:
                    return
        reply.error = _bare_error(framer.rest().encode())
        reply.ended = self.protocol.ends_with_body and reply.finish is not None

    def _take(self, events: list[Event], arrived_ns: int, answered: Answered, watch: ContentWatch) -> None:
        """Read the events of one piece, up to an error; all of them came when it did."""
        reply, read = answered.reply, self.protocol.event
        before, event = reply.contents, None
        try:
            for event in events:
                answered.events += 1
                read(event, reply)
                if reply.error is not None:
                    break
        except (ValueError, TypeError, KeyError, RecursionError):
            seen = printable("" if event is None else event.data, 60, redact=self.run.redactor)
            message = f"an event of the stream is not what {self.protocol.name} allows: {seen}"
            raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="invalid_event") from None
        finally:
            if reply.contents > before:
                self._seen(arrived_ns, answered, watch, count=reply.contents - before)

    def _seen(self, arrived_ns: int, answered: Answered, watch: ContentWatch, *, count: int) -> None:
        """So many contents came at this time."""
        watch.seen(arrived_ns)
        if count > 1:
            watch.seen(arrived_ns)  # no gap between them
        self.run.phase_name = "stream"
        if answered.visible_ns is None and answered.reply.visible:
            answered.visible_ns = arrived_ns

    def _framer(self) -> EventParser | LineParser:
        limit = self.limits.event
        return EventParser(limit=limit) if self.protocol.framing == "sse" else LineParser(limit=limit)

    def _measure(self, answered: Answered, watch: ContentWatch, asked_ns: int) -> None:
        """The times of content, also of an answer that did not end well."""
        measures = self.run.measures
        if answered.stream is not None:
            measures["bytes"] = answered.stream.wire_bytes
        if watch.first_ns is None or watch.last_ns is None:
            return
        measures["first_token_seconds"] = (watch.first_ns - asked_ns) / 1e9
        if answered.visible_ns is not None:
            measures["first_visible_token_seconds"] = (answered.visible_ns - asked_ns) / 1e9
        if watch.max_gap_ns is not None:
            measures["max_gap_seconds"] = watch.max_gap_ns / 1e9
        answered.content_ns = watch.last_ns - watch.first_ns


async def _first_line(pieces: AsyncIterator[_Piece]) -> list[_Piece]:
    """The pieces up to the first end of a line."""
    first: list[_Piece] = []
    async for arrived_ns, piece in pieces:
        first.append((arrived_ns, piece))
        if b"\n" in piece:
            break
    return first


def _goes_on(first: list[_Piece]) -> bool:
    """Whether the first line is an object that says that more will come."""
    try:
        document: object = json.loads(b"".join(piece for _, piece in first).partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("done") is False


async def _chained(first: list[_Piece], pieces: AsyncIterator[_Piece]) -> AsyncGenerator[_Piece, None]:
    for piece in first:
        yield piece
    async for piece in pieces:
        yield piece


def _bare_error(rest: bytes) -> object | None:
    """An error that came as bare JSON beside the events, as Gemini's do: an object, or a list with one in it."""
    if b"error" not in rest or not rest.rstrip().endswith((b"}", b"]")):
        return None
    try:
        document: object = json.loads(rest)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and document:
        document = document[0]
    return document if isinstance(document, dict) and document.get("error") else None


def _too_many(limit: int) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, f"more than {limit} events", detail="too_many_events")
