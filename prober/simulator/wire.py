"""What a protocol puts into a stream beside its frames: pings, an end mark, the error that breaks it off."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prober.simulator.errors import NamedError, encoded

__all__ = ["COMMENT", "DONE", "Breakage", "Wire", "data_event", "named_event"]

COMMENT = b": ping\n\n"
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """An error that breaks a stream off: in which shape, and what has been sent before it."""

    error: NamedError
    shape: str
    sent: Sequence[bytes]


def _bare(broken: Breakage) -> bytes:
    return data_event({"error": broken.error.error_object})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How one stream speaks beside its frames.

    ``ping`` is empty where the protocol has none, ``done`` where nothing marks the end after an error. Only event
    streams may have bare carriage returns as line ends.
    """

    ping: bytes = COMMENT
    done: bytes = DONE
    broken: Callable[[Breakage], bytes] = dataclasses.field(default=_bare)
    event_stream: bool = True


def data_event(value: object) -> bytes:
    """One event of a stream that has only data."""
    return b"data: " + encoded(value) + b"\n\n"


def named_event(name: str, value: object) -> bytes:
    """One event of a stream whose events have names."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), encoded(value))
