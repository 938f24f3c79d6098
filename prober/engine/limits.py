"""How many runs may go on at once: what the file descriptors of this process allow."""

from __future__ import annotations

import resource

__all__ = ["concurrent_runs", "raise_file_limit"]

_RESERVED = 64  # for /metrics, the log, files and the resolver: they must work when probes take all they may
_PER_RUN = 2  # a connection, and its successor after a redirect
_MOST_RUNS = 1024
_ENOUGH_FILES = 65_536


def raise_file_limit() -> None:
    """Let this process open as many files as its hard limit says, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def concurrent_runs() -> int:
    """How many runs may go on at once; at least one, at most 1,024."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_RUNS
    return max(1, min(_MOST_RUNS, (files - _RESERVED) // _PER_RUN))
