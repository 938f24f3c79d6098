"""The one sentence on top of the status page: does everything work, and if not, what does not and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.sinks.state_rules import State
from prober.web.meaning import TROUBLE
from prober.web.wording import clock_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.web.survey import ServiceSeen, Survey

__all__ = ["Line", "Verdict", "anchor", "verdict"]

Line = tuple[str, str | None]
"""A line of text, and where on the page it leads."""

_NAMES_SHOWN = 3
_TROUBLES_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The overall state, the sentence, and the lines below it."""

    state: State
    title: str
    lines: tuple[Line, ...] = ()


def anchor(service: ServiceSeen) -> str:
    """The name of the service's place on the page."""
    return "service-" + "-".join(service.key)


def verdict(seen: Survey) -> Verdict:
    """The verdict on everything that is probed. ``seen.services`` begin with what most needs a person."""
    blind = _blind_lines(seen)
    troubled = [service for service in seen.services if service.state not in {State.UP, State.UNKNOWN}]
    if len(troubled) == 1:
        return Verdict(state=troubled[0].state, title=_trouble(troubled[0], seen.now_ns), lines=blind)
    if troubled:
        title = f"{len(troubled)} of {len(seen.services)} services are in trouble"
        return Verdict(state=troubled[0].state, title=title, lines=(*_trouble_lines(troubled, seen.now_ns), *blind))
    if any(service.state is State.UP for service in seen.services):
        title = "All services that we can see work" if blind else "All services work"
        return Verdict(state=State.UP, title=title, lines=blind)
    return Verdict(state=State.UNKNOWN, title=_ignorance(seen, blind), lines=blind)


def _ignorance(seen: Survey, blind: Sequence[Line]) -> str:
    if blind:
        return "We are blind: nothing is known of any service"
    if seen.services:
        return "Too few runs yet to tell" if seen.has_begun else "Waiting for the first runs"
    return "Every probe is disabled" if seen.disabled else "Nothing is probed"


def _trouble(service: ServiceSeen, now_ns: int) -> str:
    since_ns = service.trouble_since_ns
    since = "" if since_ns is None else f" since {clock_time(since_ns, now_ns)} UTC"
    return f"{service.name}: {TROUBLE[service.state]}{since}"


def _trouble_lines(troubled: Sequence[ServiceSeen], now_ns: int) -> list[Line]:
    lines: list[Line] = [(_trouble(service, now_ns), f"#{anchor(service)}") for service in troubled[:_TROUBLES_SHOWN]]
    more = len(troubled) - _TROUBLES_SHOWN
    return [*lines, (f"and {more} more", None)] if more > 0 else lines


def _blind_lines(seen: Survey) -> tuple[Line, ...]:
    """One line for each reason why probes see nothing."""
    return tuple(
        (f"{_probes(len(names))} blind: {reason} ({_listed(names)})", None) for reason, names in seen.blind.items()
    )


def _probes(count: int) -> str:
    return "1 probe is" if count == 1 else f"{count} probes are"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - _NAMES_SHOWN} more"
