"""What the kernel says of our process, by the names that every Prometheus client uses."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING

from prober.sinks.metrics.own_catalogue import CPU, MAX_FDS, OPEN_FDS, RESIDENT_MEMORY, START_TIME, VIRTUAL_MEMORY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.sinks.metrics.family import Family

__all__ = ["process_values"]

_PROC = Path("/proc")


def process_values(proc: Path = _PROC) -> Mapping[Family, float]:
    """CPU time, memory, start and file descriptors of this process; nothing where there is no /proc.

    Listing many open descriptors takes milliseconds: call it from a thread.
    """
    try:
        fields = (proc / "self/stat").read_text().rpartition(")")[2].split()
        booted = _booted((proc / "stat").read_text())
        open_fds = len(os.listdir(proc / "self/fd"))  # noqa: PTH208 - a Path each would cost three times as much
    except OSError:
        return {}
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        CPU: (int(fields[11]) + int(fields[12])) / ticks,
        RESIDENT_MEMORY: float(int(fields[21]) * resource.getpagesize()),
        VIRTUAL_MEMORY: float(fields[20]),
        START_TIME: booted + int(fields[19]) / ticks,
        OPEN_FDS: float(open_fds),
        MAX_FDS: float(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    }


def _booted(stat: str) -> float:
    return next(float(line.split()[1]) for line in stat.splitlines() if line.startswith("btime "))
