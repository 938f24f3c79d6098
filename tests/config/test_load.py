"""Loading: what a probe is when it says little, where it runs, and what is told but not refused."""

from __future__ import annotations

import time

import pytest

from prober.config import TcpTarget
from prober.config import load as load_module
from prober.model.probe import BUCKETS_HTTP
from prober.model.setting import SettingErrors
from tests.config.loading import HEAD, Folder

S = 10**9
HTTP = 'kind: http, url: "http://a"'


def test_a_probe_needs_only_a_name_and_its_target(folder: Folder) -> None:
    """Everything else has a default; provider and service are called as the probe."""
    probe = folder.probe(f"name: a, {HTTP}")
    assert (probe.name, probe.kind.name, probe.provider, probe.service) == ("a", "http", "a", "a")
    assert (probe.interval_ns, probe.timeout_ns, probe.retry_interval_ns) == (60 * S, 30 * S, 10 * S)
    assert (probe.down_after, probe.up_after, probe.buckets) == (2, 2, BUCKETS_HTTP)
    assert (probe.labels, probe.slow_ns, probe.locations, probe.disabled) == ({}, {}, None, None)


@pytest.mark.parametrize(
    ("entry", "timeout", "retry"),
    [
        ("interval: 5s", 5 * S, 5 * S),
        ("interval: 1s", 1 * S, 1 * S),
        ("interval: 100ms", S // 10, S // 10),
        ("interval: 24h", 30 * S, 10 * S),
        ("interval: 24h, timeout: 10m, retry_interval: 1h", 600 * S, 3600 * S),
        ("interval: 5s, retry_interval: 1m", 5 * S, 5 * S),
    ],
)
def test_times_follow_the_interval(folder: Folder, entry: str, timeout: int, retry: int) -> None:
    """The timeout is at most 30 s and the interval, a retry never later than the next run."""
    probe = folder.probe(f"name: a, {HTTP}, {entry}")
    assert (probe.timeout_ns, probe.retry_interval_ns) == (timeout, retry)


def test_a_timeout_above_the_interval_is_warned_of(folder: Folder) -> None:
    """It is allowed: the runs that it covers are skipped, and counted."""
    config = folder.load(f"{HEAD}probes: [{{name: a, {HTTP}, timeout: 2m}}]")
    (warning,) = config.warnings
    assert (warning.line, warning.column, warning.path) == (2, 58, "probes[0].timeout")
    assert warning.message == "the timeout of 2m is longer than the interval of 1m: runs that it covers are skipped"


def test_a_file_without_probes_is_warned_of(folder: Folder) -> None:
    """It may be about to be filled."""
    assert [warning.message for warning in folder.load(HEAD).warnings] == ["there is nothing to probe"]


def test_the_kind_completes_the_settings(folder: Folder) -> None:
    """With what the common keys say; its labels and steps are kept with the probe."""
    chat, journey = folder.probes(
        "name: a, kind: chat, provider: openai, model: m", "name: b, kind: journey, steps: [{name: x}, {name: y}]"
    )
    assert getattr(chat.settings, "endpoint", None) == "https://api.example/v1"
    assert dict(chat.info) == {"model": "m"}
    assert journey.steps == ("x", "y")


def test_types_of_one_setting_are_told_apart(folder: Folder) -> None:
    """By what stands in the file."""

    def page(entry: str) -> object:
        settings = folder.probe(f'name: a, kind: page, url: "http://a", {entry}').settings
        return getattr(settings, entry.split(":", maxsplit=1)[0])

    assert page("ready: x") == "x"
    assert page("ready: 7") == "7"
    assert page("ready: [x, 7]") == ("x", "7")
    assert page("ready: null") is None
    assert page("idle: never") == "never"
    assert page("idle: 3s") == 3 * S
    assert page("share: 99.5%") == page("share: 0.995") == 0.995


def test_of_several_types_the_one_is_told_that_came_furthest(folder: Folder) -> None:
    """A mapping that is nearly right is told by its part; what fits nothing by all that would fit."""
    entry = f"name: a, {HTTP}"
    assert folder.errors_in(f"{entry}, when: {{to: 5x}}") == [
        'probes[0].when.to: expected a whole number, got "5x"',
    ]
    assert folder.errors_in(f"{entry}, when: allways") == [
        'probes[0].when: expected Window or always or a mapping, got a text "allways"'
    ]
    assert folder.errors_in(f"{entry}, words: broken") == ["probes[0].words: no word is broken"]
    assert folder.errors_in(f'{entry}, words: ["${{env:"]')[0].startswith('probes[0].words[0]: "${env:" is not a')


def located(folder: Folder, *, file: str | None, argument: str | None) -> list[tuple[str, str | None]]:
    """The probes, and why they do not run, for a location in the file and one on the command line."""
    folder.location = argument
    head = f"{HEAD}location: {file}\n" if file else HEAD
    entries = f"[{{name: a, {HTTP}, locations: [fra1, nyc]}}, {{name: b, {HTTP}}}]"
    return [(probe.name, probe.disabled) for probe in folder.load(f"{head}probes: {entries}").probes]


@pytest.mark.parametrize(
    ("file", "argument", "probes"),
    [
        ("fra1", None, [("a", None), ("b", None)]),
        ("syd", None, [("b", None)]),
        ("syd", "nyc", [("a", None), ("b", None)]),
        ("fra1", "syd", [("b", None)]),
        (None, None, [("a", "not for this location"), ("b", None)]),
    ],
)
def test_probes_for_other_locations_are_left_out(
    folder: Folder, file: str | None, argument: str | None, probes: list[tuple[str, str | None]]
) -> None:
    """The argument counts before the file; without either, a probe that asks for a place is disabled."""
    assert located(folder, file=file, argument=argument) == probes


def test_a_probe_for_another_location_needs_no_secret_here(folder: Folder) -> None:
    """Strict or not; but its mistakes are mistakes."""
    folder.strict = True
    folder.location = "fra1"
    chat = 'name: a, kind: chat, provider: openai, model: m, api_key: "${env:NONE}", locations: [nyc]'
    assert folder.probes(chat) == ()
    assert folder.errors_in(f"{chat}, max_tokens: x") == ['probes[0].max_tokens: expected a whole number, got "x"']


def test_the_location_of_the_file_is_not_looked_up_in_vain(folder: Folder) -> None:
    """A missing variable does not matter where the argument counts."""
    folder.location = "fra1"
    assert folder.load(f"{HEAD}location: '${{env:NONE}}'\n").location == "fra1"
    folder.location = "a\nb"
    assert folder.errors(HEAD) == [
        "probes.yaml:1:1: location: has a control character, which a label must not have",
    ]


def test_connectivity_targets_are_hosts_and_ports(folder: Folder) -> None:
    """An IPv6 address stands in brackets."""
    config = folder.load(f'{HEAD}connectivity: [{{tcp: "192.0.2.1:443"}}, {{tcp: "[2001:db8::1]:53"}}, {{tcp: a.b:1}}]')
    assert config.connectivity == (TcpTarget("192.0.2.1", 443), TcpTarget("2001:db8::1", 53), TcpTarget("a.b", 1))
    assert [str(target) for target in config.connectivity] == ["192.0.2.1:443", "[2001:db8::1]:53", "a.b:1"]


@pytest.mark.parametrize("raw", [None, 5, "a", "a:0", "a:65536", "a:b", ":1", "a b:1", "[::1]", "::1:1", "http://a:1"])
def test_what_is_no_tcp_target_is_refused(raw: object) -> None:
    """A port is not optional."""
    with pytest.raises(SettingErrors):
        TcpTarget.from_setting(raw)


def test_a_mistyped_key_is_one_mistake(folder: Folder) -> None:
    """What stands below it is read as what was meant, and it is not also missing."""
    assert folder.errors_in('name: a, kind: http, ulr: "ftp://a"') == [
        "probes[0].ulr: unknown key, did you mean url?",
        "probes[0].url: must begin with http:// or https://",
    ]
    assert folder.errors_in('nmae: a, kidn: http, url: "http://a"') == [
        "probes[0].nmae: unknown key, did you mean name?",
        "probes[0].kidn: unknown key, did you mean kind?",
    ]


def test_a_wrong_field_does_not_hide_what_another_says(folder: Folder) -> None:
    """It takes its default while the fields are compared; nothing is said against the default."""
    entry = 'name: a, kind: http, url: "http://a"'
    assert folder.errors_in(f"{entry}, limits: {{low: 50, wait: x}}") == [
        "probes[0].limits.low: must not be above high",
        'probes[0].limits.wait: "x" is not a duration: write it as 250ms, 10s, 5m, 1h, 7d or 1m30s',
    ]
    assert folder.errors_in(f"{entry}, limits: {{low: x, high: -1}}") == [
        'probes[0].limits.low: expected a whole number, got "x"'
    ]


def test_zero_is_a_duration_only_where_it_is_the_default(folder: Folder) -> None:
    """A pause may be none, an interval may not."""
    assert folder.probe(f"name: a, {HTTP}, limits: {{wait: 0s}}").disabled is None
    assert folder.errors_in(f"name: a, {HTTP}, interval: 0s") == [
        'probes[0].interval: "0s" must be longer than nothing'
    ]


def test_there_is_a_largest_number_of_probes(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a matter of memory running out."""
    monkeypatch.setitem(load_module.__globals__, "MAX_PROBES", 2)
    probes = ", ".join(f"{{name: a{n}, {HTTP}}}" for n in range(4))
    (error,) = folder.errors(f"{HEAD}probes: [{probes}]")
    assert "probes[2]: too much: 2 probes with 2,000,000 values are the most" in error


def test_five_thousand_probes_load_in_a_moment(folder: Folder) -> None:
    """One file of nearly a mebibyte, with defaults and checks."""
    rest = "expect: [{status: 200}], slow: {total: 3s}"
    entries = "".join(f"  - {{name: p{n}, kind: http, url: 'https://a.example/{n}', {rest}}}\n" for n in range(5_000))
    text = f"{HEAD}defaults: {{interval: 10s, labels: {{t: x}}}}\nprobes:\n{entries}"
    began = time.process_time()
    probes = folder.load(text).probes
    assert len(probes) == 5_000
    assert time.process_time() - began < 10
