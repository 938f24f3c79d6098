"""Secrets by reference: where they come from, what they become, what is hidden, what is missing."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.config import ConfigErrors
from prober.config.references import Resolver
from prober.model.secret import Secret
from tests.config.loading import HEAD, Folder

if TYPE_CHECKING:
    from pathlib import Path

HTTP = "name: a, kind: http"
CHAT = "name: a, kind: chat, provider: openai, model: m"


def settings_of(folder: Folder, entry: str) -> Any:
    """The settings of one entry."""
    return folder.probe(entry).settings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:A}", "one"),
        ("Bearer ${env:A}", "Bearer one"),
        ("${env:A}/${env:B}", "one/two"),
        ("${env:NONE:-x}", "x"),
        ("${env:NONE:-}", ""),
        ("${env:EMPTY:-x}", "x"),
        ("${env:A:-x}", "one"),
        ("$${env:A}", "${env:A}"),
        ("$$${env:A}", "$${env:A}"),
        ("a$b $ $$ {x} $(y)", "a$b $ $$ {x} $(y)"),
        ("{{a}} ${env:A}", "{{a}} one"),
        ("${env:INDIRECT}", "${env:A}"),
    ],
)
def test_references_are_replaced_inside_texts(text: str, value: str) -> None:
    """Once, never in what they led to, and ``$${`` is a way to write the two characters."""
    env = {"A": "one", "B": "two", "EMPTY": "", "INDIRECT": "${env:A}"}
    assert Resolver(env).resolve(text).text == value


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"key\n", "key"), (b"key\r\n", "key"), (b"key\n\n", "key\n"), (b"key", "key"), (b" key ", " key ")],
)
def test_a_file_loses_one_line_end(tmp_path: Path, content: bytes, value: str) -> None:
    """What an editor adds at the end is not part of the secret; nothing else is taken away."""
    (tmp_path / "key").write_bytes(content)
    assert Resolver({}).resolve(f"${{file:{tmp_path}/key}}").text == value
    assert Resolver({"CREDENTIALS_DIRECTORY": str(tmp_path)}).resolve("${credential:key}").text == value


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "is not UTF-8 text"), (b"x" * 70_000, "is larger than 64 KiB")],
    ids=["empty", "only a line end", "bytes", "large"],
)
def test_a_file_without_a_usable_secret_is_missing(tmp_path: Path, content: bytes, reason: str) -> None:
    """The reason names the file and what is wrong with it."""
    file = tmp_path / "key"
    file.write_bytes(content)
    assert Resolver({}).resolve(f"${{file:{file}}}").missing == (f"{file} {reason}",)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe without a writer would block for ever."""
    os.mkfifo(tmp_path / "pipe")
    whys = {
        "pipe": "Not a file",
        "none": "No such file or directory",
        ".": "Is a directory",
        "x" * 5000: "File name too long",
    }
    for name, why in whys.items():
        said = f"{tmp_path}/{name} cannot be read: {why}"
        assert Resolver({}).resolve(f"${{file:{tmp_path}/{name}}}").missing == (said,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${env:NONE}", "NONE is not set"),
        ("${env:EMPTY}", "EMPTY is not set"),
        ("${env:BYTES}", "BYTES is not UTF-8 text"),
        ("${credential:x}", "credential x cannot be read: CREDENTIALS_DIRECTORY is not set"),
        ("${file:/nowhere/x}", "/nowhere/x cannot be read: No such file or directory"),
        ("${file:/}", "/ cannot be read: Is a directory"),
    ],
)
def test_a_missing_secret_disables_its_probe_alone(folder: Folder, text: str, reason: str) -> None:
    """The probe says why it does not run, and the others run."""
    folder.env = {"EMPTY": "", "BYTES": "\udcff"}
    first, second = folder.probes(f'{CHAT}, api_key: "{text}"', 'name: b, kind: http, url: "http://b"')
    assert (first.disabled, first.settings) == (reason, None)
    assert second.disabled is None


def test_all_that_is_missing_is_listed_once(folder: Folder) -> None:
    """In the order of the file."""
    headers = 'headers: {a: "${env:B} ${env:A}", b: "${env:A}"}'
    assert folder.probe(f'{HTTP}, url: "http://${{env:HOST}}", {headers}').disabled == (
        "HOST is not set, B is not set, A is not set"
    )


@pytest.mark.parametrize(
    "entry",
    [
        'url: "${env:NONE}"',
        'url: "http://a", interval: "${env:NONE}"',
        'url: "http://a", limits: {low: "${env:NONE}"}',
        'url: "http://a", limits: {low: 5, high: "${env:NONE}"}',
        'url: "http://a", method: "${env:NONE}"',
        'url: "http://a", colors: ["${env:NONE}"]',
        'url: "http://a", json: {a: ["${env:NONE}"]}',
        'url: "http://a", expect: "${env:NONE}"',
        'url: "http://a", expect: [{status: 200}, "${env:NONE}"]',
        'url: "http://a", labels: {a: "${env:NONE}"}',
        'url: "http://a", slow: {total: "${env:NONE}"}',
        'url: "http://a", provider: "${env:NONE}"',
    ],
)
def test_a_missing_value_of_any_type_disables_the_probe(folder: Folder, entry: str) -> None:
    """Nothing is said against a value that nobody knows."""
    assert folder.probe(f"{HTTP}, {entry}").disabled == "NONE is not set"


def test_a_disabled_probe_is_checked_all_the_same(folder: Folder) -> None:
    """Mistakes that have nothing to do with the missing secret do not wait for it."""
    key = 'api_key: "${env:NONE}"'
    entry = f"name: a, kind: chat, model: m, {key}, max_tokns: 5, labels: {{le: x}}, headers: [a]"
    assert folder.errors_in(entry) == [
        "probes[0].max_tokns: unknown key, did you mean max_tokens?",
        "probes[0].labels.le: the label le is reserved: choose another name",
        "probes[0].headers: expected a mapping, got a list",
    ]
    assert folder.errors_in(f"name: a, kind: chat, model: m, {key}") == [
        "probes[0].endpoint: is required for a provider that is not in the catalogue"
    ]
    checks = 'expect: [{stats: 1}, {contains: "${env:NONE}"}]'
    assert folder.errors_in(f'{HTTP}, url: "http://a", {checks}') == ["probes[0].expect[0].stats: unknown query stats"]


def test_a_kind_says_nothing_against_what_nobody_knows(folder: Folder) -> None:
    """What it misses may stand in the variable that is missing; what it misses besides is a mistake."""
    (probe,) = folder.probes('name: a, kind: chat, provider: acme, model: m, endpoint: "${env:URL}"')
    assert probe.disabled == "URL is not set"
    errors = folder.errors_in('name: a, kind: chat, provider: acme, model: m, api_key: "${env:KEY}"')
    assert errors == ["probes[0].endpoint: is required for a provider that is not in the catalogue"]


def test_a_malformed_reference_in_a_label_is_told_once(folder: Folder) -> None:
    """Although a label is read twice: for its value, and to see what is public."""
    errors = folder.errors_in(f'{HTTP}, url: "http://a", labels: {{a: "${{env:"}}')
    assert [error.split(" is not")[0] for error in errors] == ['probes[0].labels.a: "${env:"']


def test_strict_makes_what_is_missing_a_mistake(folder: Folder) -> None:
    """At its place, each place of its own."""
    folder.strict = True
    entry = f'{CHAT}, api_key: "${{env:KEY}}", headers: {{a: "${{file:/nowhere/x}} ${{env:KEY}}"}}'
    assert folder.errors(f"{HEAD}probes:\n  - {{{entry}}}\n") == [
        "probes.yaml:3:64: probes[0].api_key: KEY is not set",
        "probes.yaml:3:91: probes[0].headers.a: /nowhere/x cannot be read: No such file or directory, KEY is not set",
    ]


def test_a_reference_may_stand_for_any_scalar(folder: Folder) -> None:
    """Quotes are needed in braces, so they do not make a number a text."""
    folder.env = {"N": "7", "T": "true", "D": "5s", "C": "green", "M": "POST", "R": "0.5", "S": "2KiB"}
    settings = settings_of(
        folder,
        f'{HTTP}, url: "http://a", limits: {{low: "${{env:N}}", body: "${{env:S}}"}}, ok: "${{env:T}}", '
        'ratio: "${env:R}", colors: ["${env:C}"], method: "${env:M}", interval: "${env:D}", ip: "${env:X:-6}"',
    )
    assert (settings.limits.low, settings.limits.body, settings.ok, settings.ratio) == (7, 2048, True, 0.5)
    assert (settings.colors, settings.method, settings.ip) == (("green",), "POST", "6")


def test_a_secret_comes_from_outside_or_from_a_variable(folder: Folder) -> None:
    """By reference, alone or in a text, or from what a step extracted."""
    folder.env = {"KEY": "sk-1"}
    for written, value in (
        ("${env:KEY}", "sk-1"),
        ("Bearer ${env:KEY}", "Bearer sk-1"),
        ("{{token}}", "{{token}}"),
        ("{{a}}{{b}}", "{{a}}{{b}}"),
        ("${env:NONE:-none}", "none"),
    ):
        assert settings_of(folder, f'{CHAT}, api_key: "{written}"').api_key == Secret(value)


def test_what_references_led_to_is_kept_for_redaction(folder: Folder) -> None:
    """Secrets and texts; not defaults, not numbers, not what becomes a label."""
    folder.env = {name: f"{name.lower()}-value" for name in ("KEY", "HEADER", "HOST", "TEAM", "MODEL", "WHO", "RAW")}
    folder.env |= {"N": "12345", "PLACE": "fra1"}
    config = folder.load(
        f"""{HEAD}location: "${{env:PLACE}}"
probes:
  - name: a
    kind: chat
    provider: openai
    service: ${{env:WHO}}
    model: ${{env:MODEL}}
    api_key: ${{env:KEY}}
    endpoint: https://${{env:HOST}}/v1
    max_tokens: ${{env:N}}
    labels: {{team: "${{env:TEAM}}"}}
    headers: {{a: "Bearer ${{env:HEADER}}", b: "${{env:NONE:-a-default}}", model: "${{env:MODEL}}"}}
  - {{name: b, kind: http, url: "http://b", json: [{{a: "${{env:RAW}}"}}]}}
"""
    )
    assert config.secrets == ("header-value", "host-value", "key-value", "raw-value")
    assert "header-value" not in repr(dataclasses.replace(config, probes=()))
    assert config.location == "fra1"


def test_a_secret_stays_one_where_it_is_also_a_label(folder: Folder) -> None:
    """What a secret field holds is hidden, whatever else it is used for."""
    folder.env = {"KEY": "sk-1234"}
    config = folder.load(f'{HEAD}probes: [{{{CHAT}, api_key: "${{env:KEY}}", labels: {{k: "${{env:KEY}}"}}}}]')
    assert config.secrets == ("sk-1234",)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(value=TEXTS)
def test_a_value_never_changes_the_structure(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    """References are resolved in parsed scalars: whatever YAML a value looks like, it stays one text."""
    folder = Folder(tmp_path_factory.mktemp("f"), env={"V": value})
    probe = folder.probe(f'{HTTP}, url: "http://a", headers: {{a: "${{env:V}}"}}, json: ["${{env:V}}"]')
    settings: Any = probe.settings
    assert settings.headers == {"a": value}
    assert settings.json == [value]


@given(value=st.text("abcdefgh-:/{}[] ", min_size=6, max_size=30))
def test_no_error_shows_a_value(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    """Also where a secret was put into a field that it does not fit."""
    canary = f"canary{value}"
    folder = Folder(tmp_path_factory.mktemp("f"), env={"V": canary})
    with pytest.raises(ConfigErrors) as caught:
        folder.probes(
            f'{HTTP}, url: "${{env:V}}", interval: "${{env:V}}", ip: "${{env:V}}", expect: "${{env:V}}", limits: '
            '{low: "${env:V}"}, labels: {le: "${env:V}"}, locations: ["${env:V}"], buckets: ["${env:V}"]'
        )
    assert "canary" not in str(caught.value)
