"""Whether a model's answer is one: whole, not an error in disguise, and what was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.classify import Answer, Audience, Verdict, event, finish, masked
from prober.classify.verdict import printable
from prober.http.expect import Expect, Subject, text_of
from prober.http.sse import EventParser
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.probes.judge import judge, note_unmapped
from prober.providers.gateway import perhaps_replayed, replayed, served_model
from prober.providers.protocol import ChatProtocol

if TYPE_CHECKING:
    from prober.http.exchange import Stream
    from prober.probes.reading import Answered
    from prober.providers.reply import Reply

__all__ = ["Jury"]

_QUOTES = str.maketrans("", "", "\"'`*_ \t\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Jury:
    """Judges one answer, the most specific evidence first (design, section 4). Raises ProbeFailure for a bad one."""

    run: Run
    protocol: ChatProtocol
    expect: Expect
    wants_stream: bool
    nonce: str | None

    def judge(self, answered: Answered) -> None:
        """Return if a person would have been content with the answer."""
        assert answered.stream is not None
        if 200 <= answered.stream.head.status < 300:
            if not answered.streamed:
                self._whole(answered, answered.stream)
            self._complete(answered)
            self._meant_for_us(answered, answered.stream)
        judge(
            self.expect,
            self._subject(answered, answered.stream),
            run=self.run,
            audience=Audience.API,
            protocol=self.protocol.name,
            nonce=self.nonce,
        )

    def _whole(self, answered: Answered, stream: Stream) -> None:
        """Read a complete answer into the reply, once it is known not to be an error in disguise."""
        head = stream.head
        given = Answer(
            status=head.status,
            headers=head.headers,
            body=answered.body,
            protocol=self.protocol.name,
            nonce=self.nonce,
            redact=self.run.redactor,
        )
        self._refuse(masked(given, Audience.API), phase="transfer")
        if self.wants_stream:
            told = self.run.redactor(head.headers.get("Content-Type", "")).partition(";")[0]
            kind = printable(told, 60) or "no content type"
            raise _unexpected(f"a stream was asked for, and {kind} came", "not_streamed")
        try:
            document = json.loads(answered.body)
        except (ValueError, RecursionError):
            raise _unexpected("the answer is not JSON", "not_json") from None
        if not isinstance(document, dict):
            raise _unexpected("the answer is not a JSON object", "missing_field")
        try:
            self.protocol.whole(document, answered.reply)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise _unexpected("the answer lacks a field that the protocol requires", "missing_field") from None

    def _complete(self, answered: Answered) -> None:
        """No error inside, the end marker seen, a good reason to end, and something to read."""
        reply, phase = answered.reply, "stream" if answered.streamed else "transfer"
        if reply.error is not None:
            verdict = event(
                reply.error, name="error", protocol=self.protocol.name, nonce=self.nonce, redact=self.run.redactor
            )
            self._refuse(verdict, phase=phase)
        self._refuse(reply.verdict, phase=phase)
        if failure := _cut_short(reply):
            raise failure
        assert reply.finish is not None
        ending = finish(self.protocol.name, reply.finish)
        note_unmapped(self.run, ending.unmapped)
        self._refuse(ending.failure, phase=phase)
        if reply.refusal:
            raise ProbeFailure(
                ErrorClass.CONTENT_FILTERED, "the model refused to answer", detail="refusal", phase=phase
            )
        if not reply.text.strip():
            message = "the answer is complete and has no visible text"
            raise ProbeFailure(ErrorClass.EMPTY_RESPONSE, message, detail="no_text", phase=phase)

    def _meant_for_us(self, answered: Answered, stream: Stream) -> None:
        """The fresh nonce came back: nobody has had this answer before."""
        reply, headers = answered.reply, stream.head.headers
        unused = perhaps_replayed(headers) or (reply.usage is not None and reply.usage.empty)
        if replayed(headers) or (self.nonce is None and unused):
            raise _mismatch("expected a fresh answer, saw one from a response cache", "cached")
        if self.nonce is not None and self.nonce not in _plain(reply.text):
            seen = printable(reply.text, redact=self.run.redactor)
            message = f"expected the nonce {self.nonce} in the answer, saw “{seen}”"
            raise _mismatch(message, "cached" if unused else "nonce")

    def _subject(self, answered: Answered, stream: Stream) -> Subject:
        head, run = stream.head, self.run
        read = answered.streamed or answered.reply.ended
        body = answered.body if read else _unframed(answered.body, stream)
        text = answered.reply.text if read else text_of(body, head.headers.get("Content-Type"))
        expiry = run.measures.get("certificate_expiry")
        return Subject(
            status=head.status,
            headers=head.headers,
            cookies=answered.cookies,
            url=stream.url,
            body=body,
            text=text,
            duration_ns=run.clock.monotonic_ns() - run.started_ns,
            wire_bytes=stream.wire_bytes,
            redirects=stream.redirects,
            certificate_expiry=expiry if isinstance(expiry, float) else None,
            http_version=head.http_version,
            model=served_model(answered.reply.model, head.headers),
            now=run.clock.wall_ns() / 1e9,
        )

    def _refuse(self, verdict: Verdict | None, *, phase: str) -> None:
        if verdict is not None:
            note_unmapped(self.run, verdict.unmapped)
            raise verdict.failure(phase=phase)


def _unframed(body: bytes, stream: Stream) -> bytes:
    """A body that is no stream of an answer; gateways frame an error as the only event of one."""
    if stream.content_type != "text/event-stream":
        return body
    events = EventParser(limit=len(body) + 2).feed(body + b"\n\n")
    return events[0].data.encode("utf-8", "replace") if events else body


def _cut_short(reply: Reply) -> ProbeFailure | None:
    """The failure of a stream that ended without saying why."""
    if reply.ended and reply.finish is not None:
        return None
    if reply.ended and not reply.contents:
        message = "only the end marker came, and no answer"
        return ProbeFailure(ErrorClass.EMPTY_RESPONSE, message, detail="lone_done", phase="stream")
    pieces = "piece" if reply.contents == 1 else "pieces"
    seen = f"after {reply.contents} {pieces} of content" if reply.contents else "before any content"
    missing = "a finish reason" if reply.ended else "its end marker"
    message = f"the stream ended {seen}, without {missing}"
    return ProbeFailure(ErrorClass.STREAM_TRUNCATED, message, detail="no_terminator", phase="stream")


def _plain(text: str) -> str:
    return text.translate(_QUOTES).lower()


def _mismatch(message: str, detail: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail=detail, phase="expect")


def _unexpected(message: str, detail: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail=detail, phase="transfer")
