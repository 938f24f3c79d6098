"""llama.cpp's own server answers in the three formats that it speaks: first token, tokens and end, and its errors."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.real.command import Checked, check
from tests.real.process import Server, fetch, free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "lab-llama-1234567890"
AROUND = 3
"""Tokens around a prompt of one token a letter: its begin, a space, the template's end."""
FORMATS = ("openai-chat", "openai-responses", "anthropic")
GRAMMAR = {"grammar": 'root ::= "{{nonce}}"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the probes said, each by its name, and what the server itself has counted then."""

    probes: dict[str, dict[str, Any]]
    counted: dict[str, float]

    def verdict(self, name: str) -> str:
        """Class, detail and fault of a probe, or ``ok``."""
        probe = self.probes[name]
        words = (probe["error_class"], probe["detail"], probe["fault"])
        return " ".join(words) if all(words) else str(probe["result"])


def _probe(name: str, endpoint: str, **settings: Any) -> dict[str, Any]:
    entry = {"name": name, "kind": "chat", "provider": "llamacpp", "service": "lab", "model": "parrot"}
    return {**entry, "endpoint": endpoint, "api_key": "${env:LAB_KEY}", **settings}


def _answers(endpoint: str) -> Iterator[dict[str, Any]]:
    """In each format, streamed and whole: an answer, one that is too long, and one to the nonce."""
    for protocol in FORMATS:
        for how, stream in (("streamed", True), ("whole", False)):
            common = {"protocol": protocol, "stream": stream}
            greeting = {**common, "prompt": "Say pong.", "expect": {"contains": "pong", "model": "parrot"}}
            yield _probe(f"{protocol}-{how}", endpoint, **greeting)
            yield _probe(f"{protocol}-{how}-limit", endpoint, **greeting, max_tokens=3)
            yield _probe(f"{protocol}-{how}-nonce", endpoint, **common, body=GRAMMAR)


def _refusals(endpoint: str, loading: str) -> Iterator[dict[str, Any]]:
    for protocol in FORMATS:
        yield _probe(f"{protocol}-key", endpoint, protocol=protocol, api_key="${env:WRONG_KEY}")
        yield _probe(f"{protocol}-path", f"{endpoint}/nowhere", protocol=protocol)
        yield _probe(f"{protocol}-context", endpoint, protocol=protocol, prompt="{{nonce}} " + "x" * 3000)
        yield _probe(f"{protocol}-loading", loading, protocol=protocol)
    yield _probe("grammar", endpoint, body={"grammar": 'root ::= "'})
    yield _probe("type", endpoint, body={"messages": "no list"})
    yield _probe("no-key", endpoint, api_key=None)


def _serving(servers: Path, model: Path, *, ready: str | None = "/health") -> Any:
    port = free_port()
    command = [str(servers / "python"), str(Path(__file__).parent / "llamacpp_lab.py"), str(model), str(port)]
    env = {**os.environ, "LAB_KEY": KEY}
    return started(command, url=f"http://127.0.0.1:{port}", folder=model.parent, ready=ready, env=env)


@pytest.fixture(scope="module")
def llamacpp(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server with its model."""
    with _serving(servers, tmp_path_factory.mktemp("llamacpp") / "parrot.gguf") as server:
        yield server


@pytest.fixture(scope="module")
def loading(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that loads its model for ever: from a pipe into which nobody writes."""
    model = tmp_path_factory.mktemp("loading") / "parrot.gguf"
    os.mkfifo(model)
    with _serving(servers, model, ready=None) as server:
        until(lambda: _listens(server), seconds=30)
        yield server


def _listens(server: Server) -> bool:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5):
        return True


@pytest.fixture(scope="module")
def said(llamacpp: Server, loading: Server, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """All probes, run once and at once."""
    endpoint = f"{llamacpp.url}/v1"
    probes = [*_answers(endpoint), *_refusals(endpoint, f"{loading.url}/v1")]
    checked: Checked = check(tmp_path_factory.mktemp("check"), probes, LAB_KEY=KEY, WRONG_KEY="lab-not-the-one")
    counters = re.findall(r"^llamacpp:(\w+) ([\d.]+)$", fetch(f"{llamacpp.url}/metrics", key=KEY), re.MULTILINE)
    return Said(probes=checked.probes, counted={name: float(value) for name, value in counters})


EVERY = pytest.mark.parametrize("protocol", FORMATS)
EITHER = pytest.mark.parametrize("how", ["streamed", "whole"])


@EVERY
@EITHER
def test_an_answer_is_read(protocol: str, how: str, said: Said) -> None:
    """Its text, its end, the model, and the tokens: one a letter, and the one that ends it."""
    name = f"{protocol}-{how}"
    assert said.verdict(name) == "ok", said.probes[name]
    measures = said.probes[name]["measures"]
    assert (measures["input_tokens"], measures["output_tokens"]) == (len("Say pong.") + AROUND, len("pong") + 1)
    assert measures["served_model"] == "parrot"
    assert measures["finish_reason"] in {"stop", "completed", "end_turn"}


@EVERY
def test_the_times_of_a_stream(protocol: str, said: Said) -> None:
    """The first of four contents comes before the end, and there is a longest gap between them."""
    probe = said.probes[f"{protocol}-streamed"]
    measures = probe["measures"]
    first, gap = measures["first_token_seconds"], measures["max_gap_seconds"]
    assert 0 < first == measures["first_visible_token_seconds"]
    assert 0 <= gap < first + gap <= probe["duration_seconds"]
    assert [phase["name"] for phase in probe["phases"]][-2:] == ["first_token", "stream"]
    assert all(phase["finished"] for phase in probe["phases"])


@pytest.mark.parametrize("protocol", ["openai-chat", "openai-responses"])
@EITHER
def test_the_nonce_comes_back(protocol: str, how: str, said: Said) -> None:
    """The model is held to it by a grammar, which the body asks for."""
    name = f"{protocol}-{how}-nonce"
    assert said.verdict(name) == "ok", said.probes[name]
    assert said.probes[name]["measures"]["output_tokens"] == 8 + 1


@EITHER
def test_anthropic_s_format_takes_no_grammar(how: str, said: Said) -> None:
    """So the nonce does not come back, and the probe says so."""
    assert said.verdict(f"anthropic-{how}-nonce") == "content_mismatch nonce target"


@EVERY
@EITHER
def test_an_answer_that_is_too_long(protocol: str, how: str, said: Said) -> None:
    """The limit is ours. In the format of Responses half an answer is called complete, and only its text tells."""
    name = f"{protocol}-{how}-limit"
    verdicts = {"openai-responses": "content_mismatch expectation target"}
    assert said.verdict(name) == verdicts.get(protocol, "output_truncated length us"), said.probes[name]
    assert said.probes[name]["measures"]["output_tokens"] == 3


def test_what_was_counted(said: Said) -> None:
    """The tokens of all probes together are the server's own count, and it was asked nothing else."""
    measures = [probe["measures"] for probe in said.probes.values()]
    output, used, cached = (
        sum(each.get(f"{name}_tokens") or 0 for each in measures) for name in ("output", "input", "cached")
    )
    assert output == said.counted["tokens_predicted_total"]
    assert cached == said.counted["prompt_tokens_cached_total"]
    assert used - cached == said.counted["prompt_tokens_total"]
    first = [each["first_token_seconds"] for each in measures if each.get("first_token_seconds")]
    assert len(first) == 9
    assert said.counted["prompt_seconds_total"] <= sum(each["duration_seconds"] for each in said.probes.values())


REFUSALS = {
    "key": "auth_rejected unauthorized us",
    "path": "request_rejected not_found us",
    "context": "request_rejected parameter us",
    "loading": "overloaded loading target",
}


@EVERY
@pytest.mark.parametrize(("what", "verdict"), REFUSALS.items(), ids=REFUSALS)
def test_a_refusal(protocol: str, what: str, verdict: str, said: Said) -> None:
    """A key, a path and a prompt are ours; a model that is still being loaded is not. Every word of it is known."""
    probe = said.probes[f"{protocol}-{what}"]
    assert said.verdict(probe["name"]) == verdict, probe
    assert probe["phase"] == "processing"
    assert "unmapped_error" not in probe["measures"]


@pytest.mark.parametrize("name", ["grammar", "type"])
def test_a_request_that_makes_no_sense(name: str, said: Said) -> None:
    """Refused with status 400, though a stream was asked for."""
    assert said.verdict(name) == "request_rejected invalid_request us", said.probes[name]


def test_no_key_at_all(said: Said) -> None:
    """The same as a wrong one."""
    assert said.verdict("no-key") == REFUSALS["key"]
