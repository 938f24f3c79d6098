"""Faults of a model's answer: what it says, how it ends, how its stream goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from prober.simulator.errors import ERRORS, WORDS
from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import boolean, integer, key, number, one_of, position, text

__all__ = [
    "Bulky",
    "Empty",
    "ErrorChunk",
    "FilterDown",
    "Filtered",
    "Framing",
    "Length",
    "LoneDone",
    "NotStreamed",
    "Replay",
    "SlowPace",
    "WrongAnswer",
    "WrongModel",
]

_CHAT = frozenset({"chat"})
_STREAMS = frozenset({"chat", "images"})
_WITH_ERROR_OBJECT = tuple(name for name, error in ERRORS.items() if error.error_object is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorChunk(Fault):
    """Breaks a stream off with an error object; an answer that is no stream is that object with status 200."""

    name = "error_chunk"
    surfaces = _STREAMS

    error: str = key(
        one_of(*WORDS, *_WITH_ERROR_OBJECT), "Whose error object, by name or by its word.", default="server_error"
    )
    after: str | int = key(position("head", "role", "finish"), "After how much.", default=3)
    shape: str = key(
        one_of("bare", "openrouter", "empty_choices", "failed", "event"),
        "How the protocol tells it: bare is its usual way; openrouter (finish_reason error) and empty_choices are of "
        "Chat Completions, failed (response.failed) of Responses, event (a data: line) of Gemini.",
        default="bare",
    )
    done: bool = key(boolean, "Whether `[DONE]` follows, where the protocol has it.", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneDone(Fault):
    """Sends nothing but the end of a stream, such as ``data: [DONE]``; strikes streams only."""

    name = "lone_done"
    surfaces = _CHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongModel(Fault):
    """Answers with another model than the one that was asked for, as a gateway does that falls back."""

    name = "wrong_model"
    surfaces = _CHAT

    served: str | None = key(text, "The model it names; by default the asked one with `-fallback`.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Fault):
    """Finishes properly without any text."""

    name = "empty"
    surfaces = _CHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Fault):
    """Finishes because the output limit is used up: ``length``, ``max_tokens``, ``incomplete``."""

    name = "length"
    surfaces = _CHAT

    after: int = key(integer(0, 1_000_000), "How many tokens of visible text come out.", default=0)
    reasoning: bool = key(boolean, "Whether the limit went into reasoning.", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered(Fault):
    """Finishes without text, because of what was asked or said: ``content_filter``, ``refusal``, ``SAFETY``."""

    name = "filtered"
    surfaces = frozenset({"chat", "video"})

    how: str = key(
        one_of("finish", "refusal", "prompt"),
        "By the finish reason, by a refusal in place of the text, or by blocking the prompt; "
        "a protocol that has no other way says it by the finish reason.",
        default="finish",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterDown(Fault):
    """Answers unfiltered, and says so: Azure's ``content_filter_error`` beside a good answer."""

    name = "filter_down"
    surfaces = _CHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongAnswer(Fault):
    """Says something else than it was asked to."""

    name = "wrong_answer"
    surfaces = _CHAT

    text: str = key(text, "What it says.", default="I would rather talk about the weather.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Fault):
    """Replays an old answer out of a cache: another prompt's text, and no tokens used."""

    name = "replay"
    surfaces = _CHAT

    text: str = key(text, "The old answer.", default="OK-7391")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulky(Fault):
    """Sends an answer of this size in one event: a chat's text, or each picture."""

    name = "bulky"
    surfaces = _STREAMS

    size: int = key(integer(1, 64 << 20), "Bytes of text or of the picture.", default=4 << 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowPace(Fault):
    """Sends tokens at another pace."""

    name = "slow_pace"
    surfaces = _CHAT

    tokens_per_second: float = key(number(0.001, 100_000), "The pace.", default=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStreamed(Fault):
    """Ignores ``stream: true`` and sends the whole answer as JSON."""

    name = "not_streamed"
    surfaces = _CHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing(Fault):
    """Sends a correct stream with other line ends, cut into small pieces."""

    name = "framing"
    surfaces = _STREAMS

    newline: str = key(one_of("lf", "crlf", "cr"), "The line end.", default="crlf")
    piece: int = key(integer(1, 65_536), "Bytes in a piece, each sent on its own.", default=7)
