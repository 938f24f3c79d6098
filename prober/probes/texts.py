"""The texts inside a setting, however deep they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from prober.model.secret import Secret

__all__ = ["deeply_filled", "texts_in"]


def deeply_filled(value: object, filled: Callable[[str], str]) -> object:
    """A plain value with the placeholders filled in all its texts and keys."""
    if isinstance(value, str):
        return filled(value)
    if isinstance(value, Mapping):
        return {deeply_filled(key, filled): deeply_filled(inner, filled) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [deeply_filled(inner, filled) for inner in value]
    return value


def texts_in(value: object) -> Iterator[str]:
    """The texts of a plain value, keys and secrets among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*texts_in(key), *texts_in(inner))
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts_in(inner)
