"""What a failure means where the user knows better than the built-in rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from prober.http.expect import Checks
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass
from prober.model.setting import SettingErrors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reason"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What a failure of a step means when these checks hold of its response: asked before the built-in rules."""

    when: Checks
    error_class: ErrorClass = ErrorClass.SERVER_ERROR
    detail: str | None = None

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The reason of ``{class, detail, when}``. Raises SettingErrors."""
        if not isinstance(raw, dict) or "when" not in raw:
            raise SettingErrors.one("must be {class, detail, when}")
        unknown = set(raw) - {"class", "detail", "when"}
        if unknown:
            raise SettingErrors.one(f"unknown key {min(map(str, unknown))!r}: class, detail and when are known")
        named = raw.get("class", "server_error")
        if named not in set(ErrorClass):
            raise SettingErrors.one(f"{named!r} is no error class", "class")
        detail = raw.get("detail")
        if detail is not None and detail not in DETAILS:
            raise SettingErrors.one(f"{detail!r} is no detail; the docs list them", "detail")
        try:
            when = Checks.from_setting(raw["when"])
        except SettingErrors as errors:
            raise errors.under("when") from None
        return cls(when=when, error_class=ErrorClass(named), detail=detail)

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
