"""Settings by provider: they stand between the probe's own word and the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prober import config
from prober.model.spending import WholeBudget
from prober.probes import KINDS as PROBE_KINDS
from tests.config.loading import HEAD

if TYPE_CHECKING:
    from tests.config.loading import Folder

S = 10**9
TEXT = f"""{HEAD}
defaults: {{interval: 60s, timeout: 5s, labels: {{team: ai, tier: gold}}}}
providers:
  acme: {{interval: 10s, labels: {{tier: silver, zone: x}}, headers: {{a: theirs, b: theirs}}}}
  other: {{interval: 20s}}
probes:
  - {{name: a, kind: http, url: "http://a", provider: acme, headers: {{b: own}}}}
  - {{name: b, kind: http, url: "http://b", provider: acme, interval: 15s}}
  - {{name: c, kind: http, url: "http://c", provider: nobody}}
  - {{name: d, kind: http, url: "http://d"}}
"""


def test_a_probe_takes_after_its_provider(folder: Folder) -> None:
    """Its own word first, then its provider's, then the defaults; mappings are joined over all three."""
    first, second, third, fourth = folder.load(TEXT).probes
    settings: Any = first.settings
    assert [each.interval_ns // S for each in (first, second, third, fourth)] == [10, 15, 60, 60]
    assert first.timeout_ns == 5 * S
    assert dict(first.labels) == {"team": "ai", "tier": "silver", "zone": "x"}
    assert settings.headers == {"a": "theirs", "b": "own"}
    assert dict(third.labels) == {"team": "ai", "tier": "gold"}


def test_the_provider_may_be_a_default(folder: Folder) -> None:
    """Who all probes are of."""
    probe = folder.load(
        f"""{HEAD}
defaults: {{provider: acme}}
providers: {{acme: {{interval: 10s}}}}
probes: [{{name: a, kind: http, url: "http://a"}}]
"""
    ).probes[0]
    assert (probe.provider, probe.interval_ns) == ("acme", 10 * S)


def test_a_missing_secret_disables_the_probes_of_that_provider(folder: Folder) -> None:
    """And says which it is; the others run."""
    config = folder.load(
        f"""{HEAD}
providers: {{acme: {{headers: {{k: "${{env:ACME_KEY}}"}}}}}}
probes:
  - {{name: a, kind: http, url: "http://a", provider: acme}}
  - {{name: b, kind: http, url: "http://b"}}
"""
    )
    assert [probe.disabled for probe in config.probes] == ["ACME_KEY is not set", None]


MISTAKES = {
    "unknown": ("intervall: 10s", "providers.acme.intervall: unknown key, did you mean interval?"),
    "its own": ("name: x", "providers.acme.name: belongs to each probe itself"),
    "itself": ("provider: other", "providers.acme.provider: belongs to each probe itself"),
    "required": ("url: http://x", "providers.acme.url: belongs to each probe itself"),
    "value": ("interval: 10", "providers.acme.interval: 10 has no unit: write 10s for seconds"),
    "rule": ("labels: {probe: x}", "providers.acme.labels.probe: the label probe is reserved: choose another name"),
    "slow": ("slow: {first_tokn: 1s}", "providers.acme.slow.first_tokn: unknown key, did you mean first_token?"),
}


@pytest.mark.parametrize(("setting", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_have_the_provider_s_place(setting: str, message: str, folder: Folder) -> None:
    """Told once, however many probes inherit them."""
    text = f"""{HEAD}providers:
  acme:
    {setting}
probes:
  - {{name: a, kind: http, url: "http://a", provider: acme}}
  - {{name: b, kind: http, url: "http://b", provider: acme}}
"""
    (error,) = folder.errors(text)
    assert error.endswith(message)
    assert error.startswith("probes.yaml:4:")


def test_it_is_a_mapping_of_mappings(folder: Folder) -> None:
    """Anything else is a mistake."""
    (error,) = folder.errors(f"{HEAD}providers: {{acme: 7}}\nprobes: []\n")
    assert "providers.acme: expected a mapping" in error


def test_the_budget_of_all(folder: Folder) -> None:
    """Money or tokens, of all probes together."""
    assert folder.load(f"{HEAD}probes: []\n").budget is None
    text = f"{HEAD}budget: {{cost_per_day: 2.5, tokens_per_day: 1000, currency: EUR}}\nprobes: []\n"
    assert folder.load(text).budget == WholeBudget(cost_per_day=2.5, tokens_per_day=1000, currency="EUR")
    (error,) = folder.errors(f"{HEAD}budget: {{currency: EUR}}\nprobes: []\n")
    assert "budget: give cost_per_day, tokens_per_day, or both" in error
    (error,) = folder.errors(f"{HEAD}budget: {{cost_per_day: 0}}\nprobes: []\n")
    assert "budget.cost_per_day: must be more than nothing" in error


CURRENCIES: dict[str, tuple[str, str, str, list[str]]] = {
    "of all costs": ("", "EUR", "EUR", []),
    "its own": (", currency: EUR", "EUR", "EUR", []),
    "another": (", currency: USD", "EUR", "USD", ["budget.currency: it is USD: costs in EUR do not count"]),
    "many": ("", "CHF", "USD", ["budget.currency: it is USD: costs in CHF, EUR do not count"]),
}


@pytest.mark.parametrize(("named", "second", "currency", "warnings"), CURRENCIES.values(), ids=CURRENCIES)
def test_the_currency_of_the_budget_of_all(
    named: str, second: str, currency: str, warnings: list[str], folder: Folder
) -> None:
    """It is that of the costs, if they have one; costs that it does not hold are told of."""
    probe = "kind: chat, provider: acme, protocol: openai-chat, endpoint: 'http://127.0.0.1:1/v1', model: m"
    text = f"{HEAD}budget: {{cost_per_day: 5{named}}}\nprobes:\n"
    for name, price in (("a", "EUR"), ("b", second)):
        costs = f"{{input_per_million: 1, output_per_million: 2, currency: {price}}}"
        text += f"  - {{name: {name}, {probe}, price: {costs}}}\n"
    loaded = config.load(folder.write(text), kinds=PROBE_KINDS, env={})
    assert loaded.budget == WholeBudget(cost_per_day=5, currency=currency)
    assert [f"{warning.path}: {warning.message}" for warning in loaded.warnings] == warnings
