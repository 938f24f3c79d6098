"""Placeholders of a setting that is read already, filled once their values are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from prober.http.expect.source import Filler, Source
from prober.model.setting import SettingErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["no_value", "read_again"]

T = TypeVar("T")


def no_value(names: Collection[str]) -> str | None:
    """Why a setting with these placeholders cannot be used yet; None if there are none."""
    return f"{{{{{min(names)}}}}} has no value" if names else None


def read_again(raw: object, read: Callable[[Source], T], lookup: Callable[[str], str]) -> T | str:
    """What is read of a setting with its placeholders filled by ``lookup(name)``, or why that cannot be."""
    source = Source(raw, Filler(lookup))
    try:
        found = read(source)
        source.raise_mistakes()
    except LookupError as error:
        return f"{{{{{error.args[0] if error.args else ''}}}}} has no value"
    except SettingErrors as error:
        return str(error)
    return found
