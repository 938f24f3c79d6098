"""A probe's place in the schedule: when it is due, and what goes on for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.engine.schedule import next_tick, slot_ns

if TYPE_CHECKING:
    import asyncio

    from prober.model.probe import Probe

__all__ = ["Entry", "continues"]


class Entry:
    """A probe in the schedule. Times are monotonic; ``retry_ns`` is a run between two ticks, after a failure.

    ``waiting_ns`` is when the run was due that waits for a slot. ``covers`` says that the current or waiting run is
    such a retry: a tick that finds it is not missed, since the run stands in for it. ``in_the_way`` is the reason for
    which a tick that finds the current run is missed; ``shared`` is what that run has in common with others.
    """

    __slots__ = ("covers", "gone", "in_the_way", "probe", "retry_ns", "shared", "task", "tick_ns", "waiting_ns")

    def __init__(self, probe: Probe, now_ns: int) -> None:
        self.probe = probe
        self.tick_ns = next_tick(now_ns, probe.interval_ns, slot_ns(probe.name, probe.interval_ns))
        self.retry_ns: int | None = None
        self.waiting_ns: int | None = None
        self.task: asyncio.Task[None] | None = None
        self.covers = False
        self.in_the_way = "overrun"
        self.shared: str | None = None
        self.gone = False


def continues(old: Probe, new: Probe) -> bool:
    """Whether a run of the old probe that is still going may be recorded for the new one."""
    names = ("interval_ns", "kind", "provider", "service", "steps", "disabled")
    return all(getattr(old, name) == getattr(new, name) for name in names) and (
        (dict(old.labels), dict(old.info)) == (dict(new.labels), dict(new.info))
    )
