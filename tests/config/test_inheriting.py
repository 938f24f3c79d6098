"""Defaults: what a probe inherits, key by key, and where mistakes in them are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.config.loading import HEAD

if TYPE_CHECKING:
    from tests.config.loading import Folder

S = 10**9
PROBES = """
probes:
  - {name: a, kind: http, url: "http://a"}
  - {name: b, kind: chat, provider: openai, model: m}
"""


def test_a_probe_inherits_what_it_does_not_say(folder: Folder) -> None:
    """Common keys and keys of the kind; the probe's own word counts."""
    text = f"{HEAD}defaults: {{interval: 10s, timeout: 5s, method: POST, provider: acme}}{PROBES}"
    first, second = folder.load(text).probes
    settings: Any = first.settings
    assert (first.interval_ns, first.timeout_ns, first.provider, settings.method) == (10 * S, 5 * S, "acme", "POST")
    assert (second.interval_ns, second.provider) == (10 * S, "openai")


def test_mappings_are_joined_key_by_key(folder: Folder) -> None:
    """Labels, headers, thresholds and nested settings; a list or a text replaces."""
    config = folder.load(
        f"""{HEAD}
defaults:
  labels: {{team: ai, tier: gold}}
  headers: {{a: default, b: default}}
  limits: {{low: 1, high: 5}}
  slow: {{total: 5s}}
  slo: {{availability: 99%}}
  buckets: [1, 2]
  expect: {{status: 200}}
probes:
  - name: a
    kind: http
    url: http://a
    labels: {{tier: silver, zone: x}}
    headers: {{b: own}}
    limits: {{high: 7}}
    slow: {{first_byte: 1s}}
    slo: {{fast: 90%}}
    buckets: [3]
    expect: {{contains: x}}
"""
    )
    (probe,) = config.probes
    settings: Any = probe.settings
    assert dict(probe.labels) == {"team": "ai", "tier": "silver", "zone": "x"}
    assert settings.headers == {"a": "default", "b": "own"}
    assert (settings.limits.low, settings.limits.high) == (1, 7)
    assert dict(probe.slow_ns) == {"total": 5 * S, "first_byte": S}
    assert (probe.slo.availability, probe.slo.fast) == (0.99, 0.9)
    assert probe.buckets == (3.0,)
    assert settings.expect.checks == ({"contains": "x"},)


def test_a_kind_inherits_only_keys_that_it_has(folder: Folder) -> None:
    """Also the thresholds of ``slow`` that another kind knows are left out."""
    text = f"{HEAD}defaults: {{ok: true, max_tokens: 5, slow: {{first_token: 2s, total: 9s}}}}{PROBES}"
    first, second = folder.load(text).probes
    http: Any = first.settings
    chat: Any = second.settings
    assert (http.ok, dict(first.slow_ns)) == (True, {"total": 9 * S})
    assert (chat.max_tokens, dict(second.slow_ns)) == (5, {"first_token": 2 * S, "total": 9 * S})


def test_a_mistake_in_defaults_is_told_once(folder: Folder) -> None:
    """At its place there, however many probes inherit it."""
    text = f"{HEAD}defaults: {{interval: 5ms, labels: {{le: x}}}}{PROBES}"
    assert folder.errors(text) == [
        "probes.yaml:2:22: defaults.interval: must be at least 100ms",
        "probes.yaml:2:40: defaults.labels.le: the label le is reserved: choose another name",
    ]


def test_a_secret_missing_in_defaults_disables_those_who_inherit_it(folder: Folder) -> None:
    """Each probe that uses it, and no other."""
    text = f"{HEAD}defaults: {{headers: {{a: '${{env:NONE}}'}}}}{PROBES}  - {{name: c, kind: journey, steps: []}}\n"
    assert [probe.disabled for probe in folder.load(text).probes] == ["NONE is not set", "NONE is not set", None]


def test_a_timeout_from_defaults_is_warned_of_where_the_probe_is_at_fault(folder: Folder) -> None:
    """The probe shortened its interval below what the others can bear."""
    text = f'{HEAD}defaults: {{timeout: 30s}}\nprobes: [{{name: a, kind: http, url: "http://a", interval: 10s}}]'
    assert [str(warning).split(": ", 1)[1] for warning in folder.load(text).warnings] == [
        "probes[0].interval: the timeout of 30s is longer than the interval of 10s: runs that it covers are skipped"
    ]


def test_empty_defaults_are_no_defaults(folder: Folder) -> None:
    """A key whose lines are all comments."""
    assert len(folder.load(f"{HEAD}defaults:\n{PROBES}").probes) == 2


def test_slow_that_is_no_mapping_is_told_once(folder: Folder) -> None:
    """Whoever inherits it, or says something better."""
    entry = '{name: c, kind: http, url: "http://b", slow: {total: 1s}, labels: [a]}'
    assert folder.errors(f"{HEAD}defaults: {{slow: 3s, labels: {{a: b}}}}{PROBES}  - {entry}\n") == [
        'probes.yaml:2:18: defaults.slow: expected a mapping, got a text "3s"',
        "probes.yaml:6:71: probes[2].labels: expected a mapping, got a list",
    ]


def test_a_default_counts_if_one_kind_can_take_it(folder: Folder) -> None:
    """Kinds may give a key different types; whoever cannot take the value must say its own."""
    text = f"{HEAD}defaults: {{headers: {{a: 5}}, when: {{x: 1}}}}{PROBES}"
    assert getattr(folder.load(text).probes[0].settings, "when", None) == {"x": 1}
