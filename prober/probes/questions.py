"""The questions to models among the steps of a journey: what they cost, and whom they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model.setting import SettingError
from prober.model.spending import Spending, added_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prober.model.spending import Budget
    from prober.probes.step import Step

__all__ = ["asked_model", "money_mistakes", "spending_of"]

_Path = tuple[str | int, ...]


def asked_model(steps: Iterable[Step]) -> Mapping[str, str]:
    """The labels ``model`` and ``currency`` of the first question; none where nothing is asked."""
    return next((step.chat.asked() for step in steps if step.chat is not None), {})


def spending_of(steps: Iterable[Step], budget: Budget | None) -> Spending | None:
    """What all questions of a run cost together, within the narrowest of the budgets; None without a question."""
    return added_up([step.chat.spending() for step in steps if step.chat is not None], budget)


def money_mistakes(placed: Iterable[tuple[Step, _Path]], budget: Budget | None) -> Iterator[SettingError]:
    """Costs that cannot be added up, and a budget of money where nobody knows what anything costs."""
    questions = [(step.chat.spending(), path) for step, path in placed if step.chat is not None]
    priced = [(spending.currency, path) for spending, path in questions if spending.currency is not None]
    for currency, path in priced:
        if currency != priced[0][0]:
            said = f"the costs of a probe are in one currency, and there was {priced[0][0]} before"
            yield SettingError(said, (*path, "chat", "price", "currency"))
    if questions and not priced and budget is not None and budget.cost_per_day is not None:
        yield SettingError("nobody knows what a run costs: give the chat a `price`", ("budget", "cost_per_day"))
