"""The sink that knows how every probe and every service is, and since when."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.model.clock import Clock
from prober.sinks.state_rules import Standing, State, Thresholds, advance, blinded, service_state, sight_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["BLINDING_SKIPS", "Service", "States"]

Service = tuple[str, str]
"""A service: its provider and its name."""

BLINDING_SKIPS = frozenset({"budget", "breaker", "disabled"})
"""Reasons for which a probe is not run at all, so that nothing is known of its target. The other reasons
(``overrun``, ``overload``) lose one run of many."""


class States:
    """How every probe and every service is.

    A sink. Times are Unix nanoseconds: those of a run's end, and the clock's where there is no run.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._probes: dict[str, Probe] = {}
        self._standings: dict[str, Standing] = {}
        self._counts: dict[Service, Counter[State]] = {}
        self._services: dict[Service, tuple[State, int]] = {}

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Take over a configuration. A probe that still has the same kind, provider and service keeps its state."""
        now_ns = self._clock.wall_ns()
        self._standings = {probe.name: self._kept(probe) or Standing(since_ns=now_ns) for probe in probes}
        self._probes = {probe.name: probe for probe in probes}
        self._counts = {}
        for probe in probes:
            counts = self._counts.setdefault((probe.provider, probe.service), Counter())
            counts[self._standings[probe.name].state] += 1
        before, self._services = self._services, {}
        for service in self._counts:
            self._services[service] = before.get(service, (State.UNKNOWN, now_ns))
            self._weigh(service, now_ns)

    def record(self, probe: Probe, result: Result) -> None:
        """Learn from one run."""
        standing = self._standings.get(probe.name)
        if standing is None:
            return  # removed by a reload while its last run went on
        ended_ns = result.started_at_ns + result.duration_ns
        thresholds = Thresholds(down_after=probe.down_after, up_after=probe.up_after)
        sight = sight_of(result)
        after = advance(standing, sight, began_ns=result.started_at_ns, ended_ns=ended_ns, thresholds=thresholds)
        self._replace(probe, standing, after, ended_ns)

    def skip(self, probe: Probe, reason: str) -> None:
        """Learn that a run did not take place. Only reasons that keep it from running at all make a probe unknown."""
        standing = self._standings.get(probe.name)
        if standing is not None and reason in BLINDING_SKIPS:
            now_ns = self._clock.wall_ns()
            self._replace(probe, standing, blinded(standing, now_ns), now_ns)

    def probe_state(self, name: str) -> State:
        """The state of a probe; ``unknown`` for one that is not there."""
        standing = self._standings.get(name)
        return State.UNKNOWN if standing is None else standing.state

    def since(self, name: str) -> int | None:
        """When the probe came into its state."""
        standing = self._standings.get(name)
        return None if standing is None else standing.since_ns

    def failing_since(self, name: str) -> int | None:
        """When the first of the failures began that the probe has had without a success since, or None."""
        standing = self._standings.get(name)
        return None if standing is None else standing.failing_since_ns

    def service_states(self) -> Mapping[Service, State]:
        """The state of every (provider, service)."""
        return MappingProxyType({service: state for service, (state, _) in self._services.items()})

    def service_state(self, service: Service) -> State | None:
        """The state of one service, or None if no probe has it."""
        found = self._services.get(service)
        return None if found is None else found[0]

    def service_since(self, service: Service) -> int | None:
        """When the service came into its state."""
        found = self._services.get(service)
        return None if found is None else found[1]

    def _kept(self, probe: Probe) -> Standing | None:
        old = self._probes.get(probe.name)
        if old is None or (old.kind.name, old.provider, old.service) != (
            probe.kind.name,
            probe.provider,
            probe.service,
        ):
            return None
        standing = self._standings[probe.name]
        return standing if probe.disabled is None else blinded(standing, self._clock.wall_ns())

    def _replace(self, probe: Probe, before: Standing, after: Standing, at_ns: int) -> None:
        if after is before:
            return
        self._standings[probe.name] = after
        if after.state is not before.state:
            old = self._probes[probe.name]  # a run that began before a reload may carry another service
            counts = self._counts[old.provider, old.service]
            counts[before.state] -= 1
            counts[after.state] += 1
            self._weigh((old.provider, old.service), at_ns)

    def _weigh(self, service: Service, at_ns: int) -> None:
        state = service_state(self._counts[service])
        if state is not self._services[service][0]:
            self._services[service] = (state, at_ns)
