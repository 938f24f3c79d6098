"""How the series of all probes are written: layout, labels and values of each probe, family by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.sinks.metrics.catalogue import BASE_LABELS, RESERVED_LABELS
from prober.sinks.metrics.family import Family, Key, Type
from prober.sinks.metrics.layout import Cells, Layout, layout_of
from prober.sinks.metrics.text import label_text

if TYPE_CHECKING:
    from prober.model.probe import Probe
    from prober.sinks.metrics.family import Setup
    from prober.sinks.metrics.series import Series

__all__ = ["Pages"]

_CHUNK_LINES = 128  # between two looks at the clock: some 50 µs
_CHUNK_ROWS = 8  # while rows are made, which takes longer
_NOTHING: Cells = MappingProxyType({})
_Shape = tuple[Family, tuple[Key, ...], tuple[float, ...]]
_Row = tuple[Callable[[str, Cells], str], str, Cells]


class Pages:
    """The lines of every family, for one configuration. Its rows are made when they are first read, a few at a time."""

    def __init__(self, series: Sequence[Series], setup: Setup) -> None:
        self.setup = setup
        self._series = series
        self._layouts: dict[_Shape, Layout] = {}
        self._labels: dict[str, str] = {}
        self._rows: dict[Family, list[_Row]] = {}
        self._lines: dict[Family, int] = {}

    def chunks(self, family: Family) -> Iterator[str]:
        """The lines of a family, of some probes at a time; now and then nothing."""
        rows = self._rows.get(family)
        if rows is None:
            rows = []
            for at in range(0, len(self._series), _CHUNK_ROWS):
                rows += [row for each in self._series[at : at + _CHUNK_ROWS] for row in self._row(family, each)]
                yield ""
            self._rows[family] = rows
        step = _CHUNK_LINES // self._lines.get(family, 1) + 1
        for at in range(0, len(rows), step):
            yield "".join([write(labels, cells) for write, labels, cells in rows[at : at + step]])

    def _row(self, family: Family, series: Series) -> Iterator[_Row]:
        probe = series.probe
        keys = family.series(probe, self.setup) if family.applies_to(probe) else ()
        if not keys:
            return
        layout = self._layout((family, keys, family.buckets(probe) if family.type is Type.HISTOGRAM else ()))
        labels = self._labels_of(probe, family.own)
        if family.fixed is None:
            yield layout.text, labels, series.cells(family)
        elif text := layout.text(labels, family.fixed(probe)):
            yield _as_it_is, text, _NOTHING

    def _layout(self, shape: _Shape) -> Layout:
        layout = self._layouts.get(shape)
        if layout is None:
            layout = self._layouts[shape] = layout_of(*shape)
            self._lines[shape[0]] = max(layout.lines, self._lines.get(shape[0], 1))
        return layout

    def _labels_of(self, probe: Probe, own: tuple[str, ...]) -> str:
        labels = self._labels.get(probe.name)
        if labels is None:
            labels = self._labels[probe.name] = label_text(_base(probe, self.setup.location))
        if not own:
            return labels
        info = {**probe.info, "reason": probe.disabled or ""}
        return f"{labels},{label_text((name, info.get(name, '')) for name in own)}"


def _as_it_is(text: str, _cells: Cells) -> str:
    """Lines that the configuration alone decides."""
    return text


def _base(probe: Probe, location: str | None) -> Iterator[tuple[str, str]]:
    values = (probe.name, probe.kind.name, probe.provider, probe.service, location)
    yield from ((name, value) for name, value in zip(BASE_LABELS, values, strict=True) if value is not None)
    yield from ((name, value) for name, value in probe.labels.items() if name not in RESERVED_LABELS)
