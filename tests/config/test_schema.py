"""The JSON Schema: it takes what the loader takes, and an editor sees a typing mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from prober.config import json_schema
from tests.config.kinds import KINDS
from tests.config.loading import HEAD

if TYPE_CHECKING:
    from tests.config.loading import Folder

SCHEMA = json_schema(KINDS)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

GOOD = """
version: 1
location: fra1
include: [probes.d/*.yaml]
defaults:
  interval: 60s
  timeout: ${env:TIMEOUT:-10s}
  labels: {team: ai, tier: 1}
  slow: {total: 3s, first_token: 2s, first_byte: 1s}
  headers: {a: b}
  limits: {high: 5}
connectivity: [{tcp: "192.0.2.1:443"}]
probes:
  - {name: a, kind: http, url: "http://a", expect: [{status: 200}, {contains: x}], ip: 4, ok: true, ratio: 1}
  - {name: b, kind: http, url: "http://b", expect: {status: 200}, json: {a: [1, null]}, colors: [red], ip: "6"}
  - {name: c, kind: page, url: "http://c", ready: [x], idle: never, share: 99.5%, settle: 1m30s}
  - {name: d, kind: page, url: "http://d", ready: null, idle: 3s, share: 0.5, limits: {body: 10MiB, wait: 0s}}
  - {name: e, kind: chat, provider: openai, matrix: {model: [x, y], max_tokens: [1, 2]}, api_key: "${env:KEY:-none}"}
  - {name: f, kind: chat, provider: openai, model: m, max_tokens: "${env:N:-5}", slow: {first_token: 1s}, buckets: [1]}
  - name: g
    kind: journey
    variables: {a: b}
    slo: {availability: 99.5%}
    steps:
      - {name: s, password: "{{p}}", chat: {model: m, deadlines: {idle: 5s}}, finally: [{name: t, finally: []}]}
"""


def complaints(text: str) -> list[str]:
    """Where the schema finds fault with a text."""
    return [error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_the_schema_is_a_schema() -> None:
    """Of the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_what_loads_is_valid(folder: Folder) -> None:
    """One of everything, seen by both."""
    assert complaints(GOOD) == []
    assert len(folder.load(GOOD).probes) == 10


@pytest.mark.parametrize(
    "text",
    [
        "probes: []",
        "version: 2",
        f"{HEAD}probe: []",
        f"{HEAD}defaults: {{intervall: 5s}}",
        f"{HEAD}defaults: {{interval: 5}}",
        f"{HEAD}defaults: {{url: 'http://a'}}",
        f"{HEAD}connectivity: [1.1.1.1]",
    ],
)
def test_mistakes_at_the_top_are_refused(text: str) -> None:
    """Unknown keys, a missing version, a number without a unit."""
    assert complaints(text)


@pytest.mark.parametrize(
    "entry",
    [
        "{kind: http, url: 'http://a'}",
        "{name: a, url: 'http://a'}",
        "{name: a, kind: htpp, url: 'http://a'}",
        "{name: A, kind: http, url: 'http://a'}",
        "{name: a, kind: http}",
        "{name: a, kind: http, url: 'http://a', ulr: x}",
        "{name: a, kind: http, url: 'http://a', model: m}",
        "{name: a, kind: http, url: [a]}",
        "{name: a, kind: http, url: 'http://a', interval: 5}",
        "{name: a, kind: http, url: 'http://a', interval: 5 s}",
        "{name: a, kind: http, url: 'http://a', method: get}",
        "{name: a, kind: http, url: 'http://a', limits: {low: x}}",
        "{name: a, kind: http, url: 'http://a', limits: {lo: 1}}",
        "{name: a, kind: http, url: 'http://a', limits: {body: 10MB}}",
        "{name: a, kind: http, url: 'http://a', slow: {first_token: 1s}}",
        "{name: a, kind: http, url: 'http://a', expect: [{stats: 200}]}",
        "{name: a, kind: http, url: 'http://a', matrix: {model: [a]}}",
        "{name: a, kind: page, url: 'http://a', share: 99.5}",
        "{name: a, kind: chat, model: m, api_key: sk-1}",
        "{name: a, kind: journey, steps: [{name: a, finally: [{nam: b}]}]}",
    ],
)
def test_mistakes_in_a_probe_are_refused(entry: str) -> None:
    """What the loader refuses by looking at one value, the editor underlines."""
    assert complaints(f"{HEAD}probes: [{entry}]")


def test_every_key_is_described() -> None:
    """An editor shows the sentence of the setting, and its default."""
    definitions: Any = SCHEMA["$defs"]
    http = definitions["kind-http"]["properties"]
    assert http["method"]["description"] == "The method."
    assert http["method"]["default"] == "GET"
    assert http["interval"]["default"] == "1m"
    assert definitions["Limits"]["properties"]["body"]["default"] == "1KiB"
    for kind in KINDS:
        properties = definitions[f"kind-{kind}"]["properties"]
        assert [key for key, one in properties.items() if "description" not in one and key != "kind"] == []
