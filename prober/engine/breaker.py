"""Holds back credentials that a target has refused, so that we never lock an account out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["REFUSALS", "Breaker"]

REFUSALS = frozenset({"bad_credentials", "locked_out"})
"""Details of failures after which a target counts, and locks."""


class Breaker:
    """Open for credentials from their refusal until they change or their time is up, for all probes that use them.

    A changed user, password or origin is another digest, and so not held back.
    """

    __slots__ = ("_held", "_now")

    def __init__(self, clock: Clock) -> None:
        self._now = clock.monotonic_ns
        self._held: dict[str, int] = {}

    def note(self, probe: Probe, result: Result) -> None:
        """Take note of a result: a refusal opens the breaker."""
        refused = result.failure is not None and result.failure.detail in REFUSALS
        if probe.credentials is not None and refused:
            self._held[probe.credentials.digest] = self._now() + probe.credentials.hold_ns

    def holds(self, probe: Probe) -> bool:
        """Whether this probe must not run now."""
        if probe.credentials is None:
            return False
        until_ns = self._held.get(probe.credentials.digest)
        if until_ns is None:
            return False
        if until_ns <= self._now():
            del self._held[probe.credentials.digest]
            return False
        return True
