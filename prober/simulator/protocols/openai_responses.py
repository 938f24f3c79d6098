"""OpenAI Responses, server side: an answer as the object ``response``, or as the named events that lead to it.

Written from OpenAI's specification (`/v1/responses`, spec 2.3.0) and the types of its SDK.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.simulator.answer import REFUSAL, Finish
from prober.simulator.errors import encoded
from prober.simulator.protocols.asked import Asked
from prober.simulator.script import Frame, Mark, Script, laid_out
from prober.simulator.wire import Wire, named_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.wire import Breakage

__all__ = ["ResponseRequest"]

_INCOMPLETE = {
    Finish.LENGTH: "max_output_tokens",
    Finish.FILTERED: "content_filter",
    Finish.BLOCKED: "content_filter",
}
_FAILURES = frozenset(
    ["server_error", "rate_limit_exceeded", "invalid_prompt", "data_residency_mismatch", "bio_policy"]
)


def _id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(24)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRequest(Asked):
    """A request for a response. ``settings`` is what the object repeats of it, ``summarized`` shows the reasoning."""

    settings: Mapping[str, object]
    summarized: bool
    store: bool
    background: bool
    id: str = field(default_factory=lambda: _id("resp"))
    message_id: str = field(default_factory=lambda: _id("msg"))
    reasoning_id: str = field(default_factory=lambda: _id("rs"))
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> Mapping[str, object]:
        """The object ``response``, completed or incomplete."""
        reason = _INCOMPLETE.get(answer.finish)
        return {
            **self.state(answer.model, "incomplete" if reason else "completed"),
            "completed_at": None if reason else int(time.time()),
            "incomplete_details": {"reason": reason} if reason else None,
            "output": self._output(answer),
            "usage": _usage(answer),
        }

    def state(self, model: str, status: str, error: Mapping[str, object] | None = None) -> dict[str, object]:
        """The object as it is before there is anything, or after it failed."""
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": self.background,
            "completed_at": None,
            "error": error,
            "incomplete_details": None,
            "model": model,
            "output": [],
            "parallel_tool_calls": True,
            "service_tier": "default",
            "store": self.store,
            "tool_choice": "auto",
            "tools": [],
            "truncation": "disabled",
            "usage": None,
            **self.settings,
        }

    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """The events from ``response.created`` to ``response.completed`` or ``response.incomplete``."""
        begun = self.state(answer.model, "in_progress")
        events = _Events()
        first = events.response("created", begun) + events.response("in_progress", begun)
        thoughts: list[bytes] = []
        bridge = b""
        if answer.reasoning:
            first += events.item("added", 0, {**self._reasoning(answer), "summary": []})
            thoughts, bridge = self._thoughts(events, answer)
        opening, place = b"", _Place(self.message_id, 1 if answer.reasoning else 0)
        if _has_message(answer):
            opening = events.item("added", place.output, self._message(answer, "in_progress", []))
            opening += events.part("added", place, _part(answer, ""))
        if not answer.reasoning:
            first, opening = first + opening, b""
        words = [events.delta(place, piece) for piece in answer.tokens]
        if answer.finish is Finish.REFUSED:
            words = [events.at(place, "refusal.delta", delta=REFUSAL)]
        frames = [Frame(role_at, first, Mark.ROLE), *laid_out(due, thoughts, bridge + opening, words)]
        whole = self.whole(answer)
        if _has_message(answer):
            frames.append(Frame(due[-1], self._done(events, place, answer), Mark.FINISH))
        frames.append(Frame(due[-1], events.response(str(whole["status"]), whole), Mark.TAIL))
        return Script(frames=tuple(frames), wire=Wire(done=b"", broken=lambda broken: self._broken(begun, broken)))

    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """The object with the status ``failed``, which comes with HTTP 200."""
        del shape
        return self.state(answer.model, "failed", _failure(error))

    def _thoughts(self, events: _Events, answer: Answer) -> tuple[list[bytes], bytes]:
        """An event a token if they are shown, else nothing for each; and what ends the reasoning."""
        item = self._reasoning(answer)
        if not self.summarized:
            return [b""] * len(answer.reasoning), events.item("done", 0, item)
        place = {"item_id": self.reasoning_id, "output_index": 0, "summary_index": 0}
        kind = "reasoning_summary_text.delta"
        thoughts = [events.event(kind, **place, delta=piece) for piece in answer.reasoning]
        end = events.event("reasoning_summary_text.done", **place, text=answer.thought)
        return thoughts, end + events.item("done", 0, item)

    def _done(self, events: _Events, place: _Place, answer: Answer) -> bytes:
        if answer.finish is Finish.REFUSED:
            end = events.at(place, "refusal.done", refusal=REFUSAL)
        else:
            end = events.at(place, "output_text.done", text=answer.text, logprobs=[])
        part = _part(answer, answer.text)
        end += events.part("done", place, part)
        return end + events.item("done", place.output, self._message(answer, _message_status(answer), [part]))

    def _output(self, answer: Answer) -> list[object]:
        output: list[object] = [self._reasoning(answer)] if answer.reasoning else []
        if _has_message(answer):
            output.append(self._message(answer, _message_status(answer), [_part(answer, answer.text)]))
        return output

    def _message(self, answer: Answer, status: str, content: list[object]) -> dict[str, object]:
        del answer
        return {"id": self.message_id, "type": "message", "status": status, "role": "assistant", "content": content}

    def _reasoning(self, answer: Answer) -> dict[str, object]:
        summary = [{"type": "summary_text", "text": answer.thought}] if self.summarized else []
        return {"id": self.reasoning_id, "type": "reasoning", "summary": summary}

    def _broken(self, begun: Mapping[str, object], broken: Breakage) -> bytes:
        number = sum(data.count(b'"sequence_number":') for data in broken.sent)
        error = broken.error
        if broken.shape == "failed":
            failed = {**begun, "status": "failed", "error": _failure(error)}
            value = {"type": "response.failed", "sequence_number": number, "response": failed}
            return named_event("response.failed", value)
        told = {"code": error.code, "message": error.message, "param": None}
        return named_event("error", {"type": "error", "sequence_number": number, **told})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the output a text is."""

    item_id: str
    output: int


class _Events:
    """Numbered events of one stream, to be made in the order in which they are sent."""

    def __init__(self) -> None:
        self._number = 0

    def event(self, kind: str, **fields: object) -> bytes:
        """Any event."""
        number, self._number = self._number, self._number + 1
        name = f"response.{kind}"
        return named_event(name, {"type": name, "sequence_number": number, **fields})

    def response(self, kind: str, response: Mapping[str, object]) -> bytes:
        """An event about the whole."""
        return self.event(kind, response=response)

    def item(self, what: str, index: int, item: Mapping[str, object]) -> bytes:
        """An item of the output is added, or done."""
        return self.event(f"output_item.{what}", output_index=index, item=item)

    def part(self, what: str, place: _Place, part: object) -> bytes:
        """A part of a message is added, or done."""
        return self.at(place, f"content_part.{what}", part=part)

    def at(self, place: _Place, kind: str, **fields: object) -> bytes:
        """An event about the one part of the message."""
        return self.event(kind, item_id=place.item_id, output_index=place.output, content_index=0, **fields)

    def delta(self, place: _Place, piece: str) -> bytes:
        """A token. A stream may have thousands, so only the text is encoded."""
        number, self._number = self._number, self._number + 1
        return (
            b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":%d,'
            b'"item_id":"%b","output_index":%d,"content_index":0,"delta":%b,"logprobs":[]}\n\n'
        ) % (number, place.item_id.encode(), place.output, encoded(piece))


def _has_message(answer: Answer) -> bool:
    """Whether there is a message: not if reasoning used up the limit, nor if the filter took it away."""
    return bool(answer.tokens) or answer.finish in {Finish.STOP, Finish.REFUSED}


def _message_status(answer: Answer) -> str:
    return "incomplete" if answer.finish in _INCOMPLETE else "completed"


def _part(answer: Answer, text: str) -> dict[str, object]:
    if answer.finish is Finish.REFUSED:
        return {"type": "refusal", "refusal": REFUSAL}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _failure(error: NamedError) -> dict[str, object]:
    """The error of a failed response; its codes are a closed list."""
    return {"code": error.code if error.code in _FAILURES else "server_error", "message": error.message}


def _usage(answer: Answer) -> dict[str, object]:
    return {
        "input_tokens": answer.prompt_tokens,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": answer.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": answer.total_tokens,
    }
