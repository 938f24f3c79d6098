"""LiteLLM's proxy in its five formats, over three kinds of upstream: answers, tokens, cost, and errors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.command import check
from tests.real.litellm_lab import INPUT_PRICE, KEY, OUTPUT_PRICE, PARROT_KEY, Lab, open_lab, post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = ("openai-chat", "openai-responses", "anthropic", "gemini", "gemini-interactions")
UPSTREAMS = ("oai", "ant", "gem")
WAYS = ("streamed", "whole")
OF_NO_COUNT = {
    *(("gemini", upstream) for upstream in ("oai", "ant")),
    *(("gemini-interactions", upstream) for upstream in ("oai", "ant")),
}
"""Streams in which LiteLLM's translation says nothing of tokens."""


_KEY, _PROVIDER = "auth_rejected invalid_key us", "upstream_error provider target"
BEFORE_ANYTHING = {
    "key": _KEY,
    "nobody": "model_missing model us",
    "stranger": _KEY,
    "dead": _PROVIDER,
    "hasty": _PROVIDER,
    "openai-probe": "quota_exhausted billing us",
    "anthropic-probe": "rate_limited rate_limit us",
    "anthropic-free": "overloaded capacity target",
    "gemini-probe": "quota_exhausted daily_quota us",
}
"""Errors in place of an answer: the proxy's model, or ours to ask it, and what they come to."""

FELL_BACK, CUT_OFF = "content_mismatch served_model target", "output_truncated length us"
IN_THE_STREAM = {"openai-responses": "server_error error_event target"}
IN_THE_BODY = {
    "anthropic": "empty_response no_text target",
    "gemini-interactions": "server_error internal target",
    "openai-responses": "server_error internal target",
}
"""What LiteLLM leaves of an error that OpenAI puts into an answer, where it does not name the upstream."""

FAILURES = [
    *(
        (what, protocol, "streamed", verdict)
        for (what, verdict), protocol in itertools.product(BEFORE_ANYTHING.items(), FORMATS)
        if not (what == "hasty" and protocol.startswith("gemini"))  # LiteLLM has no timeouts there
    ),
    *(("fragile", protocol, way, FELL_BACK) for protocol, way in itertools.product(FORMATS, WAYS)),
    *(("gemini-free", protocol, way, CUT_OFF) for protocol, way in itertools.product(FORMATS, WAYS)),
    *(("openai-free", protocol, "streamed", IN_THE_STREAM.get(protocol, _PROVIDER)) for protocol in FORMATS),
    *(("openai-free", protocol, "whole", IN_THE_BODY.get(protocol, _PROVIDER)) for protocol in FORMATS),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the probes said, each by its name."""

    probes: dict[str, dict[str, Any]]

    def verdict(self, name: str) -> str:
        """Class, detail and fault of a probe, or ``ok``."""
        probe = self.probes[name]
        words = (probe["error_class"], probe["detail"], probe["fault"])
        return " ".join(words) if all(words) else str(probe["result"])


def _probe(lab: Lab, name: str, protocol: str, model: str, **settings: Any) -> dict[str, Any]:
    base = "/v1beta" if protocol.startswith("gemini") else "/v1"
    entry = {"name": name, "kind": "chat", "provider": "litellm", "service": "gateway", "protocol": protocol}
    more = {"endpoint": lab.proxy.url + base, "model": model, "api_key": "${env:LAB_KEY}"}
    patience = {"timeout": "50s", "deadlines": {"first_token": "45s", "idle": "45s"}}
    return {**entry, **more, **patience, **settings}


def _answers(lab: Lab) -> Iterator[dict[str, Any]]:
    """Every format over every upstream, each with a text of its own, so that no cache can know it."""
    words = ("".join(letters) for letters in itertools.product("abcdef", repeat=2))
    for protocol, upstream, way in itertools.product(FORMATS, UPSTREAMS, WAYS):
        model = "gem-interactions" if (protocol, upstream) == ("gemini-interactions", "gem") else upstream
        passed_on = protocol == "gemini" or (protocol, way) == ("gemini-interactions", "streamed")
        text = f"pong {next(words)}"
        expect = {"contains": text, "model": "parrot-2" if upstream == "gem" and passed_on else model}
        settings = {"stream": way == "streamed", "prompt": f"Reply with exactly: {text}", "expect": expect}
        yield _probe(lab, f"{protocol}-{upstream}-{way}", protocol, model, **settings)
    direct = {
        "provider": "parrot",
        "endpoint": f"{lab.simulator.url}/v1",
        "model": "parrot-2",
        "api_key": "${env:PARROT_KEY}",
    }
    yield {**_probe(lab, "direct", "openai-chat", "x", prompt="Reply with exactly: pong zz"), **direct}


def _failures(lab: Lab) -> Iterator[dict[str, Any]]:
    for what, protocol, way, _ in FAILURES:
        settings: dict[str, Any] = {"stream": way == "streamed"}
        model = what
        if what == "key":
            model, settings["api_key"] = "oai", "${env:WRONG_KEY}"
        elif what == "fragile":
            settings["expect"] = {"model": "fragile"}
        elif what.startswith("gemini-") and protocol == "gemini-interactions":
            model = what.replace("gemini", "gemini-interactions")
        yield _probe(lab, f"{what}-{protocol}-{way}", protocol, model, **settings)


@pytest.fixture(scope="module")
def lab(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """LiteLLM in front of the simulator."""
    with open_lab(servers, tmp_path_factory.mktemp("litellm")) as opened:
        yield opened


@pytest.fixture(scope="module")
def said(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """All probes, run once: first those that are answered, then those that are not."""
    question = {"model": "oai", "messages": [{"role": "user", "content": "Reply with exactly: again"}]}
    limited = {**question, "max_tokens": 64, "stream": False}
    assert post(f"{lab.proxy.url}/v1/chat/completions", limited)["choices"]
    again = {"stream": False, "prompt": "Reply with exactly: again"}
    replays = [
        _probe(lab, "replayed", "openai-chat", "oai", **again, body={"cache": None}),
        _probe(lab, "not-replayed", "openai-chat", "oai", **again),
    ]
    keys = {"LAB_KEY": KEY, "WRONG_KEY": "sk-not-the-right-one", "PARROT_KEY": PARROT_KEY}
    folder = tmp_path_factory.mktemp("check")
    answered = check(folder, [*_answers(lab), *replays], **keys)
    return Said(probes=answered.probes | check(folder, [*_failures(lab)], **keys).probes)


EVERY = pytest.mark.parametrize("protocol", FORMATS)
OVER = pytest.mark.parametrize("upstream", UPSTREAMS)
EITHER = pytest.mark.parametrize("way", WAYS)


@EVERY
@OVER
@EITHER
def test_an_answer_is_read(protocol: str, upstream: str, way: str, said: Said) -> None:
    """Its text, its end, the model; and as many tokens as when the upstream is asked without the proxy."""
    name = f"{protocol}-{upstream}-{way}"
    assert said.verdict(name) == "ok", said.probes[name]
    measures, direct = said.probes[name]["measures"], said.probes["direct"]["measures"]
    tokens = (direct["input_tokens"], direct["output_tokens"])
    if way == "streamed" and (protocol, upstream) in OF_NO_COUNT:
        tokens = (None, None)
    assert (measures["input_tokens"], measures["output_tokens"]) == tokens
    assert measures["finish_reason"] in {"stop", "completed", "end_turn", "STOP"}
    assert len(said.probes[name]["request_id"]) == len("00000000-0000-4000-8000-000000000000")
    if way == "streamed":
        assert 0 < measures["first_token_seconds"] <= said.probes[name]["duration_seconds"]


@pytest.mark.parametrize(
    ("protocol", "way"),
    [
        ("openai-chat", "streamed"),
        *((protocol, "whole") for protocol in FORMATS if protocol != "gemini"),
    ],
)
def test_what_it_cost(protocol: str, way: str, said: Said) -> None:
    """By the proxy's own word: in a header, or in the usage at the end of a stream."""
    measures = said.probes[f"{protocol}-oai-{way}"]["measures"]
    cost = (measures["input_tokens"] * INPUT_PRICE + measures["output_tokens"] * OUTPUT_PRICE) / 1e3
    assert measures["cost"] == pytest.approx(cost)


@EITHER
def test_the_upstream_s_limits(way: str, said: Said) -> None:
    """They are behind a prefix."""
    measures = said.probes[f"openai-chat-oai-{way}"]["measures"]
    assert measures["requests_limit"] == 500
    assert 0 < measures["requests_remaining"] < 500
    assert 0 < measures["tokens_remaining"] < measures["tokens_limit"]


def test_a_replay_is_noticed(said: Said) -> None:
    """An answer out of the proxy's cache is none, though it holds the text; by default none is asked for."""
    assert said.verdict("replayed") == "content_mismatch cached target"
    assert said.verdict("not-replayed") == "ok"


@pytest.mark.parametrize(("what", "protocol", "way", "verdict"), FAILURES, ids=["-".join(row[:3]) for row in FAILURES])
def test_a_failure(what: str, protocol: str, way: str, verdict: str, said: Said) -> None:
    """The proxy's, or one of its upstream in the proxy's words."""
    probe = said.probes[f"{what}-{protocol}-{way}"]
    assert said.verdict(probe["name"]) == verdict, probe
    assert "unmapped_error" not in probe["measures"]
