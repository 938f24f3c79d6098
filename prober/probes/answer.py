"""Whether a model's answer is one: whole, not an error in disguise, and what was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.classify import Answer, Audience, Verdict, event, finish, masked
from prober.http.expect import Expect, Subject
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.probes.judge import judge
from prober.providers.protocol import ChatProtocol

if TYPE_CHECKING:
    from prober.http.exchange import Stream
    from prober.probes.conversation import Answered
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
        head = answered.stream.head
        if not 200 <= head.status < 300 or (self.expect.names_status and not answered.streamed):
            judge(
                self.expect,
                self._subject(answered, answered.stream),
                run=self.run,
                audience=Audience.API,
                protocol=self.protocol.name,
                nonce=self.nonce,
            )
            return
        if not answered.streamed:
            self._whole(answered, answered.stream)
        self._complete(answered)
        self._meant_for_us(answered, answered.stream)

    def _whole(self, answered: Answered, stream: Stream) -> None:
        """Read a complete answer into the reply, once it is known not to be an error in disguise."""
        head = stream.head
        given = Answer(
            status=head.status,
            headers=head.headers,
            body=answered.body,
            protocol=self.protocol.name,
            nonce=self.nonce,
        )
        self._refuse(masked(given, Audience.API), phase="transfer")
        if self.wants_stream:
            kind = stream.content_type or "no content type"
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
        reply = answered.reply
        self._refuse_error(reply.error, phase="stream" if answered.streamed else "transfer")
        if not reply.ended:
            self._refuse_error(_document(answered.rest), phase="stream")
            seen = f"after {reply.contents} pieces of content" if reply.contents else "before any content"
            raise _failure(
                ErrorClass.STREAM_TRUNCATED, f"the stream ended {seen}, without its end marker", "no_terminator"
            )
        if reply.finish is None and not reply.contents:
            raise _failure(ErrorClass.EMPTY_RESPONSE, "only the end marker came, and no answer", "lone_done")
        if reply.finish is None:
            raise _truncated("the end marker came without a finish reason")
        ending = finish(self.protocol.name, reply.finish)
        self._note_unmapped(ending.unmapped)
        self._refuse(ending.failure, phase="stream")
        if reply.refusal:
            raise _failure(ErrorClass.CONTENT_FILTERED, "the model refused to answer", "refusal")
        if not reply.text.strip():
            raise _failure(ErrorClass.EMPTY_RESPONSE, "the answer is complete and has no visible text", "no_text")

    def _meant_for_us(self, answered: Answered, stream: Stream) -> None:
        """The fresh nonce came back, and everything that is expected holds."""
        reply = answered.reply
        if self.nonce is not None and self.nonce not in _plain(reply.text):
            cached = _cached(answered.reply, stream)
            raise ProbeFailure(
                ErrorClass.CONTENT_MISMATCH,
                f"expected the nonce {self.nonce} in the answer, saw {reply.text.strip()[:80]!r}",
                detail="cached" if cached else "nonce",
                phase="expect",
            )
        judge(
            self.expect,
            self._subject(answered, stream),
            run=self.run,
            audience=Audience.API,
            protocol=self.protocol.name,
        )

    def _subject(self, answered: Answered, stream: Stream) -> Subject:
        head, run = stream.head, self.run
        read = answered.streamed or answered.reply.ended
        text = answered.reply.text if read else answered.body.decode("utf-8", "replace")
        expiry = run.measures.get("certificate_expiry")
        return Subject(
            status=head.status,
            headers=head.headers,
            cookies={},
            url=answered.url,
            body=answered.body,
            text=text,
            duration_ns=run.clock.monotonic_ns() - run.started_ns,
            wire_bytes=stream.wire_bytes,
            redirects=0,
            certificate_expiry=expiry if isinstance(expiry, float) else None,
            http_version=head.http_version,
            model=answered.reply.model,
            now=run.clock.wall_ns() / 1e9,
        )

    def _refuse_error(self, error: object, *, phase: str) -> None:
        if error is not None:
            verdict = event(error, name="error", protocol=self.protocol.name, nonce=self.nonce)
            self._refuse(verdict, phase=phase)

    def _refuse(self, verdict: Verdict | None, *, phase: str) -> None:
        if verdict is None:
            return
        self._note_unmapped(verdict.unmapped)
        raise verdict.failure(phase=phase)

    def _note_unmapped(self, word: str | None) -> None:
        """Keep a provider's word that no table knows, for the log and the counter."""
        if word is not None:
            self.run.measures["unmapped_error"] = word


def _document(rest: str) -> object | None:
    """An error that came as bare JSON beside the events: an object, or a list with one in it."""
    try:
        document: object = json.loads(rest) if rest.strip() else None
    except (ValueError, RecursionError):
        return None
    if isinstance(document, list) and document:
        document = document[0]
    return document if isinstance(document, dict) and "error" in document else None


def _cached(reply: Reply, stream: Stream) -> bool:
    """Whether a response cache says or shows that it answered."""
    hit = stream.head.headers.get("X-OpenRouter-Cache-Status", "").strip().lower() == "hit"
    return hit or (reply.usage is not None and reply.usage.empty)


def _plain(text: str) -> str:
    return text.translate(_QUOTES).lower()


def _failure(error_class: ErrorClass, message: str, detail: str) -> ProbeFailure:
    return ProbeFailure(error_class, message, detail=detail, phase="stream")


def _truncated(message: str) -> ProbeFailure:
    return _failure(ErrorClass.STREAM_TRUNCATED, message, "no_terminator")


def _unexpected(message: str, detail: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail=detail, phase="transfer")
