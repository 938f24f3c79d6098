"""Questions inside of a journey: what they inherit of their provider, what they spend, and what bounds that."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from prober.config import ConfigErrors, load
from prober.model.spending import Budget
from prober.probes import KINDS
from tests.probes.journeys import PERSON, Lab, in_lab

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

PROVIDERS = """
providers:
  acme:
    endpoint: https://llm.acme.example/v1
    protocol: openai-chat
    api_key: ${env:KEY}
    headers: {X-Team: ai, X-Own: theirs}
    price: {input_per_million: 10, output_per_million: 100}
    max_tokens: 10
"""
PRICED = "price: {input_per_million: 1000000, output_per_million: 0%s}"


def journey(folder: Path, steps: str, *, top: str = "", more: str = "") -> Probe:
    """The journey of these steps."""
    path = folder / "probes.yaml"
    path.write_text(f"version: 1\n{top}\nprobes:\n- {{name: j, kind: journey, {more} steps: [{steps}]}}\n")
    return load(path, kinds=KINDS, env={"KEY": "k-123456"}).probes[0]


def question(probe: Probe, at: int = 0) -> Any:
    """The settings of a step's chat."""
    settings: Any = probe.settings
    return settings.steps[at].chat


@pytest.mark.parametrize(
    ("more", "chat"),
    [("", "provider: acme, "), ("provider: acme, ", ""), ("provider: elsewhere, ", "provider: acme, ")],
    ids=["of-its-own", "the-journey's", "its-own-first"],
)
def test_a_question_inherits_of_its_provider(more: str, chat: str, tmp_path: Path) -> None:
    """What stands under `providers`, of the provider that it names, else of the journey's; its own word counts."""
    steps = f"{{name: ask, chat: {{{chat}model: m, headers: {{X-Own: mine}}}}}}"
    asked = question(journey(tmp_path, steps, top=PROVIDERS, more=more))
    assert (asked.endpoint, asked.protocol, asked.max_tokens) == ("https://llm.acme.example/v1", "openai-chat", 10)
    assert asked.api_key.reveal() == "k-123456"
    assert asked.headers == {"X-Team": "ai", "X-Own": "mine"}


def test_the_catalogue_knows_the_journeys_provider_too(tmp_path: Path) -> None:
    """A question of a journey at a known provider needs no endpoint."""
    probe = journey(tmp_path, "{name: ask, chat: {model: m}}", more="provider: openai,")
    assert question(probe).provider == "openai"
    assert probe.info["model"] == "m"


def test_variables_may_stand_anywhere(tmp_path: Path) -> None:
    """Also where a port is to be; a model in a variable may be a secret, and is no label."""
    chat = "protocol: openai-chat, endpoint: '{{base}}:{{port}}/v1', prompt: '{{nonce}} {{base}}'"
    more = "variables: {base: 'http://a.example', port: '80', model: m},"
    named = journey(tmp_path, f"{{name: a, chat: {{{chat}, model: m}}}}", more=more)
    assert (named.info["model"], named.info.get("currency")) == ("m", None)
    hidden = journey(tmp_path, f"{{name: a, chat: {{{chat}, model: '{{{{model}}}}'}}}}", more=more)
    assert "model" not in hidden.info


def test_what_a_journey_spends_is_what_its_questions_spend(tmp_path: Path) -> None:
    """At most the limits of all of them, in their currency."""
    steps = "{name: a, chat: {model: m}}, {name: b, chat: {model: n, max_tokens: 20}}, {name: c, wait: 1ms}"
    spending = journey(tmp_path, steps, top=PROVIDERS, more="provider: acme,").spending
    assert spending is not None
    assert spending.tokens == 2 * 18 + 10 + 20
    assert spending.cost == pytest.approx((36 * 10 + 30 * 100) / 1e6)
    assert (spending.currency, spending.budget) == ("USD", None)


def test_a_journey_without_a_question_spends_nothing(tmp_path: Path) -> None:
    """Whatever budget it inherits."""
    top = "defaults: {budget: {cost_per_day: 1}}"
    assert journey(tmp_path, "{name: a, get: 'https://a.example'}", top=top).spending is None


def test_the_narrowest_budget_counts(tmp_path: Path) -> None:
    """The journey's own, and those that its questions were given."""
    asks = "{name: a, chat: {model: m, budget: {tokens_per_day: 70, cost_per_day: 2}}}"
    own = "provider: acme, budget: {tokens_per_day: 900, cost_per_day: 1},"
    spending = journey(tmp_path, asks, top=PROVIDERS, more=own).spending
    assert spending is not None
    assert spending.budget == Budget(cost_per_day=1, tokens_per_day=70)


REFUSED = {
    "two currencies": ("currency: USD", "currency: EUR", "", "the costs of a probe are in one currency"),
    "a budget of money without a price": (None, None, "budget: {cost_per_day: 1},", "nobody knows what a run costs"),
}


@pytest.mark.parametrize(("first", "second", "more", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_added_up_is_refused(
    first: str | None, second: str | None, more: str, said: str, tmp_path: Path
) -> None:
    """When the configuration is loaded."""
    chats = [
        "endpoint: 'https://a.example', protocol: openai-chat, model: m"
        + ("" if currency is None else ", " + PRICED % f", {currency}")
        for currency in (first, second)
    ]
    steps = ", ".join(f"{{name: s{at}, chat: {{{chat}}}}}" for at, chat in enumerate(chats))
    with pytest.raises(ConfigErrors, match=said):
        journey(tmp_path, steps, more=more)


def test_every_question_of_a_run_is_paid(tmp_path: Path) -> None:
    """Tokens and costs are added up; one that was cut off is known to be missing."""
    chat = "endpoint: '{{base}}/v1', protocol: openai-chat, model: parrot-2, api_key: '${env:KEY}'"
    ask = f"chat: {{{chat}, {PRICED % ''}}}"
    body = f"""
        variables: {{base: "${{env:BASE}}"}}
        steps:
          - {{name: first, {ask}}}
          - {{name: second, {ask}}}
    """

    async def work(lab: Lab) -> tuple[Result, Result]:
        alone = lab.config(body.rsplit("- ", 1)[0], kind="journey", KEY=PERSON.api_key).probes[0]
        return await lab.execute(alone), await lab.run(body, kind="journey", KEY=PERSON.api_key)

    once, twice = in_lab(tmp_path, work)
    assert (once.failure, twice.failure) == (None, None)
    for name in ("input_tokens", "output_tokens", "cost"):
        assert twice.measures[name] == pytest.approx(2 * float(once.measures[name]))
    assert "usage_missing" not in twice.measures


def test_a_reload_may_add_a_budget(tmp_path: Path) -> None:
    """It is a setting like any other: two probes that differ in it differ."""
    first = journey(tmp_path, "{name: a, chat: {model: m}}", top=PROVIDERS, more="provider: acme,")
    second = journey(
        tmp_path, "{name: a, chat: {model: m}}", top=PROVIDERS, more="provider: acme, budget: {tokens_per_day: 9},"
    )
    settings: Any = second.settings
    assert dataclasses.replace(settings, budget=None) == first.settings
