"""Holds SIGHUP back until somebody is there to handle it, since by default it would end the process."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hangup_held_back"]

_HANGUP = {signal.SIGHUP}


@contextmanager
def hangup_held_back() -> Iterator[None]:
    """A context in which a hang-up waits for a handler. One that nobody has handled by its end is forgotten."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANGUP)
    try:
        yield
    finally:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANGUP)
        signal.signal(signal.SIGHUP, before)
