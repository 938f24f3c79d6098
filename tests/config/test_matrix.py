"""Matrix: one probe for each combination, and what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.config.matrix import slug
from tests.config.loading import HEAD

if TYPE_CHECKING:
    from tests.config.loading import Folder

CHAT = "name: a, kind: chat, provider: openai"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("gpt-5.4-nano", "gpt-5-4-nano"),
        ("GPT_6  Luna", "gpt-6-luna"),
        ("meta-llama/Llama-4:free", "meta-llama-llama-4-free"),
        ("a--b", "a-b"),
        ("(a)", "a"),
        ("é", ""),
        ("Ⅳa", "a"),
    ],
)
def test_a_value_becomes_a_part_of_a_name(text: str, part: str) -> None:
    """Small letters and digits, everything else between them one hyphen."""
    assert slug(text) == part


@given(st.text())
def test_a_slug_can_always_stand_in_a_name(text: str) -> None:
    """Whatever the value is."""
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_matrix_makes_a_probe_of_each_value(folder: Folder) -> None:
    """The value takes the place of the entry's own."""
    probes = folder.probes(f"{CHAT}, model: m, matrix: {{model: [gpt-6-luna, gpt-5.4-nano]}}")
    settings: list[Any] = [probe.settings for probe in probes]
    assert [probe.name for probe in probes] == ["a-gpt-6-luna", "a-gpt-5-4-nano"]
    assert [one.model for one in settings] == ["gpt-6-luna", "gpt-5.4-nano"]


def test_several_keys_make_all_combinations(folder: Folder) -> None:
    """Common keys as well as keys of the kind, in the order of the file."""
    probes = folder.probes(f"{CHAT}, matrix: {{model: [x, y], interval: [10s, 1m]}}")
    assert [(probe.name, probe.interval_ns // 10**9) for probe in probes] == [
        ("a-x-10s", 10),
        ("a-x-1m", 60),
        ("a-y-10s", 10),
        ("a-y-1m", 60),
    ]


def test_a_reference_never_carries_a_secret_into_a_name(folder: Folder) -> None:
    """The name is made of what stands in the file."""
    folder.env = {"KEY_A": "sk-secret"}
    matrix = 'matrix: {api_key: ["${env:KEY_A}", "${env:KEY_B}"]}'
    probes = folder.probes(f"{CHAT}, model: m, {matrix}")
    assert [(probe.name, probe.disabled) for probe in probes] == [
        ("a-env-key-a", None),
        ("a-env-key-b", "KEY_B is not set"),
    ]


def test_a_mistake_that_all_share_is_told_once(folder: Folder) -> None:
    """And one in a value at the value."""
    errors = folder.errors(
        f"{HEAD}probes: [{{{CHAT}, model: m, intervall: 5s, matrix: {{max_tokens: [1, b, c], model: [x, y]}}}}]"
    )
    assert [error.split(": ", 1)[1] for error in errors] == [
        "probes[0].intervall: unknown key, did you mean interval?",
        'probes[0].max_tokens: expected a whole number, got "b"',
        'probes[0].max_tokens: expected a whole number, got "c"',
    ]


def test_a_matrix_has_a_largest_size(folder: Folder) -> None:
    """A typing mistake does not make ten million probes."""
    values = ", ".join(map(str, range(1, 101)))
    keys = ", ".join(f"{key}: [{values}]" for key in ("model", "max_tokens", "down_after", "up_after"))
    assert folder.errors_in(f"{CHAT}, model: m, matrix: {{{keys}}}") == [
        "probes[0].matrix: makes 100,000,000 probes, and 1,000 are the most"
    ]
