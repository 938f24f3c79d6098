"""All probes at one glance: how each is, and why those that see nothing are blind."""

from __future__ import annotations

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
    from collections.abc import Mapping

    from prober.web.views import Views

__all__ = ["Seen", "ServiceSeen", "Survey", "blind_because", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One probe: its state, and why it is blind if it is."""

    probe: Probe
    state: State
    blind: str | None

    @property
    def order(self) -> tuple[int, str]:
        """What most needs a person comes first."""
        return SEVERITY.index(self.state), self.probe.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """One service: its state since when, its incident if it is in one, its probes in order of need."""

    key: Service
    state: State
    since_ns: int | None
    incident: Incident | None
    probes: tuple[Seen, ...]

    @property
    def name(self) -> str:
        """In words: ``chat at openai``."""
        return service_words(self.key)

    @property
    def trouble_since_ns(self) -> int | None:
        """When its trouble began: with the first failure, if an incident tells."""
        return self.since_ns if self.incident is None else self.incident.began_at_ns

    @property
    def order(self) -> tuple[int, Service]:
        """What most needs a person comes first."""
        return SEVERITY.index(self.state), self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything that is probed, in order of need, and what is configured and disabled."""

    now_ns: int
    services: tuple[ServiceSeen, ...]
    disabled: tuple[Probe, ...]


async def survey(views: Views) -> Survey:
    """Look at every probe once."""
    pace = Pace()
    members: dict[Service, list[Seen]] = {}
    disabled = []
    for probe in views.probes():
        await pace.breathe()
        if probe.disabled is not None:
            disabled.append(probe)
            continue
        state = views.states.probe_state(probe.name)
        blind = blind_because(views, probe) if state is State.UNKNOWN else None
        members.setdefault((probe.provider, probe.service), []).append(Seen(probe=probe, state=state, blind=blind))
    states = views.states.service_states()
    services = []
    for key, probes in members.items():
        await pace.breathe()
        services.append(_service(views, states, key, probes))
    return Survey(
        now_ns=views.clock.wall_ns(),
        services=tuple(sorted(services, key=lambda service: service.order)),
        disabled=tuple(disabled),
    )


def blind_because(views: Views, probe: Probe) -> str | None:
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


def _service(views: Views, states: Mapping[Service, State], key: Service, probes: list[Seen]) -> ServiceSeen:
    return ServiceSeen(
        key=key,
        state=states.get(key, State.UNKNOWN),
        since_ns=views.states.service_since(key),
        incident=views.incidents.open_of(key),
        probes=tuple(sorted(probes, key=lambda seen: seen.order)),
    )
