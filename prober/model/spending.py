"""What runs spend, and how much they may spend in a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from prober.model.setting import SettingError, SettingErrors, refuse, setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Budget", "Spending", "WholeBudget", "added_up"]

T = TypeVar("T", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent in one day of UTC. A run that would go beyond it is skipped."""

    cost_per_day: float | None = setting("So much money, in the currency of the costs.", default=None)
    tokens_per_day: int | None = setting("So many tokens, of input and output together.", default=None)

    def __post_init__(self) -> None:
        """Refuse a budget that is none."""
        if self.cost_per_day is None and self.tokens_per_day is None:
            raise SettingErrors.one("give cost_per_day, tokens_per_day, or both")
        limits = {"cost_per_day": self.cost_per_day, "tokens_per_day": self.tokens_per_day}
        refuse(
            SettingError("must be more than nothing", (name,))
            for name, limit in limits.items()
            if limit is not None and not 0 < limit < float("inf")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBudget(Budget):
    """What all probes together may spend in one day of UTC."""

    currency: str = setting("Only costs in this currency count.", default="USD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one run spends at most, as far as the settings tell, and what the probe may spend in a day.

    ``cost`` is None where no price is known; ``currency`` is that of its costs, None for a probe that has none.
    """

    tokens: int
    cost: float | None = None
    currency: str | None = None
    budget: Budget | None = None


def added_up(spendings: Sequence[Spending], budget: Budget | None = None) -> Spending | None:
    """What a run spends that does all of this, within the narrowest of the budgets; None if it is nothing."""
    if not spendings:
        return None
    costs = [each.cost for each in spendings if each.cost is not None]
    return Spending(
        tokens=sum(each.tokens for each in spendings),
        cost=sum(costs) if costs else None,
        currency=next((each.currency for each in spendings if each.currency is not None), None),
        budget=_narrowest([each for each in (budget, *(each.budget for each in spendings)) if each is not None]),
    )


def _narrowest(budgets: Sequence[Budget]) -> Budget | None:
    if not budgets:
        return None
    return Budget(
        cost_per_day=_least(each.cost_per_day for each in budgets),
        tokens_per_day=_least(each.tokens_per_day for each in budgets),
    )


def _least(limits: Iterable[T | None]) -> T | None:
    return min((limit for limit in limits if limit is not None), default=None)
