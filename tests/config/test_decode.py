"""From annotations to readers: every type has a form in the file, or is refused at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from prober.config.decode import reader_of
from prober.config.readers import Sort


@dataclass(frozen=True)
class Plain:
    """A dataclass whose fields are no settings."""

    a: int = 1


@pytest.mark.parametrize("hint", [Plain, bytes, tuple[int, str], list[int], dict[str, int], Any, set[str]])
def test_a_type_without_a_form_is_refused(hint: object) -> None:
    """A mistake of ours, found the first time that a kind is loaded."""
    with pytest.raises(TypeError, match=r"has no form in probes\.yaml"):
        reader_of(hint)


def test_a_union_takes_what_its_members_take() -> None:
    """Also inside another union or a list."""
    reader = reader_of(int | tuple[str, ...] | None)
    assert reader.exact == {Sort.NULL, Sort.INT, Sort.LIST}
    assert reader.wanted == "a whole number or a list"
    assert reader.loose == {Sort.REFERENCE}
