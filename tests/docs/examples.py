"""The configurations in the documentation, loaded and run: what stands there works."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from prober.cli.once import run_once
from prober.config import Config, load
from prober.probes import KINDS
from prober.providers.catalogue import catalogue
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings
from tests.docs.pages import Block, pages

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.simulator.serve import Simulator

__all__ = ["ENV", "Example", "examples", "loaded", "outcomes"]

ENV: Mapping[str, str] = {
    "WEBUI_USER": "probe@parrot.example",
    "WEBUI_PASSWORD": "parrot-probe-password",
    "CAREFUL_PASSWORD": "parrot-careful-password",
    "CAREFUL_SEED": "JBSWY3DPEHPK3PXP",
    "CHAT_KEY": "sk-parrot-probe-key",
    "OPENAI_API_KEY": "sk-parrot-probe-key",
    "ANTHROPIC_API_KEY": "sk-parrot-probe-key",
    "GEMINI_API_KEY": "sk-parrot-probe-key",
    "OPENROUTER_API_KEY": "sk-parrot-probe-key",
    "GATEWAY_KEY": "sk-magpie-probe-key",
    "LOCATION": "fra1",
}
"""The variables that the examples refer to, as the simulator wants them."""

_ALWAYS = {
    "${file:/run/secrets/webui}": "${env:WEBUI_PASSWORD}",
    "${credential:webui}": "${env:WEBUI_PASSWORD}",
}
_WORDS = {
    "probe@example.com": "probe@parrot.example",
    "careful@example.com": "careful@parrot.example",
    "https://app.example.com/callback": "https://app.parrot.example/callback",
    "gpt-6-luna": "parrot-2",
    "claude-haiku-5-5": "parrot-2",
    "gemini-3.5-flash-lite": "parrot-2",
    "gemma4": "parrot-2",
    "acme-large": "magpie-2",
    "acme-small": "magpie-1",
}
_TARGET = re.compile(r"(?<=tcp: )[^\s,}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A configuration on a page. ``ends`` is what the probes come to that do not succeed, by name."""

    page: str
    block: Block
    runs: bool
    faults: dict[str, Any] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.page}:{self.block.line}"


def examples() -> list[Example]:
    """Every block that is marked as an example: by ``example: loads`` or ``example: runs`` right above it.

    Behind a semicolon stand ``faults {...}`` for the simulator and, by probe, ``NAME is CLASS/DETAIL``.
    """
    return [
        _example(page.name, block)
        for page in pages()
        for block in page.blocks("yaml")
        if block.note.startswith("example: ")
    ]


def _example(page: str, block: Block) -> Example:
    mode, *rest = block.note.removeprefix("example: ").split("; ")
    faults: dict[str, Any] = {}
    ends: dict[str, str] = {}
    for part in rest:
        if part.startswith("faults "):
            faults = json.loads(part.removeprefix("faults "))
        else:
            name, _, end = part.partition(" is ")
            ends[name] = end
    assert mode in {"loads", "runs"}, block.note
    return Example(page=page, block=block, runs=mode == "runs", faults=faults, ends=ends)


def loaded(text: str, folder: Path) -> Config:
    """The configuration in a text, with all its secrets there."""
    for there, here in _ALWAYS.items():
        text = text.replace(there, here)
    path = folder / "example.yaml"
    path.write_text(text)
    return load(path, kinds=KINDS, env=ENV)


async def outcomes(example: Example, folder: Path) -> dict[str, str]:
    """What the probes of an example come to against the simulator: ``ok``, ``slow``, or class and detail."""
    async with running(SimulatorSettings()) as simulator:
        config = loaded(_moved(example.block.text, simulator), folder)
        simulator.faults.replace(example.faults)
        results = await run_once(config, config.probes, _Nobody())
    return {name: _end(result) for name, result in results.items()}


def _end(result: Result) -> str:
    failure = result.failure
    return result.outcome.value if failure is None else f"{failure.error_class}/{failure.detail}"


def _moved(text: str, simulator: Simulator) -> str:
    """The configuration with the simulator in the place of the services that it names."""
    for there, here in _WORDS.items():
        text = text.replace(there, here)
    text = text.replace("https://chat.example.com", simulator.urls["parrot"])
    text = text.replace("https://llm.acme.example", simulator.urls["magpie"])
    text = _TARGET.sub(f"{simulator.host}:{simulator.port}", text)
    document = yaml.safe_load(text)
    for probe in document["probes"]:
        if probe["kind"] == "chat" and "endpoint" not in probe:
            probe["endpoint"] = simulator.url + _base(probe)
    return yaml.safe_dump(document, sort_keys=False)


def _base(probe: dict[str, Any]) -> str:
    """What an endpoint of the protocol ends in, as it does in the catalogue."""
    known = catalogue()[probe["provider"]]
    protocol = str(probe.get("protocol", known.protocol))
    return {"ollama": "", "gemini": "/v1beta", "gemini-interactions": "/v1beta"}.get(str(protocol), "/v1")


class _Nobody:
    """Is told of runs, and does nothing."""

    def started(self, probe: Probe) -> None:
        pass

    def finished(self, probe: Probe, result: Result) -> None:
        pass
