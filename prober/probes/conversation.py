"""One question and its answer: sent, read as it comes, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.http.settings import Limits
from prober.model.run import Run
from prober.probes.reading import Answered, Reading
from prober.probes.watch import ContentWatch
from prober.providers.protocol import ChatProtocol

if TYPE_CHECKING:
    from prober.http.client import Client
    from prober.http.exchange import Stream
    from prober.http.message import Request

__all__ = ["Conversation"]

_STREAM_TYPES = {
    "sse": frozenset({"text/event-stream"}),
    "ndjson": frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"}),
}


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
            answered.stream = stream
            answered.cookies = client.jar.for_url(stream.url, now=self.run.clock.wall_ns() / 1e9)
            asked_ns = self._asked_ns()
            answered.streamed = self._is_stream(stream)
            if not answered.streamed and not self._may_be_stream(stream):
                try:
                    answered.kept.append(await stream.read())
                finally:
                    self.run.measures["bytes"] = stream.wire_bytes
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
        reading = Reading(answered, watch, run=run, protocol=self.protocol, limits=self.limits, keeps=self.keeps)
        finished = False
        try:
            async with watch:
                await stream.drain(reading.take)
                reading.end()
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
