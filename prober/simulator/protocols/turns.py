"""The turns of a conversation as any protocol sends them, made into a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.answer import Question, count_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.simulator.settings import Model

__all__ = ["Turns", "text_of"]

_OPENING = 4096


class Turns:
    """Pairs of a role and a text, in their order."""

    def __init__(self, turns: Iterable[tuple[str, str]]) -> None:
        self._turns = tuple(turns)

    @property
    def tokens(self) -> int:
        """About how many tokens they are, with what lies between them."""
        return 3 + sum(4 + count_tokens(text) for _, text in self._turns)

    def question(self, model: Model, *, limit: int | None, thinks: bool) -> Question:
        """The question, which is the last text of the user."""
        return Question(
            model=model.id,
            text=next((text for role, text in reversed(self._turns) if role == "user"), ""),
            prompt_tokens=self.tokens,
            opening="".join(text for _, text in self._turns)[:_OPENING],
            limit=limit,
            thinks=thinks,
        )


def text_of(content: object) -> str | None:
    """The text of a content that is a text, or a list of parts of which some have one; None for anything else."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return None
    return "".join(str(part.get("text", "")) for part in content)
