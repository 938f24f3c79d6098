"""What runs leave to the later runs of the same process, such as a session or the time-steps that are used up."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["Memory"]

T = TypeVar("T")


class Memory:
    """One object of each class that wants to outlive a run. The class itself bounds what it holds."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[type[object], object] = {}

    def of(self, kind: type[T]) -> T:
        """The one object of this class; it is made, without arguments, when it is first asked for."""
        kept = self._kept.get(kind)
        if kept is None:
            kept = self._kept[kind] = kind()
        assert isinstance(kept, kind)
        return kept

    def put(self, kept: object) -> None:
        """Have this be the one object of its class."""
        self._kept[type(kept)] = kept
