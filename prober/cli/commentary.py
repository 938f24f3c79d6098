"""A live commentary for newcomers: what changes, how it was noticed, and whose fault it is."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from prober.cli.bars import Ink
from prober.cli.measures import measure_texts
from prober.model.clock import Clock
from prober.model.run import Outcome
from prober.sinks.state import Service, States
from prober.sinks.state_rules import State
from prober.web.meaning import FAULT_MEANING
from prober.web.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model.probe import Probe
    from prober.model.run import Failure, Result

__all__ = ["Commentary"]

_COLOURS = {State.UP: "green", State.DEGRADED: "yellow", State.PARTIAL: "red", State.DOWN: "red"}
_INDENT = " " * 7


@dataclass(slots=True)
class _Trouble:
    """A service that is not up: since when, and for how long it was in trouble before."""

    began_ns: int | None = None
    lasted_ns: int = 0
    times: int = 0


@dataclass(slots=True, kw_only=True)
class Commentary:
    """A sink that writes a line when a probe begins to fail or a service changes, and counts for the summary."""

    states: States
    clock: Clock
    ink: Ink
    width: int
    write: Callable[[str], None]
    _began_ns: int = field(init=False)
    _failing: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _seen: dict[Service, State] = field(default_factory=dict)
    _runs: Counter[Outcome] = field(default_factory=Counter)
    _trouble: dict[Service, _Trouble] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began_ns = self.clock.monotonic_ns()

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Know the services."""
        self._trouble = {(probe.provider, probe.service): _Trouble() for probe in probes}

    def record(self, probe: Probe, result: Result) -> None:
        """Tell what this run changed."""
        self._runs[result.outcome] += 1
        if result.failure is not None:
            self._tell_failure(probe, result, result.failure)
        else:
            self._failing.pop(probe.name, None)
        self._tell_service(probe, result)

    def skip(self, probe: Probe, reason: str) -> None:
        """A run that is missing changes nothing that a newcomer needs to know."""

    def note(self, text: str) -> None:
        """Tell what the script does to the company."""
        self._say(self.ink.first_token, text, "cyan")

    def summary(self) -> Iterator[str]:
        """What it all came to."""
        runs = sum(self._runs.values())
        bad = self._runs[Outcome.FAIL] + self._runs[Outcome.ERROR]
        yield f"{runs} runs, {bad} of them failed."
        now_ns = self.clock.monotonic_ns()
        for service, trouble in self._trouble.items():
            began_ns = trouble.began_ns
            lasted_ns = trouble.lasted_ns + (0 if began_ns is None else now_ns - began_ns)
            state = self._seen.get(service, State.UNKNOWN)
            text = f"{_name(service):<16} {state.value}"
            if trouble.times:
                text += f", {trouble.times} outage{'s' if trouble.times > 1 else ''}, {duration(lasted_ns)} in all"
            yield text

    def _tell_failure(self, probe: Probe, result: Result, failure: Failure) -> None:
        what = (failure.error_class.value, failure.detail)
        if self._failing.get(probe.name) == what:
            return
        self._failing[probe.name] = what
        reason = " / ".join(part for part in what if part)
        where = f" in {failure.phase}" if failure.phase else ""
        mark = self.ink.error if result.outcome is Outcome.ERROR else self.ink.fail
        self._say(mark, f"{probe.name} failed{where}: {reason}", "red")
        self._explain(f"{failure.message} (whose fault: {FAULT_MEANING[failure.fault]})")

    def _tell_service(self, probe: Probe, result: Result) -> None:
        service = (probe.provider, probe.service)
        state = self.states.service_state(service) or State.UNKNOWN
        before = self._seen.get(service, State.UNKNOWN)
        if state is before:
            return
        self._seen[service] = state
        after = self._follow(self._trouble[service], state)
        name = _name(service)
        match state:
            case State.UP if before is State.UNKNOWN:
                seen = ", ".join(list(measure_texts(result.measures))[:3])
                self._say(self.ink.ok, f"{name} works{': ' if seen else ''}{seen}", "green")
            case State.UP:
                self._say(self.ink.ok, f"{name} works again{after}", "green")
            case State.DEGRADED:
                self._say(self.ink.slow, f"{name} is degraded: it works, and is slow or unsteady", "yellow")
            case State.PARTIAL:
                self._say(self.ink.fail, f"{name} is partly down: some of its probes fail", "red")
            case State.DOWN:
                self._say(self.ink.fail, f"{name} is DOWN: {probe.down_after} failures in a row", "red")
            case State.UNKNOWN:
                self._say(self.ink.error, f"{name}: we cannot tell any more, the trouble is ours", "magenta")

    def _follow(self, trouble: _Trouble, state: State) -> str:
        """Keep the time in trouble; how long it was, in words, when it ends."""
        now_ns = self.clock.monotonic_ns()
        if state in {State.DOWN, State.PARTIAL} and trouble.began_ns is None:
            trouble.began_ns = now_ns
            trouble.times += 1
        if state is not State.UP or trouble.began_ns is None:
            return ""
        lasted_ns = now_ns - trouble.began_ns
        trouble.began_ns = None
        trouble.lasted_ns += lasted_ns
        return f", after {duration(lasted_ns)}"

    def _say(self, mark: str, text: str, colour: str) -> None:
        seconds = (self.clock.monotonic_ns() - self._began_ns) // 10**9
        time = click.style(f"{seconds // 60:02d}:{seconds % 60:02d}", dim=True)
        lines = textwrap.wrap(text, self.width - len(_INDENT) - 2)
        self.write(f"{time}  {click.style(f'{mark} {lines[0]}', fg=colour)}")
        for line in lines[1:]:
            self.write(f"{_INDENT}  {click.style(line, fg=colour)}")

    def _explain(self, text: str) -> None:
        for line in textwrap.wrap(text, self.width - len(_INDENT) - 2):
            self.write(f"{_INDENT}  {line}")


def _name(service: Service) -> str:
    return " ".join(part for part in service if part)
