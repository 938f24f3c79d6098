"""Holds back credentials that a target has refused, so that we never lock an account out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from prober.engine.ledger import write_ledger
from prober.model.keeper import Keeper
from prober.model.run import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.clock import Clock
    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["HELD_BACK", "REFUSALS", "Breaker"]

HELD_BACK = "held-back.json"
"""The name of the breaker's file in the data directory."""

REFUSALS = frozenset({"bad_credentials", "locked_out"})
"""Details of failures after which a target counts, and locks."""

_CODE_REFUSED = "mfa_rejected"
_MOST_CODES = 2  # in a row: one may have come as the next was already due
_SAVE_EVERY_SECONDS = 0.5
_MOST_BYTES = 16 * 1024 * 1024
_MOST_AT_ONCE = 3  # even if the password is changed while they run, no target locks after so few


@dataclass(slots=True)
class _Record:
    """What is known of credentials: until when they are held back, and whether the last to tell was a success."""

    until_ns: int | None = None
    accepted: bool = False
    codes_refused: int = 0


class Breaker:
    """Open for credentials from their refusal until they change or their time is up, for all probes that use them.

    A changed user, password or origin is another digest, and so not held back. ``path`` is the file in which what is
    held back survives a restart: digests, and when their time is up; without one it is forgotten.
    """

    __slots__ = ("_keeper", "_now", "_records", "_wall")

    def __init__(self, clock: Clock, *, path: Path | None = None) -> None:
        self._now = clock.monotonic_ns
        self._wall = clock.wall_ns
        write = None if path is None else partial(write_ledger, path)
        self._keeper = Keeper(self._document, write, every_seconds=_SAVE_EVERY_SECONDS)
        left = {} if path is None else _read(path, self._wall())
        self._records = {digest: _Record(until_ns=self._now() + left_ns) for digest, left_ns in left.items()}

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
            self._keeper.changed()

    def holds(self, probe: Probe) -> bool:
        """Whether this probe must not run now."""
        record = None if probe.credentials is None else self._records.get(probe.credentials.digest)
        if probe.credentials is None or record is None or record.until_ns is None:
            return False
        record.until_ns = min(record.until_ns, self._now() + probe.credentials.hold_ns)
        if record.until_ns <= self._now():
            record.until_ns = None
        return record.until_ns is not None

    def share(self, probe: Probe) -> tuple[str, int] | None:
        """The account that the probe signs in with, and how many runs may do so at once: one until one succeeded."""
        if probe.credentials is None or not probe.credentials.in_turn:
            return None
        record = self._records.get(probe.credentials.digest)
        return probe.credentials.digest, _MOST_AT_ONCE if record is not None and record.accepted else 1

    async def keep(self) -> None:
        """Write what is held back to the file whenever more is, until cancelled, and then once more."""
        await self._keeper.keep()

    def _document(self) -> dict[str, object]:
        now_ns, wall_ns = self._now(), self._wall()
        held = ((digest, record.until_ns) for digest, record in self._records.items())
        return {digest: wall_ns + until_ns - now_ns for digest, until_ns in held if until_ns and until_ns > now_ns}


def _read(path: Path, wall_ns: int) -> dict[str, int]:
    """How long each digest of the file is still held back; nothing where there is no file, or none that can be read."""
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MOST_BYTES))
        left = {str(digest): int(until_ns) - wall_ns for digest, until_ns in document.items()}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}
    return {digest: left_ns for digest, left_ns in left.items() if left_ns > 0}
