"""Counts what runs spend in a day of UTC, and holds probes back that would go beyond their budget."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from prober.engine.ledger import Account, Ledger, read_ledger, write_ledger
from prober.model.keeper import Keeper
from prober.model.run import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Measure, Result
    from prober.model.spending import Spending, WholeBudget

__all__ = ["Purse"]

_DAY_NS = 86_400 * 10**9
_SAVE_EVERY_SECONDS = 5.0
_NOTHING = Account()
_ROUNDING = 1 + 1e-9  # three times 0.1 is a little more than 0.3


class Purse:
    """What has been spent today, by each probe and by all together.

    A run is held back if it would go beyond a budget, going by what the probe's last good run spent; the first run of
    a day never is. ``path`` is the file in which the accounts survive a restart; without one they are forgotten.
    """

    def __init__(self, clock: Clock, *, path: Path | None = None) -> None:
        self._now = clock.wall_ns
        self._ledger = Ledger() if path is None else read_ledger(path)
        write = None if path is None else partial(write_ledger, path)
        self._keeper = Keeper(self._document, write, every_seconds=_SAVE_EVERY_SECONDS)
        self._whole: WholeBudget | None = None
        self._known: frozenset[str] = frozenset()
        self._tokens = 0
        self._costs: defaultdict[str, float] = defaultdict(float)
        self._under_way = self._under_way_tokens = 0
        self._under_way_costs: defaultdict[str | None, float] = defaultdict(float)
        for account in self._ledger.accounts.values():
            self._sum(account.tokens, account.cost, account.currency)

    def configure(self, probes: Iterable[Probe], budget: WholeBudget | None) -> None:
        """Take over a configuration: the probes that there are, and the budget of them all."""
        self._known = frozenset(probe.name for probe in probes)
        self._whole = budget

    def note(self, probe: Probe, result: Result) -> None:
        """Count what a run has spent. Where an answer did not say so, it has spent what is usual."""
        measured, missing = _measured(result.measures), bool(result.measures.get("usage_missing"))
        spending = probe.spending
        if spending is None or (measured is None and not missing):
            return
        self._begin_day()
        account = self._ledger.accounts.setdefault(probe.name, Account())
        account.currency = spending.currency
        tokens, cost = _most(measured, _usual(spending, account) if missing else None)
        if measured is not None and not missing and result.outcome in {Outcome.OK, Outcome.SLOW}:
            account.run_tokens, account.run_cost = measured
        account.tokens += tokens
        account.cost += cost or 0.0
        self._sum(tokens, cost or 0.0, account.currency)
        self._keeper.changed()

    @contextmanager
    def reserving(self, probe: Probe) -> Iterator[None]:
        """A block in which a run goes on that will have spent what is usual: the others leave that to it."""
        if probe.spending is None:
            yield
            return
        tokens, cost = _usual(probe.spending, self._ledger.accounts.get(probe.name, _NOTHING))
        self._under_way += 1
        self._reserve(tokens, cost or 0.0, probe.spending.currency)
        try:
            yield
        finally:
            self._under_way -= 1
            self._reserve(-tokens, -(cost or 0.0), probe.spending.currency)

    def _reserve(self, tokens: int, cost: float, currency: str | None) -> None:
        self._under_way_tokens += tokens
        self._under_way_costs[currency] += cost
        if not self._under_way:
            self._under_way_costs.clear()  # nothing is under way: no rest of rounding stays

    def holds(self, probe: Probe) -> bool:
        """Whether another run of this probe would go beyond its budget, or beyond that of all."""
        spending, whole = probe.spending, self._whole
        if spending is None or (spending.budget is None and whole is None):
            return False
        self._begin_day()
        account = self._ledger.accounts.get(probe.name, _NOTHING)
        tokens, cost = _usual(spending, account)
        own = spending.budget
        if own is not None and (
            _beyond(own.tokens_per_day, account.tokens, tokens) or _beyond(own.cost_per_day, account.cost, cost or 0.0)
        ):
            return True
        if whole is None:
            return False
        counts = spending.currency == whole.currency
        costs = self._costs[whole.currency] + self._under_way_costs[whole.currency]
        return _beyond(whole.tokens_per_day, self._tokens + self._under_way_tokens, tokens) or (
            counts and _beyond(whole.cost_per_day, costs, cost or 0.0)
        )

    async def keep(self) -> None:
        """Write the accounts to their file whenever they change, until cancelled, and then once more."""
        await self._keeper.keep()

    def save(self) -> bool:
        """Write the accounts to their file, if they changed; whether it is now as it should be."""
        return self._keeper.save()

    def _document(self) -> dict[str, object]:
        return self._ledger.as_document()

    def _sum(self, tokens: int, cost: float, currency: str | None) -> None:
        self._tokens += tokens
        if currency is not None:
            self._costs[currency] += cost

    def _begin_day(self) -> None:
        """With a new day all have spent nothing; what is usual stays known of those that still exist."""
        today = self._now() // _DAY_NS
        if today == self._ledger.day:
            return
        kept = {name: account for name, account in self._ledger.accounts.items() if name in self._known}
        for account in kept.values():
            account.tokens, account.cost = 0, 0.0
        self._ledger = Ledger(day=today, accounts=kept)
        self._tokens = 0
        self._costs.clear()
        self._keeper.changed()


def _beyond(limit: float | None, spent: float, more: float) -> bool:
    return limit is not None and spent > 0 and spent + more > limit * _ROUNDING


def _measured(measures: Mapping[str, Measure]) -> tuple[int, float | None] | None:
    """Tokens and cost as the run measured them; None if it did not."""
    used = [measures.get(name) for name in ("input_tokens", "output_tokens")]
    cost = measures.get("cost")
    tokens = sum(each for each in used if isinstance(each, int))
    known = cost if isinstance(cost, int | float) and 0 <= cost < float("inf") else None
    return None if used == [None, None] and known is None else (tokens, known)


def _most(*sums: tuple[int, float | None] | None) -> tuple[int, float | None]:
    """The larger tokens and the larger cost of those that are known."""
    known = [one for one in sums if one is not None]
    return max(tokens for tokens, _ in known), max((cost for _, cost in known if cost is not None), default=None)


def _usual(spending: Spending, account: Account) -> tuple[int, float | None]:
    """What the last good run spent; without one the most that the settings allow."""
    if account.run_tokens is not None:
        return account.run_tokens, account.run_cost
    return spending.tokens, spending.cost
