"""What `prober list` says of a day's costs: by what runs were seen to spend, else by what they may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from prober.cli import main
from prober.engine import LEDGER, Account
from prober.engine.ledger import Ledger, write_ledger

if TYPE_CHECKING:
    from pathlib import Path

PRICED = "{name: %s, kind: chat, provider: acme, endpoint: 'http://127.0.0.1/v1', protocol: openai-chat, model: m%s}"
PRICE = ", price: {input_per_million: 10, output_per_million: 100}, prompt: '{{nonce}}'"


def listed(folder: Path, *probes: str, top: str = "", more: tuple[str, ...] = ()) -> str:
    """What the command says of a configuration with these entries."""
    path = folder / "probes.yaml"
    path.write_text(f"version: 1\n{top}probes:\n" + "".join(f"  - {probe}\n" for probe in probes))
    done = CliRunner().invoke(main, ["list", "-c", str(path), *more])
    assert done.exit_code == 0, done.output
    return done.stdout


def chat(name: str, more: str = "") -> str:
    """A chat probe that runs 1,440 times a day and takes 10 + 64 tokens at most."""
    return PRICED % (name, PRICE + more)


def data_of(folder: Path) -> tuple[str, str]:
    """The option of a data directory in which the probe `seen` was seen to spend 20 tokens a run."""
    account = Account(tokens=20, cost=0.1, currency="USD", run_tokens=20, run_cost=0.001)
    assert write_ledger(folder / "data" / LEDGER, Ledger(day=1, accounts={"seen": account}).as_document())
    return "--data-dir", str(folder / "data")


def test_without_a_run_it_is_the_most(tmp_path: Path) -> None:
    """The limits of the settings, said to be the most."""
    heading, first, second, _, total = listed(tmp_path, chat("a"), PRICED % ("b", "")).splitlines()
    assert "spends/day" in heading
    assert "max 9.4 USD" in first
    assert "max 118\u202f080 tokens" in second
    assert total == "In all 9.4 USD, 224\u202f640 tokens a day, by the limits of their settings."


def test_with_a_run_it_is_what_was_seen(tmp_path: Path) -> None:
    """Of the last good run."""
    _, first, _, total = listed(tmp_path, chat("seen"), more=data_of(tmp_path)).splitlines()
    assert " 1.4 USD" in first
    assert "max" not in first
    assert total.endswith("28\u202f800 tokens a day, by the last good runs.")


def test_a_mixture_says_so(tmp_path: Path) -> None:
    """Which is which is in the table."""
    output = listed(tmp_path, chat("seen"), chat("new"), more=data_of(tmp_path))
    assert output.endswith("by the last good runs, and where there are none by limits (max).\n")


def test_a_budget_bounds_it(tmp_path: Path) -> None:
    """The probe's own bounds its line, that of all is told below."""
    bounded = chat("a", ", budget: {cost_per_day: 0.5}")
    output = listed(tmp_path, bounded, top="budget: {tokens_per_day: 5000}\n")
    assert "max 0.5 USD" in output
    assert output.endswith("The budget of all is 5\u202f000 tokens a day.\n")


def test_programs_read_it_too(tmp_path: Path) -> None:
    """With what it rests on, and the sum."""
    more = (*data_of(tmp_path), "--format", "json")
    document = json.loads(listed(tmp_path, chat("seen"), PRICED % ("b", ""), more=more))
    seen, other = (probe["spends_per_day"] for probe in document["probes"])
    assert seen == {"tokens": 28800, "cost": 1.44, "currency": "USD", "basis": "last good run"}
    assert (other["cost"], other["basis"]) == (None, "limits")
    assert document["spends_per_day"]["costs"] == {"USD": 1.44}
