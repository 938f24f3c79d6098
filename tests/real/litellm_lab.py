"""LiteLLM's proxy in front of the simulated companies: one is well, and of the other every API fails in its own way."""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INPUT_PRICE", "KEY", "OUTPUT_PRICE", "PARROT_KEY", "Lab", "open_lab", "post"]

KEY = "sk-lab-1234567890"
"""The proxy's own."""

PARROT_KEY = "sk-parrot-probe-key"
INPUT_PRICE, OUTPUT_PRICE = 0.001, 0.01
NOWHERE = "http://127.0.0.1:1"

FAULTS: dict[str, Any] = {
    "magpie/chat": [
        *(
            {"fault": "error", "error": "quota", "account": "paid", "path": path}
            for path in ("/v1/chat/completions", "/v1/responses", "/v1beta/*")
        ),
        *(
            {"fault": "error_chunk", "after": 1, "account": "free", "path": path}
            for path in ("/v1/chat/completions", "/v1/responses")
        ),
        {"fault": "error", "error": "rate_limit", "account": "paid", "path": "/v1/messages"},
        {"fault": "error", "error": "overloaded", "account": "free", "path": "/v1/messages"},
        {"fault": "length", "after": 1, "account": "free", "path": "/v1beta/*"},
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The running proxy, and the company behind it."""

    proxy: Server
    simulator: Server


def _models(simulator: str, silent: str) -> dict[str, dict[str, Any]]:
    """Every model of the proxy by its name, and where it is from. For Interactions it wants another base."""
    bases = {"openai": "/v1", "anthropic": "", "gemini": "/v1beta", "gemini-interactions": ""}

    def upstream(api: str, model: str, *, company: str = "", key: str = PARROT_KEY, **more: Any) -> dict[str, Any]:
        base = f"{simulator}{company}{bases[api]}"
        return {"model": f"{api.partition('-')[0]}/{model}", "api_base": base, "api_key": key, **more}

    def broken(api: str, tier: str) -> dict[str, Any]:
        return upstream(api, "magpie-2", company="/magpie", key=f"sk-magpie-{tier}-key")

    priced: dict[str, Any] = {"input_cost_per_token": INPUT_PRICE / 1e3, "output_cost_per_token": OUTPUT_PRICE / 1e3}
    return {
        "oai": upstream("openai", "parrot-2", **priced),
        "ant": upstream("anthropic", "parrot-2"),
        "gem": upstream("gemini", "parrot-2"),
        "gem-interactions": upstream("gemini-interactions", "parrot-2"),
        "stranger": upstream("openai", "parrot-2", key="sk-of-a-stranger"),
        "hasty": {**upstream("openai", "parrot-2", timeout=0.5), "api_base": silent},
        "dead": {**upstream("openai", "parrot-2"), "api_base": NOWHERE},
        "fragile": {**upstream("openai", "parrot-2"), "api_base": NOWHERE},
        **{f"{api}-{tier}": broken(api, tier) for api in bases for tier in ("probe", "free")},
    }


def _config(models: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "model_list": [{"model_name": name, "litellm_params": params} for name, params in models.items()],
        "router_settings": {"num_retries": 0, "disable_cooldowns": True, "fallbacks": [{"fragile": ["oai"]}]},
        "litellm_settings": {"cache": True, "cache_params": {"type": "local"}},
        "general_settings": {"master_key": KEY},
    }


@contextmanager
def open_lab(servers: Path, folder: Path) -> Iterator[Lab]:
    """The simulator with its faults, somebody who never answers, and the proxy in front of them."""
    listen = f"127.0.0.1:{free_port()}"
    prober = str(Path(sys.executable).parent / "prober")
    simulate = [prober, "simulate", "--listen", listen]
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        started(simulate, url=f"http://{listen}", folder=folder, ready="/healthz") as simulator,
    ):
        post(f"{simulator.url}/-/faults", FAULTS, method="PUT")
        models = _models(simulator.url, f"http://127.0.0.1:{silent.getsockname()[1]}")
        (folder / "litellm.yaml").write_text(yaml.safe_dump(_config(models)))
        port = str(free_port())
        command = [str(servers / "litellm"), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", port]
        with started(
            [*command, "--telemetry", "False"],
            url=f"http://127.0.0.1:{port}",
            folder=folder,
            ready="/health/liveliness",
            seconds=90,
            env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        ) as proxy:
            yield Lab(proxy=proxy, simulator=simulator)


def post(url: str, document: Any, *, method: str = "POST", key: str = KEY) -> Any:
    """The JSON that answers a JSON document. Raises OSError for an error status."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, json.dumps(document).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)
