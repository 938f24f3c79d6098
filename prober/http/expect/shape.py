"""A JSON Schema, and what of a document does not fit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from prober.http.expect.values import Unevaluable

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from prober.http.expect.values import Value

__all__ = ["Shape", "ShapeError"]


_DEEPEST = 500  # levels of a document; the validator's own stack ends the process some way beyond


class ShapeError(ValueError):
    """A value that is no JSON Schema, and why."""


def _stay_here(uri: str) -> NoReturn:
    msg = f"{uri} is not part of the schema, and nothing is fetched"
    raise ValueError(msg)


class Shape:
    """A compiled JSON Schema. Its regexes run in linear time; a reference leads nowhere but into the schema."""

    __slots__ = ("_validator",)

    def __init__(self, schema: dict[str, object]) -> None:
        import jsonschema_rs  # 15 MB of code, for the few who ask for it

        try:
            self._validator = jsonschema_rs.validator_for(
                schema, retriever=_stay_here, pattern_options=jsonschema_rs.RegexOptions()
            )
        except jsonschema_rs.ValidationError as error:
            raise ShapeError(_where(error) + error.message) from None
        except ValueError as error:
            raise ShapeError(str(error)) from None

    def check(self, document: Value) -> None:
        """Raises :class:`Unevaluable` with the first place that does not fit."""
        if _deeper_than(document, _DEEPEST):
            raise Unevaluable("JSON nested too deeply for a schema")
        try:
            error = next(self._validator.iter_errors(document), None)
        except (ValueError, RecursionError):  # half a surrogate pair, or too deep
            raise Unevaluable("JSON that no schema can be held against") from None
        if error is not None:
            raise Unevaluable(_where(error) + error.message)


def _deeper_than(document: Value, levels: int) -> bool:
    """Whether lists and objects stand inside each other further than this; it calls itself nowhere."""
    level = [document]
    for _ in range(levels):
        level = [
            member
            for value in level
            if isinstance(value, dict | list)
            for member in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _where(error: ValidationError) -> str:
    """The JSONPath of the place, and a colon."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
    return f"${steps}: "
