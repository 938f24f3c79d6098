"""The lines of a family with everything but a probe's labels and the values, shared by all probes of the same shape.

Rendering decides what a scrape costs: 1,000 probes have some 100,000 lines. The text between the places where the
labels go is made once, so that a line whose value is zero costs one step of ``str.join``, and any other line little
more. Nothing rendered is kept: at 5,000 probes it would need more memory than everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from prober.sinks.metrics.family import Family, Key, Type, key_of
from prober.sinks.metrics.histogram import Histogram
from prober.sinks.metrics.text import label_text, number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cells", "Layout", "layout_of"]

Cells = Mapping[Key, object]
"""The numbers, or the histograms, that a family has for one probe, by label values. A summary's keys have ``count`` or
``sum`` at their end."""

_Row = tuple[str, str, Key]  # name of the sample, its labels after the probe's, key of its value


class Layout(Protocol):
    """The lines of one family for probes of one shape, at most so many."""

    lines: int

    def text(self, labels: str, cells: Cells) -> str:
        """The lines of the probe with these labels."""


def layout_of(family: Family, keys: Sequence[Key], bounds: tuple[float, ...]) -> Layout:
    """The layout of a family for probes that have these keys, at least one, and these bounds."""
    match family.type:
        case Type.HISTOGRAM:
            return _Histograms(family, keys, bounds)
        case Type.SUMMARY:
            parts = ("count", "sum")
            rows = [(f"{family.name}_{part}", _tail(family, key), key_of(*key, part)) for key in keys for part in parts]
            return _Full(rows)
        case _:
            rows = [(family.name, _tail(family, key), key) for key in keys]
            full = family.from_start or family.type is Type.COUNTER
            return _Full(rows) if full else _Sparse(rows)


def _tail(family: Family, key: Key, *more: tuple[str, str]) -> str:
    labels = label_text([*zip(family.labels, key, strict=True), *more])
    return f",{labels}}} " if labels else "} "


class _Full:
    """Lines that are all there, those without a value at zero."""

    __slots__ = ("_at", "_joints", "_tails", "_zeros", "lines")

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.lines = len(rows)
        heads = [f"{name}{{" for name, _, _ in rows]
        self._at = {key: position for position, (_, _, key) in enumerate(rows, 1)}
        self._tails = ["", *(tail for _, tail, _ in rows)]
        self._joints = [heads[0], *(f"\n{head}" for head in heads[1:]), "\n"]
        zeros = ["", *["0.0"] * len(rows)]
        self._zeros = [*map("".join, zip(self._tails, zeros, self._joints, strict=True))]

    def text(self, labels: str, cells: Cells) -> str:
        pieces = self._zeros
        if cells:
            pieces = pieces.copy()
            for key, value in cells.items():
                if (at := self._at.get(key)) is not None:
                    pieces[at] = f"{self._tails[at]}{value!r}{self._joints[at]}"
        return labels.join(pieces)


class _Sparse:
    """Lines that are there only with a value."""

    __slots__ = ("_rows", "lines")

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.lines = len(rows)
        self._rows = [(f"{name}{{", tail, key) for name, tail, key in rows]

    def text(self, labels: str, cells: Cells) -> str:
        lines = ""
        for head, tail, key in self._rows:
            if key in cells:
                lines += f"{head}{labels}{tail}{cells[key]!r}\n"
        return lines


class _Histograms:
    """The buckets, count and sum of each of a family's histograms."""

    __slots__ = ("_empty", "_head", "_joints", "_keys", "_tails", "lines")

    def __init__(self, family: Family, keys: Sequence[Key], bounds: tuple[float, ...]) -> None:
        les = [*map(number, bounds), "+Inf"]
        names = [f"{family.name}_bucket"] * len(les) + [f"{family.name}_count", f"{family.name}_sum"]
        self.lines = len(names) * len(keys)
        self._head = f"{names[0]}{{"
        self._joints = [*(f".0\n{name}{{" for name in names[1:]), "\n"]
        self._keys = tuple(keys)
        self._tails = {key: [_tail(family, key, ("le", le)) for le in les] + [_tail(family, key)] * 2 for key in keys}
        zeros = ["0"] * (len(names) - 1) + ["0.0"]
        self._empty = {
            key: [self._head, *map("".join, zip(tails, zeros, self._joints, strict=True))]
            for key, tails in self._tails.items()
        }

    def text(self, labels: str, cells: Cells) -> str:
        return "".join([labels.join(self._pieces(key, cells.get(key))) for key in self._keys])

    def _pieces(self, key: Key, histogram: object) -> list[str]:
        if not isinstance(histogram, Histogram):
            return self._empty[key]
        tails, joints = self._tails[key], self._joints
        pieces = self._empty[key].copy()
        running = 0
        for at, (count, tail, joint) in enumerate(zip(histogram.counts, tails, joints, strict=False), 1):
            running += count
            if running:
                pieces[at] = f"{tail}{running}{joint}"
        pieces[-2] = f"{tails[-2]}{running}{joints[-2]}"
        pieces[-1] = f"{tails[-1]}{histogram.total!r}{joints[-1]}"
        return pieces
