"""What a step in a browser points at, and what a step waits for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from prober.config.scalars import format_duration, parse_duration
from prober.model.setting import Duration, SettingErrors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Css", "Pause"]

_CHOSEN: Mapping[str, object] = {
    "type": "object",
    "properties": {"css": {"type": "string"}},
    "required": ["css"],
    "additionalProperties": False,
}


class Css(str):
    """A CSS selector, as it is or as ``{css: SELECTOR}``, which is how a form is chosen."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The selector; placeholders may stand in it. Raises SettingErrors."""
        match raw:
            case str(selector) if selector:
                return cls(selector)
            case {"css": str(selector), **rest} if selector and not rest:
                return cls(selector)
        raise SettingErrors.one("must be a CSS selector, or {css: SELECTOR}")

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text, or an object with one."""
        return {"anyOf": [{"type": "string"}, _CHOSEN]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """How long a step waits, or what it waits for in a browser: until that is to be seen."""

    duration: Duration = Duration(0)
    css: Css | None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The pause: a duration, or ``{css: SELECTOR}``. Raises SettingErrors."""
        if isinstance(raw, dict):
            return cls(css=Css.from_setting(raw))
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            raise SettingErrors.one("must be a duration such as 2s, or {css: SELECTOR}")
        try:
            duration = parse_duration(str(raw))
        except ValueError as error:
            raise SettingErrors.one(str(error)) from None
        return cls(duration=duration)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text, or an object with a selector."""
        return {"anyOf": [{"type": "string"}, _CHOSEN]}

    @property
    def written(self) -> str:
        """The pause as it stands in a file, in JSON."""
        return json.dumps(format_duration(self.duration) if self.css is None else {"css": self.css})
