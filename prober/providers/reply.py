"""What has come of an answer so far, in one shape for all protocols."""

from __future__ import annotations

from dataclasses import dataclass, field

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

    ``visible`` and ``reasoning`` are the texts in the order they came; ``ended`` says that the protocol's own end
    marker was seen, ``finish`` is the provider's word for why it ended. ``error`` is the error object that came inside.
    """

    visible: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: bool = False
    ended: bool = False
    finish: str | None = None
    model: str | None = None
    usage: Usage | None = None
    error: object | None = None
    cost: float | None = None

    @property
    def text(self) -> str:
        """The visible text so far."""
        return "".join(self.visible)

    @property
    def contents(self) -> int:
        """How many pieces of content of any kind have come."""
        return len(self.visible) + len(self.reasoning)

    def say(self, text: object) -> None:
        """Take in visible text, if it is any."""
        if isinstance(text, str) and text:
            self.visible.append(text)

    def think(self, text: object) -> None:
        """Take in reasoning text, if it is any."""
        if isinstance(text, str) and text:
            self.reasoning.append(text)
