"""What may be spent in a day: counted over all runs, kept over a restart, begun anew at midnight of UTC."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.engine.ledger import LEDGER, Account, Ledger, read_ledger, write_ledger
from prober.engine.purse import Purse
from prober.model.clock import Clock
from prober.model.run import Outcome
from prober.model.spending import Budget, Spending, WholeBudget
from tests.engine.fakes import probe, result

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

DAY_NS = 86_400 * 10**9


class Time:
    """A wall clock that stands where it is put."""

    def __init__(self) -> None:
        self.now_ns = 20_000 * DAY_NS
        self.clock = Clock(wall_ns=lambda: self.now_ns)


def spender(name: str = "chat", *, currency: str | None = "USD", cost: float | None = 0.5, **budget: Any) -> Probe:
    """A probe whose runs take at most 100 tokens."""
    limits = Budget(**budget) if budget else None
    spending = Spending(tokens=100, cost=cost, currency=currency, budget=limits)
    return dataclasses.replace(probe(name), spending=spending)


def spent(tokens: int | None = None, cost: float | None = None, *, status: int = 200, good: bool = True) -> Result:
    """A run that used so many tokens."""
    used = {"usage_missing": True} if tokens is None else {"input_tokens": tokens - 1, "output_tokens": 1}
    used = used if 200 <= status < 300 else {}
    measures = {"http_status": status, **used, **({} if cost is None else {"cost": cost})}
    return dataclasses.replace(result(outcome=Outcome.OK if good else Outcome.FAIL), measures=measures)


def purse(time: Time, path: Path | None = None, *, whole: WholeBudget | None = None) -> Purse:
    made = Purse(time.clock, path=path)
    made.configure([spender(name) for name in ("chat", "other")], whole)
    return made


def runs_until_held(held: Purse, one: Probe, done: Result, limit: int = 50) -> int:
    for count in range(limit):
        if held.holds(one):
            return count
        held.note(one, done)
    return limit


@pytest.mark.parametrize(
    ("budget", "runs"),
    [
        ({"tokens_per_day": 100}, 5),
        ({"tokens_per_day": 99}, 4),
        ({"tokens_per_day": 10}, 1),
        ({"cost_per_day": 1.0}, 4),
        ({"cost_per_day": 0.9}, 3),
        ({"cost_per_day": 0.1}, 1),
        ({"cost_per_day": 0.9, "tokens_per_day": 40}, 2),
        ({}, 50),
    ],
    ids=str,
)
def test_a_budget_is_not_exceeded(budget: dict[str, Any], runs: int) -> None:
    """The run that would go beyond it does not take place; the first one of a day always does."""
    assert runs_until_held(purse(Time()), spender(**budget), spent(20, 0.25)) == runs


@pytest.mark.parametrize(("cost", "budget"), [(0.1, 0.3), (0.2, 0.6)], ids=["tenths", "fifths"])
def test_a_budget_is_used_up(cost: float, budget: float) -> None:
    """To the last run, also where its sum is rounded up."""
    assert runs_until_held(purse(Time()), spender(cost_per_day=budget), spent(20, cost)) == 3


def test_a_new_day_begins_at_midnight_of_utc() -> None:
    """With nothing spent, and what a run usually takes still known."""
    time = Time()
    held = purse(time)
    one = spender(tokens_per_day=50)
    assert runs_until_held(held, one, spent(20)) == 2
    time.now_ns += DAY_NS - 1
    assert held.holds(one)
    time.now_ns += 1
    assert runs_until_held(held, one, spent(20)) == 2


def test_all_together_have_a_budget_too() -> None:
    """Whoever spent it; probes that spend nothing run on."""
    held = purse(Time(), whole=WholeBudget(tokens_per_day=1000))
    assert runs_until_held(held, spender("other"), spent(300)) == 3
    assert not held.holds(spender("chat"))
    held.note(spender("chat"), spent(60))
    assert held.holds(spender("chat"))
    assert not held.holds(probe("page"))


def test_runs_under_way_will_have_spent_too() -> None:
    """Many that begin together do not go beyond it together; when they are over, what they really spent counts."""
    held = purse(Time(), whole=WholeBudget(tokens_per_day=150, cost_per_day=0.9))
    held.note(spender("chat"), spent(10, 0.1))
    other = spender("other")
    with held.reserving(spender("chat")), held.reserving(probe("page")):
        held.note(other, spent(20, 0.1))
        assert not held.holds(other)
        with held.reserving(other):
            assert held.holds(spender("third"))
        with held.reserving(spender("third", cost=0.7)):
            assert held.holds(other)
    assert not held.holds(spender("third"))


def test_a_run_that_costs_money_and_no_tokens_is_under_way_too() -> None:
    """Until it is over, and not only until another one is."""
    held = purse(Time(), whole=WholeBudget(cost_per_day=1.0))
    used = dataclasses.replace(spent(), measures={"input_tokens": 0, "output_tokens": 0, "cost": 0.3})
    for name in ("chat", "other"):
        held.note(spender(name), used)
    with held.reserving(spender("chat")):
        with held.reserving(spender("other")):
            assert held.holds(spender("other"))
        assert held.holds(spender("other"))
    assert not held.holds(spender("other"))


def test_only_costs_in_its_currency_count_for_all() -> None:
    """Dollars and euros are not added up."""
    held = purse(Time(), whole=WholeBudget(cost_per_day=1.0, currency="EUR"))
    assert runs_until_held(held, spender(currency="USD"), spent(20, 0.5)) == 50
    assert runs_until_held(held, spender("other", currency="EUR"), spent(20, 0.5)) == 2
    assert not held.holds(spender(currency="USD"))


def test_a_run_that_does_not_say_what_it_spent() -> None:
    """Was answered, so it is billed: as the last good run, or as the settings allow at most."""
    one = spender(tokens_per_day=1000)
    assert runs_until_held(purse(Time()), one, spent(good=False)) == 10
    known = purse(Time())
    known.note(one, spent(50))
    assert runs_until_held(known, one, spent(good=False)) == 19


@pytest.mark.parametrize("status", [401, 429, 500])
def test_what_is_refused_costs_nothing(status: int) -> None:
    """Nobody bills an error."""
    assert runs_until_held(purse(Time()), spender(tokens_per_day=100), spent(status=status, good=False)) == 50


def test_a_run_of_which_one_answer_did_not_say() -> None:
    """A journey asks more than once: it has spent what is usual at least."""
    held = purse(Time())
    one = spender(tokens_per_day=100)
    held.note(one, spent(50))
    half = spent(20, good=False)
    held.note(one, dataclasses.replace(half, measures={**half.measures, "usage_missing": True}))
    assert held.holds(one)
    assert not held.holds(spender(tokens_per_day=150))


def test_a_failed_run_is_counted_and_is_not_the_usual() -> None:
    """An answer that was cut off by its limit was billed all the same."""
    held = purse(Time())
    one = spender(tokens_per_day=100)
    held.note(one, spent(10))
    held.note(one, spent(80, good=False))
    assert not held.holds(one)
    held.note(one, spent(1, good=False))
    assert held.holds(one)


def test_nonsense_is_not_spent() -> None:
    """What a server sends is not trusted."""
    held = purse(Time())
    one = spender(cost_per_day=1.0)
    for cost in (float("inf"), float("nan"), -5.0):
        held.note(one, spent(10, cost))
    assert not held.holds(one)


def test_it_survives_a_restart(tmp_path: Path) -> None:
    """A restart is not a way to spend the budget twice."""
    time, one = Time(), spender(tokens_per_day=100)
    whole = WholeBudget(tokens_per_day=170)
    first = purse(time, tmp_path / LEDGER)
    first.note(one, spent(60, 0.1))
    first.save()
    again = purse(time, tmp_path / LEDGER, whole=whole)
    assert again.holds(one)
    assert not again.holds(spender("other"))
    again.note(spender("other"), spent(85))
    assert again.holds(spender("other", tokens_per_day=10**6))
    time.now_ns += DAY_NS
    assert not purse(time, tmp_path / LEDGER, whole=whole).holds(one)


def test_it_is_kept_while_it_is_served(tmp_path: Path) -> None:
    """At the end at the latest."""
    held = purse(Time(), tmp_path / "deep" / LEDGER)

    async def serve() -> None:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(held.keep())
            await asyncio.sleep(0.01)
            held.note(spender(), spent(60))
            keeping.cancel()

    asyncio.run(serve())
    assert read_ledger(tmp_path / "deep" / LEDGER).accounts["chat"].tokens == 60


def test_probes_that_are_gone_are_forgotten_the_next_day(tmp_path: Path) -> None:
    """What they spent counts until midnight; the file does not grow for ever."""
    time = Time()
    held = purse(time, tmp_path / LEDGER)
    held.note(spender("gone"), spent(60))
    held.save()
    assert "gone" in read_ledger(tmp_path / LEDGER).accounts
    time.now_ns += DAY_NS
    held.note(spender(), spent(1))
    held.save()
    assert list(read_ledger(tmp_path / LEDGER).accounts) == ["chat"]


def test_a_disk_that_does_not_let_us_is_tried_again(tmp_path: Path) -> None:
    """Nothing is raised, nothing is lost."""
    path = tmp_path / "file" / LEDGER
    (tmp_path / "file").write_text("in the way")
    held = purse(Time(), path)
    held.note(spender(), spent(60))
    assert not held.save()
    (tmp_path / "file").unlink()
    assert held.save()
    assert read_ledger(path).accounts["chat"].tokens == 60


BROKEN = [
    "",
    "{",
    "[]",
    "{}",
    '{"day": 1}',
    '{"day": 1, "accounts": []}',
    '{"day": 1, "accounts": {"a": {"tokens": 1}}}',
    '{"day": Infinity, "accounts": {}}',
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_an_empty_ledger(text: str, tmp_path: Path) -> None:
    """Rather than no prober at all."""
    (tmp_path / LEDGER).write_text(text)
    assert read_ledger(tmp_path / LEDGER) == Ledger()


@pytest.mark.parametrize("key", ["tokens", "cost", "run_tokens", "run_cost"])
@pytest.mark.parametrize("number", ["-1", "Infinity", "NaN"])
def test_what_cannot_have_been_spent_is_not_read(key: str, number: str, tmp_path: Path) -> None:
    """One such number would hold a probe back for ever, or never."""
    text = '{"day": 1, "accounts": {"a": {"tokens": 0, "cost": 0, "currency": null, "run_tokens": 0, "run_cost": 0}}}'
    (tmp_path / LEDGER).write_text(text)
    assert set(read_ledger(tmp_path / LEDGER).accounts) == {"a"}
    (tmp_path / LEDGER).write_text(text.replace(f'"{key}": 0', f'"{key}": {number}'))
    assert read_ledger(tmp_path / LEDGER) == Ledger()


ACCOUNTS = st.builds(
    Account,
    tokens=st.integers(0, 10**12),
    cost=st.floats(0, 10**9),
    currency=st.sampled_from([None, "USD", "EUR"]),
    run_tokens=st.none() | st.integers(0, 10**9),
    run_cost=st.none() | st.floats(0, 10**6),
)


@given(accounts=st.dictionaries(st.text(max_size=5), ACCOUNTS, max_size=4), day=st.integers(0, 10**5))
def test_what_is_written_is_read_again(accounts: dict[str, Account], day: int, tmp_path_factory: Any) -> None:
    """Every number as it was."""
    path = tmp_path_factory.mktemp("ledger") / LEDGER
    ledger = Ledger(day=day, accounts=accounts)
    assert write_ledger(path, ledger.as_document())
    assert read_ledger(path) == ledger
    assert json.loads(path.read_text())["day"] == day
