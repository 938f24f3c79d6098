"""The catalogue is complete and sound, and a probe or `providers:` can say otherwise for any field."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from prober import config
from prober.config import ConfigErrors
from prober.probes import KINDS
from prober.probes.chat import ChatProbe
from prober.providers import PROTOCOLS
from prober.providers.catalogue import LIMITS, Provider, catalogue
from tests.providers.asking import KEY, ask, loaded, runner, said
from tests.providers.openai_speech import delta, prompt, stop
from tests.providers.wire import Asked, body, chunked, serving

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prober.config import Config
    from prober.model.run import Result
    from tests.conftest import Runner
    from tests.providers.wire import Act

EVERY = pytest.mark.parametrize(("name", "provider"), catalogue().items(), ids=catalogue())
ASKED_FOR = [
    "openai",
    "azure",
    "anthropic",
    "google",
    "openrouter",
    "groq",
    "mistral",
    "deepseek",
    "xai",
    "perplexity",
    "cohere",
    "together",
    "fireworks",
    "cerebras",
    "ollama",
    "vllm",
    "llamacpp",
    "litellm",
]
HERE = {"azure", "vllm", "llamacpp", "litellm"}
"""Every site has its own address of these."""


def test_it_has_whom_people_use() -> None:
    """In an order that the docs keep."""
    assert list(catalogue()) == ASKED_FOR


@EVERY
def test_an_entry_is_sound(name: str, provider: Provider) -> None:
    """A protocol that exists, addresses over TLS but for one's own machine, measures that exist."""
    assert provider.protocol in PROTOCOLS
    assert provider.token_limit_field
    assert (provider.endpoint is None) is (name in HERE)
    assert provider.endpoint is None or provider.endpoint.startswith(("https://", "http://127.0.0.1:"))
    assert provider.endpoint is None or not provider.endpoint.endswith("/")
    assert set(provider.endpoints) <= set(PROTOCOLS) - {provider.protocol}
    assert provider.status_page is None or provider.status_page.startswith("https://")
    assert provider.rate_limit_headers.keys() <= LIMITS.keys()


def test_every_entry_says_where_it_is_from() -> None:
    """In a comment above it."""
    text = resources.files("prober.providers").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    for name in yaml.safe_load(text):
        assert lines[lines.index(f"{name}:") - 1].startswith("# "), name


@EVERY
def test_a_probe_needs_no_more_than_its_name(name: str, provider: Provider) -> None:
    """And an address, where sites differ."""
    endpoint = "http://127.0.0.1:1" if provider.endpoint is None else None
    probe = loaded(endpoint, provider=name, protocol=None)
    settings: Any = probe.settings
    assert isinstance(settings, ChatProbe)
    assert settings.endpoint == (endpoint or provider.endpoint)
    assert settings.protocol == provider.protocol == probe.info["protocol"]
    assert settings.token_limit_field == provider.token_limit_field
    assert settings.status_page == provider.status_page
    assert settings.end_marker == provider.end_marker
    assert settings.vendor.rate_limit_headers == provider.rate_limit_headers


def test_a_probe_says_otherwise() -> None:
    """For any field; headers whatever their letters' case, the body as a patch."""
    own: dict[str, Any] = {
        "protocol": "openai-chat",
        "token_limit_field": "cap",
        "end_marker": "optional",
        "auth_header": "x-key",
        "request_id_header": "x-id",
        "rate_limit_headers": {"tokens_remaining": "x-left"},
        "cost_header": "x-cost",
        "reports_cost": False,
        "status_page": "https://status.example/",
        "headers": {"x-openrouter-cache": "true"},
    }
    settings: Any = loaded("http://127.0.0.1:1/v1", provider="openrouter", **own).settings
    assert {name: getattr(settings, name) for name in own} == own
    assert settings.vendor.request_id_header == "x-id"
    assert not settings.vendor.reports_cost
    none: Any = loaded(provider="openai", rate_limit_headers={}).settings
    assert none.vendor.rate_limit_headers == {}
    cohere: Any = loaded(provider="cohere", protocol=None, body={"seed": 1}).settings
    assert cohere.body == {"stream_options": None, "seed": 1}


def test_limits_of_a_provider_that_is_not_here() -> None:
    """Are in the headers of the vendor whose protocol it speaks."""
    probes = {each: loaded("http://127.0.0.1:1/v1", protocol=each) for each in ("anthropic", "openai-chat")}
    settings: dict[str, Any] = {protocol: probe.settings for protocol, probe in probes.items()}
    limits = {protocol: each.vendor.rate_limit_headers for protocol, each in settings.items()}
    assert limits == {"anthropic": catalogue()["anthropic"].rate_limit_headers, "openai-chat": LIMITS}


def test_another_protocol_has_its_own_names() -> None:
    """What the catalogue says of fields is about the protocol that it names."""
    responses: Any = loaded(provider="openai", protocol="openai-responses").settings
    assert (responses.endpoint, responses.token_limit_field) == ("https://api.openai.com/v1", None)
    interactions: Any = loaded(provider="google", protocol="gemini-interactions").settings
    assert (interactions.token_limit_field, interactions.auth_header) == (None, None)
    elsewhere: Any = loaded(provider="ollama", protocol="openai-chat").settings
    assert (elsewhere.endpoint, elsewhere.token_limit_field) == ("http://127.0.0.1:11434/v1", None)
    own: Any = loaded("http://10.0.0.1:11434/v1", provider="ollama", protocol="openai-chat").settings
    assert own.endpoint == "http://10.0.0.1:11434/v1"
    given: Any = loaded(provider="openai", protocol="openai-responses", token_limit_field="cap").settings
    assert given.token_limit_field == "cap"


def test_an_end_that_the_catalogue_knows_to_be_missing(run_loop: Runner[Result]) -> None:
    """Is none that a probe waits for, unless it says so itself."""

    def script(asked: Asked) -> Iterable[Act]:
        return chunked([delta(content=prompt(asked)), stop()])

    assert said(run_loop(ask(script, provider="perplexity"))) == "ok"
    strict = run_loop(ask(script, provider="perplexity", end_marker="required"))
    assert said(strict) == "stream_truncated no_terminator stream unknown"


def test_what_mistral_refuses(run_loop: Runner[Asked]) -> None:
    """Is not sent to it: it takes no field that it does not know."""

    async def asked() -> Asked:
        async with serving(lambda _asked: [body({})]) as site, runner() as run:
            await run(loaded(site.url, provider="mistral"))
            return site.asked[0]

    assert set(run_loop(asked()).json) == {"model", "messages", "max_tokens", "stream"}


def test_a_head_that_is_late_is_content_that_is_late() -> None:
    """Without content there is no first token, so the one deadline bounds the other."""
    settings: Any = loaded("http://127.0.0.1:1", deadlines={"first_token": "3s"}).settings
    assert settings.deadlines.first_byte == 3 * 10**9
    own: Any = loaded("http://127.0.0.1:1", deadlines={"first_token": "3s", "first_byte": "1s"}).settings
    assert own.deadlines.first_byte == 10**9
    whole: Any = loaded("http://127.0.0.1:1", deadlines={"first_token": "3s"}, stream=False).settings
    assert whole.deadlines.first_byte is None


MEANT = {
    "provider": ({"provider": "opnai", "protocol": None}, '"opnai" is not in the catalogue', "; did you mean openai?"),
    "provider-of-nowhere": ({"provider": "antropic"}, "name the `endpoint`", "; did you mean anthropic?"),
    "protocol": ({"protocol": "open_ai-chat"}, '"open_ai-chat" is none of', "; did you mean openai-chat?"),
    "nobody": ({"provider": "zzz"}, "name the `endpoint`, as http://127.0.0.1:8000/v1", ""),
}


@pytest.mark.parametrize(("keys", "says", "hint"), MEANT.values(), ids=MEANT)
def test_a_name_that_is_nearly_one(keys: dict[str, Any], says: str, hint: str) -> None:
    """The mistake names the one that was probably meant, at its end."""
    with pytest.raises(ConfigErrors) as caught:
        loaded(**keys)
    assert says in str(caught.value)
    assert str(caught.value).rstrip().endswith(hint or "/v1")


def _load(path: Path, text: str) -> Config:
    (path / "probes.yaml").write_text("version: 1\n" + text)
    return config.load(path / "probes.yaml", kinds=KINDS, env={"KEY": KEY})


def test_a_provider_of_one_s_own(tmp_path: Path) -> None:
    """Named once, used by many probes, with everything that a chat probe takes."""
    text = """
providers:
  acme: {endpoint: "https://llm.acme/v1", protocol: openai-chat, api_key: "${env:KEY}", cost_header: x-cost,
         token_limit_field: cap, rate_limit_headers: {requests_remaining: x-left}}
  openai: {endpoint: "https://proxy.acme/v1", headers: {x-team: ai}}
probes:
  - {name: one, kind: chat, provider: acme, model: m}
  - {name: two, kind: chat, provider: acme, model: n, endpoint: "https://other.acme/v1"}
  - {name: three, kind: chat, provider: openai, model: o}
  - {name: page, kind: page, provider: acme, url: "https://acme/"}
"""
    one, two, three, page = _load(tmp_path, text).probes
    settings: list[Any] = [each.settings for each in (one, two, three)]
    assert [each.endpoint for each in settings] == [
        "https://llm.acme/v1",
        "https://other.acme/v1",
        "https://proxy.acme/v1",
    ]
    assert [each.token_limit_field for each in settings] == ["cap", "cap", "max_completion_tokens"]
    assert settings[0].api_key.reveal() == KEY
    assert settings[2].headers == {"x-team": "ai"}
    assert one.info["currency"] == "USD"
    assert page.disabled is None


def test_what_a_run_may_spend() -> None:
    """An estimate from the prompt and the limit; its cost where a price is known."""
    price = {"input_per_million": 1000, "output_per_million": 10000, "currency": "EUR"}
    probe = loaded("http://127.0.0.1:1", prompt="x" * 400, max_tokens=100, price=price, budget={"cost_per_day": 2})
    assert probe.spending is not None
    assert probe.spending.tokens == 208
    assert probe.spending.cost == pytest.approx(0.108 + 1.0)
    assert probe.spending.currency == "EUR"
    assert probe.spending.budget is not None
    assert probe.spending.budget.cost_per_day == 2
    plain = loaded("http://127.0.0.1:1").spending
    assert plain is not None
    assert (plain.cost, plain.currency, plain.budget) == (None, None, None)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ({"cost_per_day": 1}, "budget.cost_per_day: nobody knows what a run costs: give a `price`"),
        ({}, "budget: give cost_per_day, tokens_per_day, or both"),
        ({"tokens_per_day": 0}, "budget.tokens_per_day: must be more than nothing"),
        ({"cost_per_day": -1}, "budget.cost_per_day: must be more than nothing"),
    ],
    ids=str,
)
def test_a_budget_that_is_none(budget: dict[str, Any], message: str) -> None:
    """Refused when the file is read."""
    with pytest.raises(ConfigErrors) as caught:
        loaded("http://127.0.0.1:1", budget=budget)
    assert message in str(caught.value)


def test_a_budget_in_money_for_who_tells_what_it_costs() -> None:
    """Then no price is needed."""
    probe = loaded(provider="openrouter", protocol=None, budget={"cost_per_day": 1})
    assert probe.spending is not None
    assert probe.spending.currency == "USD"
