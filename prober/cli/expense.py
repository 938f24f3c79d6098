"""What probes are expected to spend in a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.web.wording import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.engine import Account
    from prober.model.probe import Probe

__all__ = ["Expense", "expense_of", "money", "summary"]

_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """What one probe spends in a day, retries apart. ``seen`` says that it goes by the last good run, not by limits."""

    tokens: float
    cost: float | None
    currency: str | None
    seen: bool

    def __str__(self) -> str:
        spent = f"{amount(round(self.tokens))} tokens" if self.cost is None else money(self.cost, self.currency)
        return spent if self.seen else f"max {spent}"

    def document(self) -> dict[str, object]:
        """The same for programs."""
        basis = "last good run" if self.seen else "limits"
        return {"tokens": self.tokens, "cost": self.cost, "currency": self.currency, "basis": basis}


def money(cost: float, currency: str | None) -> str:
    """A sum in two digits and without an exponent, as nobody knows better what a day will cost."""
    return f"{amount(float(f'{cost:.2g}'))} {currency}"


def expense_of(probe: Probe, account: Account | None) -> Expense | None:
    """What the probe is expected to spend, no more than its budget; None for one that spends nothing."""
    spending = probe.spending
    if spending is None:
        return None
    runs = _DAY_NS / probe.interval_ns
    seen = account is not None and account.run_tokens is not None
    tokens, cost = spending.tokens, spending.cost
    if account is not None and account.run_tokens is not None:
        tokens, cost = account.run_tokens, account.run_cost
    budget = spending.budget
    most = [runs]
    if budget is not None and budget.tokens_per_day is not None:
        most.append(budget.tokens_per_day / max(tokens, 1))
    if budget is not None and budget.cost_per_day is not None and cost:
        most.append(budget.cost_per_day / cost)
    runs = min(most)
    return Expense(
        tokens=tokens * runs, cost=None if cost is None else cost * runs, currency=spending.currency, seen=seen
    )


def summary(expenses: Iterable[Expense | None]) -> tuple[float, Mapping[str, float]]:
    """The tokens of all, and their costs by currency."""
    tokens, costs = 0.0, defaultdict[str, float](float)
    for expense in expenses:
        if expense is not None:
            tokens += expense.tokens
            if expense.currency is not None and expense.cost is not None:
                costs[expense.currency] += expense.cost
    return tokens, costs
