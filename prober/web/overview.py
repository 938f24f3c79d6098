"""What the status page says of every service and probe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.probe import Probe
from prober.model.run import Outcome
from prober.sinks.document import message_of, status_page_of
from prober.sinks.history import Past, availability
from prober.sinks.state_rules import BLIND_FAULTS, SEVERITY, State
from prober.web.drawing import Strip, strip
from prober.web.meaning import CLASS_MEANING, FAULT_MEANING, SKIP_MEANING
from prober.web.pace import Pace
from prober.web.survey import Seen
from prober.web.verdict import Verdict, anchor, verdict
from prober.web.wording import ago, clock_time, duration, percent, until

if TYPE_CHECKING:
    from prober.model.run import Result
    from prober.web.survey import ServiceSeen, Survey
    from prober.web.views import Views

__all__ = [
    "CALM_ROWS_EACH",
    "ROWS_IN_ALL",
    "Card",
    "Group",
    "Overview",
    "Row",
    "Trouble",
    "overview",
    "row",
    "trouble_of",
]

ROWS_IN_ALL = 200
CALM_ROWS_EACH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the last run failed, or why it was slow."""

    tone: str
    error_class: str
    meaning: str
    detail: str | None
    phase: str | None
    fault: str | None
    fault_meaning: str | None
    message: str | None
    request_id: str | None
    since: str | None
    status_page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One probe on the page."""

    name: str
    kind: str
    state: State
    since: str
    strip: Strip
    last: str
    first_token: str | None
    availability: str
    last_run: str
    next_run: str | None
    skipped: str | None
    blind: str | None
    trouble: Trouble | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One service. ``rows`` are built while they are read; ``dots`` are the probes for which there is no room."""

    anchor: str
    name: str
    state: State
    since: str
    count: int
    rows: Iterator[Row]
    dots: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All services of a provider."""

    provider: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole page."""

    verdict: Verdict
    counts: tuple[tuple[str, int], ...]
    groups: tuple[Group, ...]
    disabled: tuple[Probe, ...]


async def overview(views: Views, seen: Survey) -> Overview:
    """The page of what was seen. Providers stand where their neediest service does."""
    pace = Pace()
    by_provider: dict[str, list[Card]] = {}
    for service, shown in _rows_shown(seen):
        await pace.breathe()
        by_provider.setdefault(service.key[0], []).append(_card(views, service, seen.now_ns, shown))
    counts = [(state.value, seen.counts[state]) for state in SEVERITY if seen.counts[state]]
    return Overview(
        verdict=verdict(seen),
        counts=(*counts, ("disabled", len(seen.disabled))) if seen.disabled else tuple(counts),
        groups=tuple(Group(provider=provider, cards=tuple(cards)) for provider, cards in by_provider.items()),
        disabled=seen.disabled,
    )


def _rows_shown(seen: Survey) -> Iterator[tuple[ServiceSeen, int]]:
    """How many rows each service gets: first all that need a person, then some of the others while there is room."""
    room = ROWS_IN_ALL
    spare = ROWS_IN_ALL - sum(service.needy for service in seen.services)
    for service in seen.services:
        calm = len(service.probes) - service.needy
        calm_shown = max(0, min(calm if calm <= CALM_ROWS_EACH else CALM_ROWS_EACH - 2, spare))
        spare -= calm_shown
        needy_shown = min(service.needy, room)
        room -= needy_shown
        yield service, needy_shown + calm_shown


def _card(views: Views, service: ServiceSeen, now_ns: int, shown: int) -> Card:
    since_ns = service.trouble_since_ns
    return Card(
        anchor=anchor(service),
        name=service.key[1] or "unnamed service",
        state=service.state,
        since="" if since_ns is None else f"since {clock_time(since_ns, now_ns)} UTC",
        count=len(service.probes),
        rows=(row(views, each, now_ns) for each in service.probes[:shown]),
        dots=service.probes[shown:],
    )


def row(views: Views, seen: Seen, now_ns: int) -> Row:
    """One probe's row."""
    name = seen.probe.name
    runs = views.history.runs(name)
    result = views.history.last(name)
    since_ns = views.states.since(name)
    next_run = views.next_run(name)
    skipped = views.history.skipped(name)
    return Row(
        name=name,
        kind=seen.probe.kind.name,
        state=seen.state,
        since="" if since_ns is None else clock_time(since_ns, now_ns),
        strip=strip(runs),
        last=duration(runs[0].duration_ns) if runs else "–",
        first_token=_first_token(runs),
        availability=percent(availability(runs)),
        last_run=ago(runs[0].started_at_ns + runs[0].duration_ns, now_ns) if runs else "never",
        next_run=None if next_run is None else until(round(next_run * 1e9), now_ns),
        skipped=None if skipped is None else SKIP_MEANING.get(skipped, skipped),
        blind=seen.blind,
        trouble=None if result is None else trouble_of(views, seen.probe, result, now_ns),
    )


def _first_token(runs: tuple[Past, ...]) -> str | None:
    """That of the newest run; a dash where only earlier runs had one, nothing where a probe is no chat."""
    if not runs or all(run.first_token_ns is None for run in runs):
        return None
    return duration(runs[0].first_token_ns)


def trouble_of(views: Views, probe: Probe, result: Result, now_ns: int) -> Trouble | None:
    """What was wrong with a run; None if nothing was."""
    failure = result.failure
    if failure is None:
        return _slowness(result) if result.outcome is Outcome.SLOW else None
    since_ns = views.states.failing_since(result.probe)
    return Trouble(
        tone="blind" if failure.fault in BLIND_FAULTS else "fail",
        error_class=failure.error_class,
        meaning=CLASS_MEANING[failure.error_class],
        detail=failure.detail,
        phase=failure.phase,
        fault=failure.fault,
        fault_meaning=FAULT_MEANING[failure.fault],
        message=failure.message or None,
        request_id=None if result.request_id and result.request_id in failure.message else result.request_id,
        since=None if since_ns is None else clock_time(since_ns, now_ns),
        status_page=status_page_of(probe, result),
    )


def _slowness(result: Result) -> Trouble:
    return Trouble(
        tone="slow",
        error_class="slow",
        meaning="it worked, above a threshold",
        detail=None,
        phase=None,
        fault=None,
        fault_meaning=None,
        message=message_of(result),
        request_id=result.request_id,
        since=None,
    )
