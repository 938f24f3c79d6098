"""What a failure means where the user knows better than the built-in rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from prober.config.errors import shown, suggestion, unknown
from prober.http.expect import Checks
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass
from prober.model.setting import SettingError, SettingErrors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What a failure of a step means when these checks hold of its response: asked before the built-in rules."""

    when: Checks
    error_class: ErrorClass = ErrorClass.SERVER_ERROR
    detail: str | None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The reason of ``{class, detail, when}``. Raises SettingErrors with every mistake."""
        if not isinstance(raw, dict):
            raise SettingErrors.one("must be {class, detail, when}")
        mistakes = list(_mistakes(raw))
        try:
            when = Checks.from_setting(raw["when"]) if "when" in raw else None
        except SettingErrors as errors:
            mistakes += errors.under("when").errors
            when = None
        if mistakes or when is None:
            raise SettingErrors(mistakes)
        error_class = ErrorClass(raw.get("class", ErrorClass.SERVER_ERROR))
        return cls(when=when, error_class=error_class, detail=raw.get("detail"))

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """An object of class, detail and when."""
        return {
            "type": "object",
            "properties": {
                "class": {"enum": [str(member) for member in ErrorClass]},
                "detail": {"enum": sorted(DETAILS)},
                "when": Checks.json_schema(),
            },
            "required": ["when"],
            "additionalProperties": False,
        }


def _mistakes(raw: Mapping[str, object]) -> Iterator[SettingError]:
    """What is wrong beside the checks."""
    keys = ("class", "detail", "when")
    yield from (SettingError(unknown("unknown key", key, keys), (key,)) for key in raw if key not in keys)
    if "when" not in raw:
        yield SettingError("is required", ("when",))
    named, detail = raw.get("class", ErrorClass.SERVER_ERROR), raw.get("detail")
    classes = [str(one) for one in ErrorClass]
    if not isinstance(named, str) or named not in classes:
        yield SettingError(_unknown("error class", named, classes), ("class",))
    if detail is not None and (not isinstance(detail, str) or detail not in DETAILS):
        yield SettingError(_unknown("detail", detail, DETAILS), ("detail",))


def _unknown(what: str, value: object, known: Iterable[str]) -> str:
    """What to say of a value that is none of a long list, which the docs have."""
    if not isinstance(value, str):
        return f"expected the name of {'an' if what[0] in 'aeiou' else 'a'} {what}"
    meant = suggestion(value, known)
    return f"{shown(value)} is no {what}{f', did you mean {meant}?' if meant else '; the docs list them'}"
