"""What has come of an answer so far, in one shape for all protocols."""

from __future__ import annotations

from dataclasses import dataclass, field

from prober.classify import Verdict

__all__ = ["Reply", "Usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as they are billed: ``cached`` are part of ``input``, ``reasoning`` part of ``output``."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing was used at all, as when a response cache answered."""
        return self.input == 0 and self.output == 0


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer while it is read. A protocol writes into it; the chat probe reads it.

    ``visible`` is the text in the order it came; ``contents`` counts pieces of content of any kind, and ``thinking``
    says that reasoning was among them. ``ended`` says that the protocol's own end marker was seen, ``finish`` is the
    provider's word for why it ended. ``error`` is the error object that came inside, ``verdict`` why the answer is a
    failure where only the protocol can tell. ``id`` is the provider's name for the answer, ``request_id`` the one for
    the request if an error told it; ``notes`` are what the protocol keeps from one event to the next.
    """

    visible: list[str] = field(default_factory=list)
    contents: int = 0
    thinking: bool = False
    refusal: bool = False
    ended: bool = False
    finish: str | None = None
    model: str | None = None
    id: str | None = None
    request_id: str | None = None
    usage: Usage | None = None
    error: object | None = None
    verdict: Verdict | None = None
    cost: float | None = None
    notes: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The visible text so far."""
        return "".join(self.visible)

    def say(self, text: object) -> None:
        """Take in visible text, if it is any."""
        if isinstance(text, str) and text:
            self.visible.append(text)
            self.contents += 1

    def think(self, text: object) -> None:
        """Take in reasoning, if it is any; its words do not matter."""
        if isinstance(text, str) and text:
            self.thinking = True
            self.contents += 1

    def refuse(self, text: object) -> None:
        """Take in a part of the model's refusal, if it is any."""
        if isinstance(text, str) and text:
            self.refusal = True
            self.contents += 1
