"""The configuration in effect, as YAML without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from prober.config import dump
from prober.model.secret import Redactor
from tests.config.loading import HEAD, Folder

if TYPE_CHECKING:
    import pytest

    from prober.config import Config


def dumped(config: Config) -> Any:
    """What the dump says."""
    return yaml.safe_load(dump(config))


def test_settings_are_shown_as_they_are_in_effect(folder: Folder) -> None:
    """Defaults, what the kind filled in, and units as one writes them."""
    folder.env = {"KEY": "sk-secret-key", "HOST": "secret-host"}
    config = folder.load(
        f"""{HEAD}location: fra1
connectivity: [{{tcp: "192.0.2.1:443"}}]
defaults: {{labels: {{team: ai}}, slow: {{total: 90s}}}}
probes:
  - {{name: a, kind: chat, provider: openai, model: m, api_key: "${{env:KEY}}", headers: {{a: "x ${{env:HOST}}"}}}}
  - {{name: b, kind: chat, provider: openai, model: m, api_key: "${{env:NONE}}"}}
  - {{name: c, kind: page, url: "http://u:pw@c/", ready: [x], idle: 3s, share: 99.5%, buckets: [1, 2],
     expect: {{status: 1}}}}
  - {{name: d, kind: http, url: "http://d", colors: [red], json: {{a: [1, null]}}, slo: {{fast: 95%}},
     locations: [fra1]}}
  - {{name: e, kind: journey, steps: [{{name: s, password: "{{{{p}}}}", finally: [{{name: t}}]}}]}}
"""
    )
    top = dumped(config)
    chat, disabled, page, http, journey = top["probes"]
    assert (top["version"], top["location"], top["connectivity"]) == (1, "fra1", [{"tcp": "192.0.2.1:443"}])
    assert chat == {
        "name": "a",
        "kind": "chat",
        "provider": "openai",
        "service": "a",
        "interval": "1m",
        "timeout": "30s",
        "retry_interval": "10s",
        "down_after": 2,
        "up_after": 2,
        "labels": {"team": "ai"},
        "slow": {"total": "1m30s"},
        "model": "m",
        "endpoint": "https://api.example/v1",
        "api_key": "[redacted]",
        "max_tokens": 64,
        "headers": {"a": "x [redacted]"},
    }
    assert disabled["disabled"] == "NONE is not set"
    assert (page["ready"], page["idle"], page["share"], page["buckets"]) == (["x"], "3s", "99.5%", [1.0, 2.0])
    assert (page["url"], page["expect"]) == ("http://[redacted]@c/", {"checks": [{"status": 1}]})
    assert (http["colors"], http["json"], http["slo"]) == (["red"], {"a": [1, None]}, {"fast": "95%"})
    assert (http["limits"], http["locations"]) == ({"low": 0, "high": 10, "body": "1KiB", "wait": "0s"}, ["fra1"])
    assert journey["steps"] == [{"name": "s", "password": "[redacted]", "finally": [{"name": "t"}]}]


def test_a_type_with_its_own_syntax_is_shown_as_written_or_by_its_parts(folder: Folder) -> None:
    """As the JSON that it kept; patterns, enums and sets as texts; functions not at all."""
    first, second, third, fourth = dumped(
        folder.load(
            f"""{HEAD}probes:
  - {{name: a, kind: http, url: "http://a", words: [x, 1], when: {{from: "9h"}}}}
  - {{name: b, kind: http, url: "http://b", words: "{{no json", when: {{a: 1}}}}
  - {{name: c, kind: http, url: "http://c", words: ""}}
  - {{name: d, kind: page, url: "http://d", idle: never, ready: x}}
"""
        )
    )["probes"]
    window = {"pattern": "9h", "secret": "[redacted]", "colors": ["red"], "zone": "object"}
    assert (first["words"], first["when"]) == (["x", 1], window)
    assert (second["words"], second["when"]) == ("{no json", {"a": 1})
    assert ("words" in third, third["when"]) == (False, "always")
    assert (fourth["idle"], fourth["ready"], "inner" in first) == ("never", "x", False)


@given(secret=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=6))
def test_no_secret_is_shown(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    """In no field and in none of the forms that redaction knows, and the YAML stays YAML."""
    value = f"canary{secret}"
    folder = Folder(tmp_path_factory.mktemp("f"), env={"KEY": value})
    config = folder.load(
        f"""{HEAD}probes:
  - {{name: a, kind: chat, provider: openai, model: m, api_key: "${{env:KEY}}", headers: {{a: "Bearer ${{env:KEY}}"}}}}
  - {{name: b, kind: http, url: "http://b/${{env:KEY}}", json: {{a: ["x${{env:KEY}}"]}},
     expect: {{contains: "${{env:KEY}}"}}}}
"""
    )
    assert "canary" not in str(dumped(config))
    assert Redactor(config.secrets)(dump(config)) == dump(config)
