"""What a model says to a question, how many tokens that is, and how a fault changes it."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.simulator.faults.answers import Empty, Filtered, Length, Replay, WrongAnswer, WrongModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.simulator.faults.fault import Fault

__all__ = ["Answer", "Question", "altered", "answered", "count_tokens", "tokens_of"]

_EXACTLY = re.compile(r"reply with exactly:[ \t]*([^\r\n]*?)[ \t]*(?:[\r\n]|$)", re.IGNORECASE)
_WORDS = re.compile(r"\b(\d{1,5}) words\b", re.IGNORECASE)
_TOKEN = re.compile(r"\s*\S{1,4}|\s+")
_THOUGHT = "The user wants me to repeat a text. I will repeat it exactly as it stands, and say nothing else."


def tokens_of(text: str) -> tuple[str, ...]:
    """The text in pieces of about four characters, which is what models' tokens come to."""
    return tuple(_TOKEN.findall(text))


def count_tokens(text: str) -> int:
    """About how many tokens a text is."""
    return math.ceil(len(text) / 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a request asks, whatever protocol it came in. ``limit`` bounds reasoning and visible tokens together."""

    model: str
    text: str
    prompt_tokens: int
    cached_tokens: int = 0
    limit: int | None = None
    thinks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back. ``finish`` is ``stop``, ``length`` or ``content_filter``; ``reasoning`` is not visible text."""

    model: str
    tokens: tuple[str, ...]
    reasoning: tuple[str, ...]
    finish: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int

    @property
    def text(self) -> str:
        """The visible text."""
        return "".join(self.tokens)


def answered(question: Question, title: str) -> Answer:
    """The answer of a healthy model: X to "Reply with exactly: X", n words to "n words", else a short sentence."""
    reasoning = tokens_of(_THOUGHT) if question.thinks else ()
    tokens = tokens_of(_words_for(question.text, title))
    limit = question.limit if question.limit is not None else len(reasoning) + len(tokens)
    reasoning, room = reasoning[:limit], max(0, limit - len(reasoning))
    cut = room < len(tokens)
    return Answer(
        model=question.model,
        tokens=tokens[:room],
        reasoning=reasoning,
        finish="length" if cut else "stop",
        prompt_tokens=question.prompt_tokens,
        cached_tokens=question.cached_tokens,
        completion_tokens=len(reasoning) + min(room, len(tokens)),
    )


def _words_for(text: str, title: str) -> str:
    if exactly := _EXACTLY.search(text):
        return exactly[1]
    if words := _WORDS.search(text):
        return " ".join(["word"] * min(int(words[1]), 20_000))
    return f"I am {title}. I say what I am told to say."


def altered(answer: Answer, faults: Iterable[Fault]) -> Answer:
    """The answer as the faults leave it, one after the other."""
    for fault in faults:
        match fault:
            case WrongModel(served=served):
                answer = dataclasses.replace(answer, model=served or f"{answer.model}-fallback")
            case WrongAnswer(text=text):
                answer = _saying(answer, text)
            case Replay(text=text):
                answer = dataclasses.replace(
                    _saying(answer, text), prompt_tokens=0, cached_tokens=0, completion_tokens=0
                )
            case Empty():
                answer = _saying(answer, "")
            case Filtered():
                answer = dataclasses.replace(_saying(answer, ""), finish="content_filter")
            case Length():
                answer = _used_up(answer, fault)
    return answer


def _saying(answer: Answer, text: str) -> Answer:
    tokens = tokens_of(text)
    return dataclasses.replace(answer, tokens=tokens, completion_tokens=len(answer.reasoning) + len(tokens))


def _used_up(answer: Answer, fault: Length) -> Answer:
    reasoning = (answer.reasoning or tokens_of(_THOUGHT)) if fault.reasoning else ()
    tokens = answer.tokens[: fault.after]
    return dataclasses.replace(
        answer,
        tokens=tokens,
        reasoning=reasoning,
        finish="length",
        completion_tokens=len(reasoning) + len(tokens),
    )
