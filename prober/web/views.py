"""What the web shows: the sinks it reads, and what it may ask of the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prober.model.clock import Clock
from prober.model.probe import Probe
from prober.sinks.captures import Captures
from prober.sinks.history import History
from prober.sinks.incidents import Incidents
from prober.sinks.metrics import Metrics
from prober.sinks.state import States

__all__ = ["Views"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Everything a page needs. Nothing here waits for a probe.

    ``probes`` gives the probes of the configuration that runs now; ``next_run`` the Unix time in seconds of a probe's
    next run, None if there is none. ``unhealthy`` and ``unready`` give the reason why the process should be restarted,
    or not be sent to, and None if all is well. ``reload`` loads the configuration again and gives what was wrong with
    it, None if it runs now. ``config_text`` is the configuration as YAML, redacted, and is asked in a thread.
    ``problem`` says why what is on the disk is not what runs, redacted.
    """

    metrics: Metrics
    states: States
    history: History
    incidents: Incidents
    probes: Callable[[], tuple[Probe, ...]]
    next_run: Callable[[str], float | None]
    unhealthy: Callable[[], str | None]
    unready: Callable[[], str | None]
    reload: Callable[[], Awaitable[str | None]]
    config_text: Callable[[], str]
    clock: Clock
    location: Callable[[], str | None]
    captures: Captures = field(default_factory=Captures)
    problem: Callable[[], str | None] = lambda: None
