"""LiteLLM's proxy answers a chat, streamed and whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.real.command import check
from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MASTER_KEY = "sk-lab-1234567890"
_MODEL = {"model": "openai/fake-gpt", "api_key": "unused", "mock_response": "pong and nothing else"}


@pytest.fixture(scope="module")
def proxy(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """LiteLLM's proxy with a model that answers without a network."""
    folder = tmp_path_factory.mktemp("litellm")
    config = {
        "model_list": [{"model_name": "fake-gpt", "litellm_params": _MODEL}],
        "general_settings": {"master_key": MASTER_KEY},
    }
    (folder / "litellm.yaml").write_text(yaml.safe_dump(config))
    port = str(free_port())
    command = [str(servers / "litellm"), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", port]
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with started(
        [*command, "--telemetry", "False"],
        url=f"http://127.0.0.1:{port}",
        folder=folder,
        ready="/health/liveliness",
        seconds=90,
        env=env,
    ) as server:
        yield server


def _chat(proxy: Server, name: str, **settings: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "chat",
        "provider": "lab",
        "service": "gateway",
        "endpoint": f"{proxy.url}/v1",
        "protocol": "openai-chat",
        "model": "fake-gpt",
        "api_key": "${env:LAB_KEY}",
        "prompt": "Say pong.",
        "expect": {"contains": "pong"},
        **settings,
    }


def test_a_chat_is_answered(proxy: Server, tmp_path: Path) -> None:
    """The answer streams to its end marker, with a first token and a finish reason; the same without a stream."""
    probes = [_chat(proxy, "streamed"), _chat(proxy, "whole", stream=False)]
    said = check(tmp_path, probes, LAB_KEY=MASTER_KEY)
    assert said.code == 0, said.probes
    measures = said.probes["streamed"]["measures"]
    assert 0 < measures["first_token_seconds"] <= said.probes["streamed"]["duration_seconds"]
    assert measures["finish_reason"] == "stop"
    assert said.probes["whole"]["result"] == "ok"


def test_what_the_proxy_refuses_is_ours(proxy: Server, tmp_path: Path) -> None:
    """A model that it does not have, and a key that it does not know, are no outage."""
    refused = check(tmp_path, [_chat(proxy, "model", model="no-such-model")], LAB_KEY=MASTER_KEY).probes["model"]
    assert (refused["error_class"], refused["fault"]) == ("model_missing", "us"), refused
    refused = check(tmp_path, [_chat(proxy, "key")], LAB_KEY="sk-not-the-right-one").probes["key"]
    assert refused["result"] == "fail"
    assert refused["fault"] == "us", refused
