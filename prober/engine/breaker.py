"""Holds back credentials that a target has refused, so that we never lock an account out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.model.run import Outcome

if TYPE_CHECKING:
    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["REFUSALS", "Breaker"]

REFUSALS = frozenset({"bad_credentials", "locked_out"})
"""Details of failures after which a target counts, and locks."""

_CODE_REFUSED = "mfa_rejected"
_MOST_CODES = 2  # in a row: one may have come as the next was already due
_MOST_AT_ONCE = 3  # even if the password is changed while they run, no target locks after so few


@dataclass(slots=True)
class _Record:
    """What is known of credentials: until when they are held back, and whether the last to tell was a success."""

    until_ns: int | None = None
    accepted: bool = False
    codes_refused: int = 0


class Breaker:
    """Open for credentials from their refusal until they change or their time is up, for all probes that use them.

    A changed user, password or origin is another digest, and so not held back.
    """

    __slots__ = ("_now", "_records")

    def __init__(self, clock: Clock) -> None:
        self._now = clock.monotonic_ns
        self._records: dict[str, _Record] = {}

    def note(self, probe: Probe, result: Result) -> None:
        """Take note of a result: a refusal opens the breaker, also that of a step which may fail."""
        if probe.credentials is None:
            return
        record = self._records.setdefault(probe.credentials.digest, _Record())
        details = {step.detail for step in result.steps}
        if result.failure is not None:
            details.add(result.failure.detail)
        elif result.outcome in {Outcome.OK, Outcome.SLOW} and not result.measures.get("session_reused"):
            record.accepted, record.codes_refused = True, 0
        record.codes_refused += _CODE_REFUSED in details
        if details & REFUSALS or record.codes_refused >= _MOST_CODES:
            record.until_ns = self._now() + probe.credentials.hold_ns
            record.accepted, record.codes_refused = False, 0

    def holds(self, probe: Probe) -> bool:
        """Whether this probe must not run now."""
        record = None if probe.credentials is None else self._records.get(probe.credentials.digest)
        if record is None or record.until_ns is None:
            return False
        if record.until_ns <= self._now():
            record.until_ns = None
        return record.until_ns is not None

    def share(self, probe: Probe) -> tuple[str, int] | None:
        """The account that the probe signs in with, and how many runs may do so at once: one until one succeeded."""
        if probe.credentials is None or not probe.credentials.in_turn:
            return None
        record = self._records.get(probe.credentials.digest)
        return probe.credentials.digest, _MOST_AT_ONCE if record is not None and record.accepted else 1
