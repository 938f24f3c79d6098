"""A value of the configuration while it is read, with its path, its mistakes and its placeholders."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeVar

from prober.http.expect.display import shown
from prober.model.setting import SettingError, SettingErrors
from prober.model.template import fill, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["Filled", "Filler", "Source", "did_you_mean", "kind_of"]

T = TypeVar("T")

_TRIALS = ("x", "1")
"""What stands for a placeholder while the configuration is read: a name, or where that does not fit, a number."""


_KINDS: dict[type, str] = {
    type(None): "nothing",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}


class Filled(str):
    """A text that held placeholders. A number or a bool is equal to it if it is written so."""

    __slots__ = ()


class Filler:
    """Puts values in the place of placeholders. Without ``lookup`` it only tries whether that could work."""

    __slots__ = ("_lookup", "names", "used")

    def __init__(self, lookup: Callable[[str], str] | None = None) -> None:
        self._lookup = lookup
        self.names: set[str] = set()
        self.used: dict[str, str] = {}

    @property
    def tries(self) -> bool:
        """Whether the values are not known yet."""
        return self._lookup is None

    def _value(self, name: str) -> str:
        if self._lookup is not None and name not in self.used:
            self.used[name] = self._lookup(name)
        return self.used[name]

    def variants(self, text: str, escape: Callable[[str], str] = str) -> Iterator[str]:
        """The text with its placeholders filled; while trying, all the texts of which one should do."""
        names = variables(text)
        self.names.update(names)
        if not names:
            yield text
        elif self.tries:
            yield from (fill(text, dict.fromkeys(names, trial).__getitem__) for trial in _TRIALS)
        else:
            yield Filled(fill(text, lambda name: escape(self._value(name))))

    def __call__(self, text: str) -> str:
        """The text with its placeholders filled, or a trial value in their place."""
        return next(self.variants(text))

    def shown(self, text: str) -> str:
        """The text for a message: filled where the values are known, else as it is written."""
        return text if self.tries else self(text)


def did_you_mean(wrong: str, names: Collection[str]) -> str:
    """The known name that the wrong one is likest to, as the end of a message; empty if it is like none."""
    close = difflib.get_close_matches(wrong[:100].lower(), names, n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""


class Source:
    """A plain value with its path. Mistakes are collected, so that all are told at once."""

    __slots__ = ("fill", "mistakes", "path", "value")

    def __init__(
        self, value: object, fill: Filler, path: tuple[str | int, ...] = (), mistakes: list[SettingError] | None = None
    ) -> None:
        self.value = value
        self.fill = fill
        self.path = path
        self.mistakes: list[SettingError] = [] if mistakes is None else mistakes

    def wrong(self, message: str) -> None:
        """Note a mistake in this value."""
        self.mistakes.append(SettingError(message, self.path))

    def of(self, value: object, *steps: str | int) -> Source:
        """A value at a path inside this one."""
        return Source(value, self.fill, (*self.path, *steps), self.mistakes)

    def at(self, key: str | int) -> Source:
        """The value of a key of this mapping, or at an index of this list."""
        return self.of(self.value[key], key)  # type: ignore[index]  # asked only of a mapping or a list

    def shown(self, key: str) -> str:
        """The value of a key as it stands in a message, texts without quotes."""
        value = self.at(key).value
        return self.fill.shown(value) if isinstance(value, str) else shown(value)

    def raise_mistakes(self) -> None:
        """Raises :class:`~prober.model.setting.SettingErrors` with all mistakes, if there are any."""
        if self.mistakes:
            raise SettingErrors(self.mistakes)

    def mapping(self, what: str) -> dict[str, object]:
        """The value as a mapping with texts for keys; an empty one, and a mistake, if it is none."""
        if not isinstance(self.value, dict):
            self.wrong(f"expected {what}, got {kind_of(self.value)}")
            return {}
        for key in self.value:
            if not isinstance(key, str):
                self.of(None, str(key)).wrong(f"expected a name, got {kind_of(key)}")
        return {key: value for key, value in self.value.items() if isinstance(key, str)}

    def text(self, what: str) -> str | None:
        """The value as a text that is not empty, with its placeholders; None, and a mistake, if it is none."""
        if isinstance(self.value, str) and self.value:
            return self.value
        got = "an empty text" if self.value == "" else kind_of(self.value)
        self.wrong(f"expected {what}, got {got}")
        return None

    def compile(self, make: Callable[[str], T], escape: Callable[[str], str], what: str) -> T | None:
        """What ``make`` makes of this text with its placeholders filled; None, and a mistake, if it cannot."""
        if (text := self.text(what)) is None:
            return None
        first: ValueError | None = None
        for variant in self.fill.variants(text, escape):
            try:
                return make(variant)
            except ValueError as error:
                first = first or error
        self.wrong(str(first))
        return None

    def items(self) -> Iterator[Source]:
        """The items of a list, or the value itself as the only one."""
        if isinstance(self.value, list):
            yield from (self.at(index) for index in range(len(self.value)))
        else:
            yield self


def kind_of(value: object) -> str:
    """What a plain value is, for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _KINDS.get(type(value)) or f"a {type(value).__name__}"
