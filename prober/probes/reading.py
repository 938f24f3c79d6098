"""Reads the events of an answer as they arrive: what was said, and when there was content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.classify.verdict import printable
from prober.http.exchange import Stream
from prober.http.ndjson import LineParser
from prober.http.sse import EventParser
from prober.model.errors import ErrorClass, ProbeFailure
from prober.providers.reply import Reply

if TYPE_CHECKING:
    from prober.http.settings import Limits
    from prober.http.sse import Event
    from prober.model.run import Run
    from prober.probes.watch import ContentWatch
    from prober.providers.protocol import ChatProtocol

__all__ = ["Answered", "Reading"]


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
    cookies: Mapping[str, str] = field(default_factory=dict)
    visible_ns: int | None = None
    content_ns: int = 0

    @property
    def body(self) -> bytes:
        """What came over the wire, decoded."""
        return b"".join(self.kept)


class Reading:
    """Takes the pieces of one answer, and reads events where ``answered.streamed`` says so.

    Where it does not, only the first line can tell: an object that says that more will come begins a stream.
    """

    __slots__ = ("_answered", "_first", "_framer", "_keeps", "_limits", "_protocol", "_run", "_strayed", "_watch")

    def __init__(
        self,
        answered: Answered,
        watch: ContentWatch,
        *,
        run: Run,
        protocol: ChatProtocol,
        limits: Limits,
        keeps: bool,
    ) -> None:
        self._answered = answered
        self._watch = watch
        self._run = run
        self._protocol = protocol
        self._limits = limits
        self._keeps = keeps
        self._first: list[tuple[int, bytes]] | None = None if answered.streamed else []
        self._strayed = 0
        limit = limits.event
        self._framer = EventParser(limit=limit) if protocol.framing == "sse" else LineParser(limit=limit)

    def take(self, arrived_ns: int, piece: bytes) -> bool:
        """Read one piece; whether the answer is over. Raises ProbeFailure for what the protocol does not allow."""
        answered = self._answered
        if not answered.streamed:
            return self._undecided(arrived_ns, piece)
        if self._keeps:
            answered.kept.append(piece)
        reply = answered.reply
        self._events(self._framer.feed(piece), arrived_ns)
        if reply.error is not None:
            return True
        if answered.events > self._limits.events:
            message = f"more than {self._limits.events} events"
            raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="too_many_events")
        return self._went_astray() or reply.ended

    def end(self) -> None:
        """The body is over, or it was enough."""
        answered, reply = self._answered, self._answered.reply
        if not answered.streamed:
            self._decide()
        if not answered.streamed or reply.ended or reply.error is not None:
            return
        rest = self._framer.rest()
        reply.error = _bare_error(rest.encode())
        whole = not rest.strip() or rest.startswith("[DONE]")  # half an event: something was cut off
        reply.ended = self._protocol.ends_with_body and reply.finish is not None and whole

    def _undecided(self, arrived_ns: int, piece: bytes) -> bool:
        """A piece of which it is not known what it is, or that is a part of a whole answer."""
        if self._first is None:
            self._answered.kept.append(piece)
            return False
        self._first.append((arrived_ns, piece))
        return b"\n" in piece and self._decide()

    def _decide(self) -> bool:
        """Read what has come as what it is; whether the answer is over."""
        first, self._first = self._first or [], None
        self._answered.streamed = _goes_on(first)
        return any(self.take(arrived_ns, piece) for arrived_ns, piece in first)

    def _events(self, events: list[Event], arrived_ns: int) -> None:
        """Read the events of one piece, up to the end or an error; all of them came when it did."""
        answered, reply, read = self._answered, self._answered.reply, self._protocol.event
        before = reply.contents
        data = ""
        try:
            for event in events:
                answered.events += 1
                data = event.data
                if not data and event.name != "error":
                    continue  # some keep a connection alive with them
                read(event, reply)
                if reply.ended or reply.error is not None:
                    break
        except (ValueError, TypeError, KeyError, RecursionError):
            seen = printable(data, 60, redact=self._run.redactor)
            message = f"an event of the stream is not what {self._protocol.name} allows: {seen}"
            raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="invalid_event") from None
        finally:
            if reply.contents > before:
                self._seen(arrived_ns, count=reply.contents - before)

    def _seen(self, arrived_ns: int, *, count: int) -> None:
        """So many contents came at this time."""
        self._watch.seen(arrived_ns)
        if count > 1:
            self._watch.seen(arrived_ns)  # no gap between them
        self._run.phase_name = "stream"
        if self._answered.visible_ns is None and self._answered.reply.visible:
            self._answered.visible_ns = arrived_ns

    def _went_astray(self) -> bool:
        """Whether an error has come as lines that are no events."""
        framer, reply = self._framer, self._answered.reply
        if isinstance(framer, LineParser) or len(framer.stray) == self._strayed:
            return False
        self._strayed = len(framer.stray)
        reply.error = _bare_error(framer.stray)
        return reply.error is not None


def _goes_on(first: list[tuple[int, bytes]]) -> bool:
    """Whether the first line is an object that says that more will come."""
    try:
        document: object = json.loads(b"".join(piece for _, piece in first).partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("done") is False


def _bare_error(rest: bytes) -> object | None:
    """An error that came as JSON beside the events: bare, as Gemini's do, an object or a list with one in it.

    The llama.cpp of 2025 sends it as a field of the event format that there is not, ``error: {...}``.
    """
    if b"error" not in rest or not rest.rstrip().endswith((b"}", b"]")):
        return None
    _, field, value = (b"\n" + rest).rpartition(b"\nerror:")
    try:
        document: object = json.loads(value if field else rest)
    except (ValueError, RecursionError):
        return None
    if field:
        document = {"error": document}
    if isinstance(document, list) and document:
        document = document[0]
    return document if isinstance(document, dict) and document.get("error") else None
