"""Geometry of the small charts: strips of ticks, bars of durations, timelines of phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.run import Outcome
from prober.web.wording import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.sinks.history import Past

__all__ = ["TICKS", "Bar", "Chart", "Span", "Strip", "chart", "css_of", "plural", "spans", "strip"]

TICKS = 40
_PITCH, _WIDTH, _HEIGHT = 6, 4, 24
_TICK_HEIGHT = {Outcome.OK: 15, Outcome.SLOW: 20, Outcome.FAIL: 24, Outcome.ERROR: 9}
_CLASS = {Outcome.OK: "ok", Outcome.SLOW: "slow", Outcome.FAIL: "fail", Outcome.ERROR: "none"}
_NOUN = {Outcome.OK: "ok", Outcome.SLOW: "slow", Outcome.FAIL: "failed", Outcome.ERROR: "not measured"}
_BAR_HEIGHT = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The last runs as ticks, the newest at the right: one SVG path for each class, and what it shows in words."""

    paths: tuple[tuple[str, str], ...]
    label: str
    width: int = TICKS * _PITCH - (_PITCH - _WIDTH)
    height: int = _HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One run in a chart of durations. ``mark`` is the height of its first token."""

    x: float
    height: float
    mark: float | None
    css: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Durations of the last runs as bars, the newest at the right; ``top`` is what a full bar stands for."""

    bars: tuple[Bar, ...]
    top: str
    width: int
    height: int = _BAR_HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One phase or step on a time axis; ``x`` and ``width`` in thousandths of the run."""

    name: str
    x: float
    width: float
    css: str
    text: str


def css_of(run: Past) -> str:
    """The colour of a run: one that was blind is as grey as one that was not measured."""
    if run.outcome is Outcome.FAIL and not run.is_bad:
        return "blind"
    return _CLASS[run.outcome]


def strip(runs: Sequence[Past]) -> Strip:
    """Ticks of runs that come newest first. Height tells the outcome as colour does."""
    shown = runs[:TICKS]
    drawn: dict[str, list[str]] = {}
    for place in range(TICKS):
        x = (TICKS - 1 - place) * _PITCH
        run = shown[place] if place < len(shown) else None
        css, height = ("empty", 4) if run is None else (css_of(run), _TICK_HEIGHT[run.outcome])
        drawn.setdefault(css, []).append(f"M{x} {_HEIGHT - height}h{_WIDTH}V{_HEIGHT}h-{_WIDTH}z")
    paths = tuple((css, "".join(parts)) for css, parts in drawn.items())
    return Strip(paths=paths, label=_said(shown))


def _said(runs: Sequence[Past]) -> str:
    if not runs:
        return "no runs yet"
    counts = ((sum(run.outcome is outcome for run in runs), _NOUN[outcome]) for outcome in Outcome)
    return f"last {plural(runs)}: " + ", ".join(f"{count} {noun}" for count, noun in counts if count)


def plural(runs: Sequence[Past]) -> str:
    """How many runs these are: run, 2 runs."""
    return "run" if len(runs) == 1 else f"{len(runs)} runs"


def chart(runs: Sequence[Past], said: Sequence[str]) -> Chart:
    """Bars of runs that come newest first, at the right of the chart; ``said`` is what to say of each."""
    slots = max(TICKS, len(runs))
    top = max((run.duration_ns for run in runs), default=0) or 1
    bars = tuple(
        _bar(run, text, place=slots - 1 - back, top=top)
        for back, (run, text) in enumerate(zip(runs, said, strict=True))
    )
    return Chart(bars=bars, top=duration(top), width=slots * 12)


def _bar(run: Past, text: str, *, place: int, top: int) -> Bar:
    first = run.first_token_ns
    return Bar(
        x=place * 12 + 1,
        height=max(3.0, round(run.duration_ns / top * _BAR_HEIGHT, 1)),
        mark=None if first is None or first > top else round(first / top * _BAR_HEIGHT, 1),
        css=css_of(run),
        title=text,
    )


def spans(parts: Sequence[tuple[str, int, int, str]], total_ns: int) -> tuple[Span, ...]:
    """Parts of a run, as (name, offset, duration, class), drawn to the scale of the whole."""
    end = max([total_ns, *(offset + length for _, offset, length, _ in parts)], default=1) or 1
    return tuple(
        Span(
            name=name,
            x=round(max(0, offset) / end * 1000, 1),
            width=max(3.0, round((min(offset, 0) + length) / end * 1000, 1)) if length else 0.0,
            css=css,
            text=duration(length) if length else "",
        )
        for name, offset, length, css in parts
    )
