"""What a model says to a question, how many tokens that is, and how a fault changes it."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from prober.simulator.faults.answers import (
    Bulky,
    Empty,
    FilterDown,
    Filtered,
    Length,
    Replay,
    WrongAnswer,
    WrongModel,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.simulator.faults.fault import Fault

__all__ = ["REFUSAL", "Answer", "Finish", "Question", "altered", "answered", "count_tokens", "tokens_of"]

REFUSAL = "I'm sorry, but I can't help with that."
"""What a model says where a protocol has a place for a refusal."""

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
    """What a request asks, whatever protocol it came in.

    ``opening`` is how the whole prompt begins; ``limit`` bounds reasoning and visible tokens together.
    """

    model: str
    text: str
    prompt_tokens: int
    opening: str = ""
    cached_tokens: int = 0
    limit: int | None = None
    thinks: bool = False


class Finish(Enum):
    """Why an answer ends."""

    STOP = auto()
    LENGTH = auto()
    FILTERED = auto()
    REFUSED = auto()
    BLOCKED = auto()
    """The prompt was; there is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back. ``reasoning`` is not visible text; ``unfiltered`` says that the filter was out of order."""

    model: str
    tokens: tuple[str, ...]
    reasoning: tuple[str, ...]
    finish: Finish
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    unfiltered: bool = False

    @property
    def text(self) -> str:
        """The visible text."""
        return "".join(self.tokens)

    @property
    def thought(self) -> str:
        """The text of the reasoning."""
        return "".join(self.reasoning)

    @property
    def reasoning_tokens(self) -> int:
        """How many tokens are told to have gone into reasoning; they are part of the completion's."""
        return min(len(self.reasoning), self.completion_tokens)

    @property
    def total_tokens(self) -> int:
        """The prompt's and the completion's."""
        return self.prompt_tokens + self.completion_tokens


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
        finish=Finish.LENGTH if cut else Finish.STOP,
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


_FILTERED = {"finish": Finish.FILTERED, "refusal": Finish.REFUSED, "prompt": Finish.BLOCKED}


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
            case Filtered(how=how):
                answer = dataclasses.replace(_saying(answer, ""), finish=_FILTERED[how])
            case FilterDown():
                answer = dataclasses.replace(answer, unfiltered=True)
            case Bulky(size=size):
                answer = dataclasses.replace(answer, tokens=("x" * size,))
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
        finish=Finish.LENGTH,
        completion_tokens=len(reasoning) + len(tokens),
    )
