"""What the page of one probe says: its last run in phases and steps, its past, its failures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config import format_duration
from prober.model.run import Phase, Result, Step
from prober.sinks.document import timestamp
from prober.sinks.history import Past, availability
from prober.sinks.incident import Incident
from prober.web.drawing import Chart, Span, chart, css_of, plural, spans
from prober.web.overview import Row, Trouble, row, trouble_of
from prober.web.stories import lasted
from prober.web.wording import amount, clock_time, day, duration, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.model.probe import Probe
    from prober.model.run import Measure
    from prober.web.survey import Seen
    from prober.web.views import Views

__all__ = ["Detail", "PastRow", "detail", "measures_of"]

_RUNS_SHOWN = 30
_INCIDENTS_SHOWN = 5
_LAST = 10**11  # a number beyond that is no second of Unix time


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """One line of the table of runs."""

    at: str
    css: str
    word: str
    duration: str
    first_token: str | None
    status: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The whole page of a probe."""

    row: Row
    provider: str
    service: str
    result: Result | None
    outcome: str
    facts: tuple[tuple[str, str], ...]
    phases: tuple[Span, ...]
    steps: tuple[tuple[Step, Span], ...]
    measures: tuple[tuple[str, str], ...]
    chart: Chart
    is_chat: bool
    runs: tuple[PastRow, ...]
    failures: tuple[tuple[str, str, Trouble], ...]
    incidents: tuple[tuple[str, str, Incident], ...]
    captures: tuple[tuple[str, dict[str, str]], ...]


def detail(views: Views, seen: Seen, now_ns: int) -> Detail:
    """The page of one probe."""
    probe = seen.probe
    result = views.history.last(probe.name)
    runs = views.history.runs(probe.name)
    rows = tuple(_past_row(run, now_ns) for run in runs)
    shown = row(views, seen, now_ns)
    return Detail(
        row=shown,
        provider=probe.provider,
        service=probe.service,
        result=result,
        outcome="" if result is None else result.outcome.value,
        facts=tuple(_facts(probe, shown, runs)),
        phases=() if result is None else _phases(result),
        steps=() if result is None else _steps(result),
        measures=() if result is None else tuple(measures_of(result.measures)),
        chart=chart(runs, [f"{line.at} · {line.word} · {line.duration}" for line in rows]),
        is_chat=shown.first_token is not None,
        runs=rows[:_RUNS_SHOWN],
        failures=tuple(_failures(views, probe, now_ns)),
        incidents=tuple(_incidents(views, probe, now_ns)),
        captures=tuple(_captures(views, probe, now_ns)),
    )


def _facts(probe: Probe, shown: Row, runs: tuple[Past, ...]) -> Iterable[tuple[str, str]]:
    yield "last run", shown.last_run
    yield "next run", shown.next_run or "–"
    yield "every", format_duration(probe.interval_ns)
    yield f"available, last {plural(runs)}" if runs else "available", percent(availability(runs))
    good = sorted(run.duration_ns for run in runs if run.is_good)
    if good:
        yield "median of good runs", duration(good[len(good) // 2])
    first = sorted(run.first_token_ns for run in runs if run.is_good and run.first_token_ns is not None)
    if first:
        yield "median first token", duration(first[len(first) // 2])
    for name, value in (*probe.info.items(), *probe.labels.items()):
        if value:
            yield name, value


def _phases(result: Result) -> tuple[Span, ...]:
    return spans(
        [
            (phase.name.replace("_", " "), phase.offset_ns, phase.duration_ns, _phase_css(phase, result))
            for phase in result.phases
        ],
        result.duration_ns,
    )


def _phase_css(phase: Phase, result: Result) -> str:
    failed_here = not phase.finished or (result.failure is not None and result.failure.phase == phase.name)
    return "fail" if failed_here else "done"


def _steps(result: Result) -> tuple[tuple[Step, Span], ...]:
    """Steps follow one another, so each begins where the one before ended."""
    parts, offset = [], 0
    for step in result.steps:
        css = {"ok": "done", "slow": "slow", "fail": "fail"}.get(step.result, "none")
        parts.append((step.name, offset, step.duration_ns, css))
        offset += step.duration_ns
    return tuple(zip(result.steps, spans(parts, max(offset, result.duration_ns)), strict=True))


def measures_of(measures: Mapping[str, Measure]) -> Iterable[tuple[str, str]]:
    """Name and value of every measure that has one, with its unit."""
    for name, value in measures.items():
        if value is None:
            continue
        if isinstance(value, str | bool):
            yield name.replace("_", " "), str(value).lower() if isinstance(value, bool) else value
        elif name.endswith("_timestamp") and 0 < value < _LAST:
            yield name.removesuffix("_timestamp").replace("_", " "), day(value)
        elif name.endswith("_seconds") and math.isfinite(value):
            yield name.removesuffix("_seconds").replace("_", " "), duration(round(value * 1e9))
        else:
            yield name.replace("_", " "), amount(value)


def _past_row(run: Past, now_ns: int) -> PastRow:
    css = css_of(run)
    why = (run.error_class, run.detail)
    return PastRow(
        at=_at(run.started_at_ns, now_ns),
        css=css,
        word=run.outcome.value,
        duration=duration(run.duration_ns),
        first_token=None if run.first_token_ns is None else duration(run.first_token_ns),
        status="" if run.http_status is None else str(run.http_status),
        why=" / ".join(part for part in why if part),
    )


def _at(then_ns: int, now_ns: int) -> str:
    """The time of day with seconds, and the date where it is not today's."""
    date = clock_time(then_ns, now_ns)[:-5]
    return date + timestamp(then_ns)[11:19]


def _failures(views: Views, probe: Probe, now_ns: int) -> Iterable[tuple[str, str, Trouble]]:
    for result in views.history.failures(probe.name):
        trouble = trouble_of(views, probe, result, now_ns)
        if trouble is not None:
            yield _at(result.started_at_ns, now_ns), timestamp(result.started_at_ns), trouble


def _incidents(views: Views, probe: Probe, now_ns: int) -> Iterable[tuple[str, str, Incident]]:
    for incident in views.incidents.of((probe.provider, probe.service))[:_INCIDENTS_SHOWN]:
        yield clock_time(incident.began_at_ns, now_ns), lasted(incident, now_ns), incident


def _captures(views: Views, probe: Probe, now_ns: int) -> Iterable[tuple[str, dict[str, str]]]:
    """When a page was seen failing, and where each part of what was seen is."""
    for at_ns, parts in views.captures.of(probe.name).items():
        yield _at(at_ns, now_ns), {part: f"/probes/{probe.name}/captures/{at_ns}.{part}" for part in parts}
