"""``prober list``: what would run, at what cost, and what would not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from prober.cli.bars import Ink, ink_for
from prober.cli.expense import Expense, expense_of, money, summary
from prober.cli.loading import load_config, warn
from prober.cli.options import config_option, data_dir_option, format_option, location_option, strict_option
from prober.cli.output import columns, show
from prober.config import format_duration
from prober.engine import LEDGER, Account, read_ledger
from prober.web.wording import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from prober.config import Config
    from prober.model.probe import Probe
    from prober.model.spending import WholeBudget

__all__ = ["listing", "table"]

_DAY_NS = 86_400 * 10**9
_HEADINGS = ("name", "kind", "provider/service", "every", "timeout", "runs/day", "spends/day", "target", "state")
_SPENDS = 6
_NUMBERS = {3, 4, 5, _SPENDS}
_SHRUNK = 12
_GIVE_WAY = ((7, _SHRUNK), (4, 0), (7, 0), (0, _SHRUNK), (2, _SHRUNK))
"""Which column becomes how narrow, one after the other, until the table fits; at 0 it is left out."""
_GAP = "  "


@click.command("list")
@config_option
@location_option
@data_dir_option("Where a running prober keeps what its runs spend.")
@strict_option
@format_option("text", "json")
def listing(config_path: Path, location: str | None, data_dir: Path | None, strict: bool, form: str) -> None:
    """Say what would run, how often, at what cost, and what is off.

    The cost is that of a day; what is disabled says why.
    """
    config = load_config(config_path, location=location, strict=strict)
    warn(config)
    accounts = {} if data_dir is None else read_ledger(data_dir / LEDGER).accounts
    if form == "json":
        show(json.dumps(_document(config, accounts), indent=2))
        return
    for line in table(config.probes, accounts, ink=ink_for(sys.stdout.encoding), columns=columns()):
        show(line)
    for line in _total([expense_of(probe, accounts.get(probe.name)) for probe in config.probes], config.budget):
        show(line)


def table(probes: Sequence[Probe], accounts: Mapping[str, Account], *, ink: Ink, columns: int) -> list[str]:
    """A line a probe under a line of headings; what a narrow terminal has no room for goes, the state never."""
    rows = [_HEADINGS, *(_row(probe, expense_of(probe, accounts.get(probe.name))) for probe in probes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    if not any(row[_SPENDS] for row in rows[1:]):
        widths[_SPENDS] = 0
    excess = sum(widths) + len(_GAP) * len(widths) + len("disabled") - columns
    for column, least in _GIVE_WAY:
        if excess <= 0:
            break
        less = min(excess, max(0, widths[column] - least)) if least else widths[column]
        widths[column] -= less
        excess -= less if least else less + len(_GAP)
    lines = [_line(row, widths, ink) for row in rows]
    return [
        click.style(lines[0], bold=True),
        *(
            click.style(line, dim=probe.disabled is not None or None)
            for line, probe in zip(lines[1:], probes, strict=True)
        ),
    ]


def _total(expenses: Sequence[Expense | None], budget: WholeBudget | None) -> list[str]:
    """What all probes together spend, what that rests on, and what they may."""
    known = [expense for expense in expenses if expense is not None]
    if not known:
        return []
    tokens, costs = summary(known)
    spent = [money(cost, currency) for currency, cost in sorted(costs.items())]
    seen = sum(expense.seen for expense in known)
    basis = "by the last good runs" if seen == len(known) else "by the limits of their settings"
    mixed = 0 < seen < len(known)
    basis = "by the last good runs, and where there are none by limits (max)" if mixed else basis
    return ["", f"In all {', '.join([*spent, f'{amount(round(tokens))} tokens'])} a day, {basis}.", *_limits(budget)]


def _limits(budget: WholeBudget | None) -> list[str]:
    if budget is None:
        return []
    money = [] if budget.cost_per_day is None else [f"{budget.cost_per_day:g} {budget.currency}"]
    tokens = [] if budget.tokens_per_day is None else [f"{amount(budget.tokens_per_day)} tokens"]
    return [f"The budget of all is {' and '.join([*money, *tokens])} a day."]


def _line(row: Sequence[str], widths: Sequence[int], ink: Ink) -> str:
    shown = [(column, width) for column, width in enumerate(widths) if width]
    cells = [(column, width, ink.shortened(row[column], width)) for column, width in shown]
    padded = [cell.rjust(width) if column in _NUMBERS else cell.ljust(width) for column, width, cell in cells]
    return _GAP.join([*padded, row[-1]]).rstrip()


def _row(probe: Probe, expense: Expense | None) -> tuple[str, ...]:
    return (
        probe.name,
        probe.kind.name,
        "" if probe.provider == probe.service == probe.name else f"{probe.provider}/{probe.service}",
        format_duration(probe.interval_ns),
        format_duration(probe.timeout_ns),
        amount(_DAY_NS // probe.interval_ns) if probe.disabled is None else "0",
        "" if expense is None else str(expense),
        " ".join(probe.info[key] for key in ("model", "target") if probe.info.get(key)),
        "enabled" if probe.disabled is None else f"disabled: {probe.disabled}",
    )


def _document(config: Config, accounts: Mapping[str, Account]) -> dict[str, object]:
    expenses = [expense_of(probe, accounts.get(probe.name)) for probe in config.probes]
    tokens, costs = summary(expenses)
    probes = [_probe(probe, expense) for probe, expense in zip(config.probes, expenses, strict=True)]
    return {"version": 1, "probes": probes, "spends_per_day": {"tokens": tokens, "costs": dict(costs)}}


def _probe(probe: Probe, expense: Expense | None) -> dict[str, object]:
    return {
        "name": probe.name,
        "kind": probe.kind.name,
        "provider": probe.provider,
        "service": probe.service,
        "interval_seconds": probe.interval_ns / 1e9,
        "timeout_seconds": probe.timeout_ns / 1e9,
        "retry_interval_seconds": probe.retry_interval_ns / 1e9,
        "runs_per_day": _DAY_NS / probe.interval_ns if probe.disabled is None else 0,
        "spends_per_day": None if expense is None else expense.document(),
        "labels": dict(probe.labels),
        "info": dict(probe.info),
        "steps": list(probe.steps),
        "disabled": probe.disabled,
    }
