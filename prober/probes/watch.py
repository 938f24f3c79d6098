"""Watches that content flows: bytes, pings and comments are no sign of life."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from types import TracebackType

    from prober.model.run import Run

__all__ = ["ContentWatch"]

_FLOWING_NS = 1_000_000_000
_GAPS = 2


class ContentWatch:
    """An async context around the reading of an answer; ends it when no content comes for too long.

    ``seen`` is told of each content. Before the first one ``first_ns`` rules, counted from ``asked_ns``; after it
    ``idle_ns``. Raises ProbeFailure: response_timeout/first_token or stream_stalled/idle. Where the run's own deadline
    comes first, :meth:`verdict` says what that means.
    """

    __slots__ = ("_asked_ns", "_first_ns", "_handle", "_idle_ns", "_run", "_scope", "first_ns", "last_ns", "max_gap_ns")

    def __init__(self, run: Run, *, asked_ns: int, first_ns: int | None, idle_ns: int | None) -> None:
        self._run = run
        self._asked_ns = asked_ns
        self._first_ns = first_ns
        self._idle_ns = idle_ns
        self._handle: asyncio.TimerHandle | None = None
        self._scope = asyncio.timeout(None)
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.max_gap_ns: int | None = None

    async def __aenter__(self) -> Self:
        await self._scope.__aenter__()
        self._run.deadline_verdict = self.verdict
        self._look()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        if kind is not asyncio.CancelledError or self._scope.expired():
            self._run.deadline_verdict = None
        try:
            await self._scope.__aexit__(kind, error, at)
        except TimeoutError:
            if self._scope.expired():
                raise self._silent() from None
            raise

    def seen(self, at_ns: int) -> None:
        """Content came at this time of the monotonic clock."""
        if self.last_ns is None:
            self.first_ns = at_ns
        elif self.max_gap_ns is None or at_ns - self.last_ns > self.max_gap_ns:
            self.max_gap_ns = at_ns - self.last_ns
        self.last_ns = at_ns

    def verdict(self) -> ProbeFailure:
        """What it means that the run's deadline passes now: content never came, stopped, or still flows."""
        if self.last_ns is None:
            return self._silent()
        silent_ns = self._run.clock.monotonic_ns() - self.last_ns
        if silent_ns >= max(_FLOWING_NS, _GAPS * (self.max_gap_ns or 0)):
            return self._silent()
        return ProbeFailure(
            ErrorClass.RESPONSE_TIMEOUT,
            f"the answer still flowed when the run's {self._run.timeout_ns / 1e9:g} s were over",
            detail="total",
            phase="stream",
        )

    def _silent(self) -> ProbeFailure:
        now_ns = self._run.clock.monotonic_ns()
        if self.last_ns is None:
            waited = (now_ns - self._asked_ns) / 1e9
            return ProbeFailure(
                ErrorClass.RESPONSE_TIMEOUT,
                f"no content after {waited:.1f} s",
                detail="first_token",
                phase="first_token",
            )
        return ProbeFailure(
            ErrorClass.STREAM_STALLED,
            f"no content for {(now_ns - self.last_ns) / 1e9:.1f} s in the middle of the answer",
            detail="idle",
            phase="stream",
        )

    def _due_ns(self) -> int | None:
        """When silence is too long, or None if no deadline applies."""
        if self.last_ns is None:
            return None if self._first_ns is None else self._asked_ns + self._first_ns
        return None if self._idle_ns is None else self.last_ns + self._idle_ns

    def _look(self) -> None:
        """Look again when silence would be too long. Content only moves a number, so that watching costs it nothing."""
        loop = asyncio.get_running_loop()
        due_ns = self._due_ns()
        left_ns = None if due_ns is None else due_ns - self._run.clock.monotonic_ns()
        if left_ns is not None and left_ns <= 0:
            self._scope.reschedule(loop.time())
            return
        waits = [ns for ns in (left_ns, self._idle_ns) if ns is not None]
        if waits:
            self._handle = loop.call_later(min(waits) / 1e9 + 0.001, self._look)
