"""Placeholders in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.model.template import fill, is_name, variables


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("plain {text} }} {{", ()),
        ("{{user}}", ("user",)),
        ("{{ user }} and {{user}}", ("user",)),
        ("{{pkce.verifier}}{{random.state}}", ("pkce.verifier", "random.state")),
        ("{{b}} {{a-1}} {{_c}}", ("b", "a-1", "_c")),
        ("{{1 + 1}} {{}} {{.a}} {{a.}} {{a b}}", ()),
        ("{{{user}}}", ("user",)),
        ('{"a": {"b": {{n}}}}', ("n",)),
    ],
)
def test_names_are_found_in_order_and_once(text: str, names: tuple[str, ...]) -> None:
    """A placeholder is a dotted name between double braces; other braces are text."""
    assert variables(text) == names


def test_what_was_filled_in_is_not_filled_again() -> None:
    """A value that looks like a placeholder stays as it is: a server must not be able to read our variables."""
    assert fill("{{a}}-{{ b }}", {"a": "{{b}}", "b": "2"}.__getitem__) == "{{b}}-2"


def test_a_missing_value_is_told_by_its_name() -> None:
    """The lookup's own error passes through."""
    with pytest.raises(KeyError, match="user"):
        fill("{{user}}", dict[str, str]().__getitem__)


@pytest.mark.parametrize("name", ["a", "a.b", "_x", "a-b", "A1.b_2"])
def test_a_name_can_stand_in_a_placeholder(name: str) -> None:
    """What is_name accepts, variables finds."""
    assert is_name(name)
    assert variables("{{" + name + "}}") == (name,)


@given(st.text())
def test_any_text_survives(text: str) -> None:
    """Without values that differ from what is written, filling changes nothing but the blanks inside the braces."""
    names = variables(text)
    filled = fill(text, lambda name: "{{" + name + "}}")
    assert variables(filled) == names
    assert names or filled == text
