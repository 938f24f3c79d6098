"""One run as a person reads it: where the time went, what was measured, what went wrong and whose fault it is."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from prober.cli.bars import Ink
from prober.cli.measures import measure_texts
from prober.model.details import DETAILS
from prober.model.errors import Fault
from prober.model.run import Failure, Outcome, Phase, Result
from prober.sinks.document import status_page_of
from prober.web.meaning import CLASS_MEANING, CLASS_REMEDY, FAULT_MEANING, LOCAL_REMEDY
from prober.web.wording import day, duration, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model.probe import Probe

__all__ = ["COLOURS", "Timeline"]

COLOURS = {Outcome.OK: "green", Outcome.SLOW: "yellow", Outcome.FAIL: "red", Outcome.ERROR: "magenta"}
"""The colour of a verdict."""

_ON_THE_WAY = frozenset({"resolve", "connect", "tls"})
_ANSWERING = frozenset({"transfer", "stream"})
_STEP_COLOURS = {"ok": "green", "slow": "yellow"}
_MOST_ROWS = 24
_LONGEST_LABEL = 18
_LONGEST_BAR = 60
_SHORTEST_SHOWN_NS = 50_000
_SOON_SECONDS = 60 * 86_400
_INDENT = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    label: str
    offset_ns: int
    duration_ns: int
    colour: str
    note: str = ""
    failed: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Draws runs for a terminal of ``width`` columns."""

    ink: Ink
    width: int

    def run(self, probe: Probe, result: Result) -> str:
        """The run, over several lines."""
        lines = [self._head(probe, result), *self._bars(result)]
        measured = f" {self.ink.dot} ".join(measure_texts(result.measures, probe.info.get("currency")))
        lines += self._text(measured, dim=True)
        if result.failure is not None:
            lines += self._failure(probe, result, result.failure)
        lines += self._ending(result)
        for reason in result.slow_because if result.failure is None else ():
            lines += self._text(f"slow: {reason}", colour="yellow")
        if result.tainted and result.failure is None:
            lines += self._text("our own event loop was late meanwhile: take the times as upper bounds", dim=True)
        return "\n".join(lines) + "\n"

    def disabled(self, probe: Probe) -> str:
        """The line of a probe that does not run."""
        return click.style(f"{self.ink.disabled} {probe.name}", dim=True) + f"  disabled: {probe.disabled}\n"

    def _head(self, probe: Probe, result: Result) -> str:
        colour = COLOURS[result.outcome]
        mark = getattr(self.ink, result.outcome.value)
        what = "/".join(part for part in (probe.provider, probe.service) if part not in {"", probe.name})
        about = f"{probe.kind.name} {self.ink.dot} {what}" if what else probe.kind.name
        end = f"{result.outcome.value}  {duration(result.duration_ns)}"
        room = self.width - len(mark) - len(end) - 3
        name = self.ink.shortened(probe.name, max(8, room))
        about = self.ink.shortened(about, max(0, room - len(name) - 2))
        gap = " " * max(1, room - len(name) - len(about))
        return (
            click.style(f"{mark} {name}", fg=colour, bold=True)
            + click.style(f"  {about}", dim=True)
            + gap
            + click.style(end, fg=colour)
        )

    def _bars(self, result: Result) -> Iterator[str]:
        rows = list(_rows(result))
        total_ns = max([result.duration_ns, 1, *(row.offset_ns + row.duration_ns for row in rows)])
        label_width = min(_LONGEST_LABEL, max((len(row.label) for row in rows), default=0))
        bar_width = max(10, min(_LONGEST_BAR, self.width - label_width - 26))
        for row in rows[:_MOST_ROWS]:
            bar = self.ink.bar(row.offset_ns / total_ns, row.duration_ns / total_ns, bar_width)
            if row.marked:
                at = min(bar_width - 1, (row.offset_ns + row.duration_ns) * bar_width // total_ns)
                bar = bar[:at] + self.ink.first_token + bar[at + 1 :]
            label = self.ink.shortened(row.label, label_width).ljust(label_width)
            after = f" {_length(row.duration_ns):>9}" + (f"  {row.note}" if row.note else "")
            mark = click.style(f" {self.ink.fail}", fg="red") if row.failed else ""
            yield f"{_INDENT}{label}  {click.style(bar, fg=row.colour)}{after}{mark}"
        if len(rows) > _MOST_ROWS:
            yield f"{_INDENT}and {len(rows) - _MOST_ROWS} more"

    def _failure(self, probe: Probe, result: Result, failure: Failure) -> Iterator[str]:
        what = failure.error_class.value + (f" / {failure.detail}" if failure.detail else "")
        where = f" in {_label(failure.phase)}" if failure.phase else ""
        meaning = DETAILS.get(failure.detail or "") or CLASS_MEANING[failure.error_class]
        why = "" if meaning in failure.message else f": {meaning}"
        yield from self._text(f"{what}{where}{why}", colour=COLOURS[result.outcome], bold=True)
        yield from self._text(failure.message)
        yield from self._text(f"whose fault: {FAULT_MEANING[failure.fault]}")
        remedy = CLASS_REMEDY[failure.error_class] if failure.fault is not Fault.LOCAL else LOCAL_REMEDY
        yield from self._text(f"what to do: {remedy.replace('`', '')}")
        if result.request_id and result.request_id not in failure.message:
            yield from self._text(f"to quote to them: request {result.request_id}", dim=True)
        if page := status_page_of(probe, result):
            yield from self._text(f"what they say: {page}", dim=True)

    def _ending(self, result: Result) -> Iterator[str]:
        """That the model is shut down soon, or should have been."""
        at, now = result.measures.get("model_shutdown_timestamp"), result.started_at_ns / 1e9
        if isinstance(at, int | float) and at - now < _SOON_SECONDS:
            when = until(round(at * 1e9), result.started_at_ns) if at > now else "that is past"
            yield from self._text(f"the vendor shuts this model down on {day(at)}: {when}", colour="yellow")

    def _text(self, text: str, *, colour: str | None = None, bold: bool = False, dim: bool = False) -> Iterator[str]:
        for line in textwrap.wrap(text, max(20, self.width - len(_INDENT)), subsequent_indent=_INDENT):
            yield _INDENT + click.style(line, fg=colour, bold=bold or None, dim=dim or None)


def _rows(result: Result) -> Iterator[_Row]:
    """The steps of a login, one after the other; else the phases."""
    if not result.steps:
        first = "first_token_seconds" in result.measures
        yield from (_phase_row(phase, first_token=first) for phase in result.phases)
        return
    began = {phase.name: phase.offset_ns for phase in result.phases}
    blamed = None if result.failure is None else result.failure.phase
    offset_ns = 0
    for step in result.steps:
        if step.result == "skipped":
            continue
        offset_ns = began.get(step.name, offset_ns)
        yield _Row(
            label=step.name,
            offset_ns=offset_ns,
            duration_ns=step.duration_ns,
            colour="red" if step.name == blamed else _STEP_COLOURS.get(step.result, "red"),
            note="" if step.status is None else f"HTTP {step.status}",
            failed=step.result == "fail" or step.name == blamed,
        )
        offset_ns += step.duration_ns


def _phase_row(phase: Phase, *, first_token: bool) -> _Row:
    colour = "cyan" if phase.name in _ON_THE_WAY else "green" if phase.name in _ANSWERING else "blue"
    return _Row(
        label=_label(phase.name),
        offset_ns=phase.offset_ns,
        duration_ns=phase.duration_ns,
        colour=colour if phase.finished else "red",
        failed=not phase.finished,
        marked=first_token and phase.name == "first_token" and phase.finished,
    )


def _length(nanoseconds: int) -> str:
    return duration(nanoseconds) if nanoseconds >= _SHORTEST_SHOWN_NS else "<0.1 ms"


def _label(phase: str) -> str:
    return phase.replace("_", " ")
