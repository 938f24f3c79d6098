"""Parameters that OpenAI's chat protocols share, checked and refused in OpenAI's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.simulator.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.simulator.settings import Model

__all__ = ["at_least", "boolean", "check_sampling", "effort", "invalid", "wrong_type"]

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}
_KINDS = {"str": "a string", "int": "an integer"}


def boolean(body: Mapping[str, object], name: str) -> bool:
    """A parameter that is true or false; false without it."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(name, "a boolean", value)
    return bool(value)


def at_least(body: Mapping[str, object], name: str, least: int) -> int | None:
    """A whole number that may not be too small; None without it."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, "an integer", value)
    if value < least:
        expected = f"Expected a value >= {least}, but got {value} instead."
        raise invalid(f"Invalid '{name}': integer below minimum value. {expected}", name, "integer_below_min_value")
    return value


def check_sampling(body: Mapping[str, object]) -> None:
    """Refuse a temperature, or another number of sampling, that is out of its range."""
    for name, (low, high) in _RANGES.items():
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(name, "a decimal", value)
        if value > high:
            expected = f"Expected a value <= {high}, but got {value} instead."
            raise invalid(f"Invalid '{name}': decimal above maximum value. {expected}", name, "decimal_above_max_value")
        if value < low:
            expected = f"Expected a value >= {low}, but got {value} instead."
            raise invalid(f"Invalid '{name}': decimal below minimum value. {expected}", name, "decimal_below_min_value")


def effort(value: object, model: Model, path: str) -> str:
    """How hard the model thinks."""
    if value is None:
        return "medium" if model.reasoning else "none"
    if value not in _EFFORTS:
        known = ", ".join(f"'{each}'" for each in _EFFORTS)
        raise invalid(f"Invalid value: '{value}'. Supported values are: {known}.", path, "invalid_value")
    if not model.reasoning and value != "none":
        message = f"Unsupported parameter: '{path}' is not supported with this model."
        raise invalid(message, path, "unsupported_parameter")
    return str(value)


def wrong_type(path: str, expected: str, value: object) -> ApiError:
    """The refusal of a value that is of another type."""
    got = "null" if value is None else _KINDS.get(type(value).__name__, "another type")
    return invalid(f"Invalid type for '{path}': expected {expected}, but got {got} instead.", path, "invalid_type")


def invalid(message: str, param: str | None, code: str | None = None) -> ApiError:
    """OpenAI's 400."""
    return ApiError(400, message, param=param, code=code)
