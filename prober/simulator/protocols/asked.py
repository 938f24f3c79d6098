"""What every chat protocol makes of a checked request: a question, and answers as they look on its wire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.simulator.answer import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.simulator.answer import Answer
    from prober.simulator.errors import NamedError
    from prober.simulator.script import Script

__all__ = ["EVENT_STREAM", "Asked"]

EVENT_STREAM = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(ABC):
    """A checked request."""

    question: Question
    stream: bool

    @property
    def stream_type(self) -> str:
        """The content type of its stream."""
        return EVENT_STREAM

    @abstractmethod
    def whole(self, answer: Answer) -> Mapping[str, object]:
        """The answer as one object."""

    @abstractmethod
    def script(self, answer: Answer, due: Sequence[float], *, role_at: float) -> Script:
        """The answer as a stream.

        ``due`` has a time for every token, reasoning included, and one for the finish; ``role_at`` is when whatever
        comes before the first token is due.
        """

    @abstractmethod
    def failed(self, error: NamedError, shape: str, answer: Answer) -> object:
        """What comes, with status 200, in place of an answer that is no stream."""
