"""All probes at one glance: how each is, and why those that see nothing are blind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.errors import Fault
from prober.model.probe import Probe
from prober.sinks.incident import Incident
from prober.sinks.state import Service
from prober.sinks.state_rules import BLIND_FAULTS, SEVERITY, State
from prober.web.meaning import BLINDED_BY, CLASS_MEANING, SKIP_MEANING
from prober.web.pace import Pace
from prober.web.stories import service_words

if TYPE_CHECKING:
    from prober.web.views import Views

__all__ = ["Seen", "ServiceSeen", "Survey", "look", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One probe: its state, and why it is blind if it is."""

    probe: Probe
    state: State
    blind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """One service: its state since when, its incident if it is in one, its probes, what most needs a person first.

    ``needy`` is how many of the probes are not up.
    """

    key: Service
    state: State
    since_ns: int | None
    incident: Incident | None
    probes: tuple[Seen, ...]
    needy: int

    @property
    def name(self) -> str:
        """In words: ``chat at openai``."""
        return service_words(self.key)

    @property
    def trouble_since_ns(self) -> int | None:
        """When its trouble began: with the first failure, if an incident tells."""
        return self.since_ns if self.incident is None else self.incident.began_at_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything that is probed, what most needs a person first, and what is configured and disabled.

    ``blind`` are the names of the probes that see nothing, by the reason; ``has_begun`` says that a run has ended.
    """

    now_ns: int
    services: tuple[ServiceSeen, ...]
    counts: Mapping[State, int]
    blind: Mapping[str, list[str]]
    disabled: tuple[Probe, ...]
    has_begun: bool


async def survey(views: Views) -> Survey:
    """Look at every probe once."""
    pace = Pace()
    members: dict[Service, dict[State, list[Seen]]] = {}
    counts: Counter[State] = Counter()
    blind: dict[str, list[str]] = {}
    disabled = []
    has_begun = False
    for probe in views.probes():
        await pace.breathe()
        if probe.disabled is not None:
            disabled.append(probe)
            continue
        seen = look(views, probe)
        counts[seen.state] += 1
        has_begun = has_begun or views.history.last(probe.name) is not None
        members.setdefault((probe.provider, probe.service), {}).setdefault(seen.state, []).append(seen)
        if seen.blind is not None:
            blind.setdefault(seen.blind, []).append(probe.name)
    services = []
    for key, by_state in members.items():
        await pace.breathe()
        services.append(_service(views, key, by_state))
    services.sort(key=lambda service: SEVERITY.index(service.state))
    return Survey(
        now_ns=views.clock.wall_ns(),
        services=tuple(services),
        counts=counts,
        blind=blind,
        disabled=tuple(disabled),
        has_begun=has_begun,
    )


def look(views: Views, probe: Probe) -> Seen:
    """How a probe is."""
    state = views.states.probe_state(probe.name)
    blind = _blind_because(views, probe) if state is State.UNKNOWN and probe.disabled is None else None
    return Seen(probe=probe, state=state, blind=blind)


def _blind_because(views: Views, probe: Probe) -> str | None:
    """Why a probe that is unknown knows nothing; None if it has just not run often enough."""
    skipped = views.history.skipped(probe.name)
    if skipped is not None:
        return SKIP_MEANING.get(skipped, skipped)
    result = views.history.last(probe.name)
    failure = None if result is None else result.failure
    if failure is None or failure.fault not in BLIND_FAULTS:
        return None
    if failure.fault is Fault.LOCAL:
        return "our own network is down"
    return BLINDED_BY.get(failure.error_class, CLASS_MEANING[failure.error_class])


def _service(views: Views, key: Service, by_state: Mapping[State, list[Seen]]) -> ServiceSeen:
    probes = tuple(seen for state in SEVERITY for seen in by_state.get(state, ()))
    return ServiceSeen(
        key=key,
        state=views.states.service_state(key) or State.UNKNOWN,
        since_ns=views.states.service_since(key),
        incident=views.incidents.open_of(key),
        probes=probes,
        needy=len(probes) - len(by_state.get(State.UP, ())),
    )
