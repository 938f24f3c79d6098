"""The code tables keep to their own form, and the words of each language are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from prober.classify import login_trouble_words, login_words
from prober.classify.codes import table_of
from prober.classify.codes.table import Scope, Table, merge, text
from prober.classify.verdict import Rule, printable
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from types import ModuleType

PROTOCOLS = (
    *("openai-chat", "openai-responses", "azure-openai", "anthropic", "gemini", "gemini-interactions", "ollama"),
    *("openai-image", "openai-video", "openrouter-video", "veo", "openai-background", "gemini-background", "generic"),
    None,
)
LANGUAGES = {"en", "de", "fr", "es", "pt", "it", "nl", "ru", "zh", "ja", "ko", "ar", "fa", "hi", "pl", "sv", "tr"}


def rules_of(table: Table) -> list[Rule]:
    """Every rule of a table."""
    types = [meaning for meanings in table.types.values() for meaning in meanings.values()]
    return [
        *(rule for rules in table.codes.values() for rule in rules.values()),
        *(rule for rule in types if isinstance(rule, Rule)),
        *(text.rule for text in table.texts),
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
def test_tables(protocol: str | None) -> None:
    """Words are in small letters, details in the closed set, statuses are of failure, texts are gated by status."""
    table = table_of(protocol)
    words = [word for part in (table.codes, table.types) for words in part.values() for word in words]
    assert [word for word in words if word != word.lower()] == []
    assert [rule for rule in rules_of(table) if rule.detail not in DETAILS] == []
    statuses = [
        meaning for meanings in table.types.values() for meaning in meanings.values() if isinstance(meaning, int)
    ]
    assert all(400 <= status <= 599 for status in statuses)
    assert all(text.on and min(text.on) >= 400 for text in table.texts)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=str)
def test_no_table_says_prober_error(protocol: str | None) -> None:
    """What a server says is never our own bug."""
    assert ErrorClass.PROBER_ERROR not in {rule.error_class for rule in rules_of(table_of(protocol))}


def test_the_first_table_decides() -> None:
    """Where two tables know a word, the protocol's own goes first."""
    mine = Table(
        codes={Scope.CODE: {"x": Rule(ErrorClass.OVERLOADED, "capacity")}},
        texts=(text("a", Rule(ErrorClass.OVERLOADED, "capacity"), 500),),
    )
    other = Table(
        codes={Scope.CODE: {"x": Rule(ErrorClass.RATE_LIMITED, "ramp"), "y": Rule(ErrorClass.RATE_LIMITED, "ramp")}},
        types={Scope.CODE: {"z": 500}},
    )
    both = merge((mine, other))
    assert both.code(Scope.CODE, "x") == Rule(ErrorClass.OVERLOADED, "capacity")
    assert both.code(Scope.CODE, "y") == Rule(ErrorClass.RATE_LIMITED, "ramp")
    assert both.type(Scope.CODE, "z") == 500
    assert both.knows(Scope.CODE, "z")
    assert not both.knows(Scope.RPC, "z")
    assert both.texts == mine.texts


WORDS = [(module, name) for module in (login_words, login_trouble_words) for name in module.__all__]


@pytest.mark.parametrize(("module", "words"), WORDS, ids=[name for _, name in WORDS])
def test_every_language_has_words(module: ModuleType, words: str) -> None:
    """Each list covers each language."""
    lists = getattr(module, words)
    assert set(lists) >= LANGUAGES
    for pattern in (pattern for patterns in lists.values() for pattern in patterns):
        assert re.compile(pattern)
        assert pattern == pattern.lower() or "\\S" in pattern
        assert not re.search(r"(?<!\\)(\.|\[\^[^\]]*\])[*+]", pattern), f"an unbounded gap in {pattern}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a  b\n\tc", "a b c"),
        ("x" * 200, "x" * 119 + "…"),
        ("\x00\x1b\ud800", r"\x00\x1b\ud800"),
        ("\x00" * 200, r"\x00" * 29 + r"\x0…"),
        ("日本語", "日本語"),
        ("", ""),
    ],
)
def test_printable(given: str, expected: str) -> None:
    """One printable line of bounded length."""
    assert printable(given) == expected
