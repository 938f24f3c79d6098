"""What a setting is made of: scalar types with a unit, documentation of a field, and errors that know their path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NewType, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Custom", "Duration", "Ratio", "SettingError", "SettingErrors", "Size", "refuse", "setting"]

Duration = NewType("Duration", int)
"""A length of time in nanoseconds; written ``250ms``, ``10s``, ``5m``, ``1h`` in the file."""

Ratio = NewType("Ratio", float)
"""A share between 0 and 1; written ``99.5%`` in the file."""


Size = NewType("Size", int)
"""A number of bytes; written ``64KiB``, ``10MiB`` or as a plain number in the file."""


@dataclass(frozen=True, slots=True)
class SettingError:
    """One mistake: ``path`` leads from the value at hand to the wrong one, by key and by list index."""

    message: str
    path: tuple[str | int, ...] = ()


class SettingErrors(ValueError):
    """All mistakes of one value, at once."""

    def __init__(self, errors: Iterable[SettingError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))

    @classmethod
    def one(cls, message: str, *path: str | int) -> Self:
        """A single mistake."""
        return cls([SettingError(message, path)])

    def under(self, *path: str | int) -> Self:
        """The same mistakes as seen from further out."""
        return type(self)(SettingError(error.message, path + error.path) for error in self.errors)


def refuse(mistakes: Iterable[SettingError]) -> None:
    """Raises :class:`SettingErrors` with all of them, if there are any."""
    if found := tuple(mistakes):
        raise SettingErrors(found)


@runtime_checkable
class Custom(Protocol):
    """A type with a syntax of its own in the file, such as the checks of ``expect``."""

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The value of a plain YAML value (None, bool, int, float, str, list, dict). Raises :class:`SettingErrors`."""

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """The JSON Schema of what :meth:`from_setting` takes."""


def setting(doc: str, *, default: Any = ..., factory: Callable[[], Any] | None = None, key: str | None = None) -> Any:
    """A dataclass field that is a key of probes.yaml. Without a default it is required.

    ``doc`` is one sentence for the docs and the schema; ``key`` is the spelling where that is no Python name.
    """
    metadata = {"doc": doc, "key": key}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)
