"""One run of a probe: what it records while it goes on, and the Result it becomes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from prober.model.browser import Capture
from prober.model.errors import ErrorClass, Fault, ProbeFailure
from prober.model.memory import Memory
from prober.model.secret import Redactor

if TYPE_CHECKING:
    from types import TracebackType

    from prober.model.browser import Browser, Tab
    from prober.model.clock import Clock
    from prober.model.network import Network

__all__ = ["RETRY_AFTER", "Failure", "Measure", "Outcome", "Phase", "PhaseTimer", "Result", "Run", "Step"]

Measure = float | int | str | bool | None

RETRY_AFTER = "retry_after_seconds"
"""The measure: how long a server that refused us asks us to stay away."""


class Outcome(StrEnum):
    """The ``result`` of a run. ``slow`` is a success above a threshold; ``error`` is the prober's own trouble."""

    OK = "ok"
    SLOW = "slow"
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a run, from ``offset_ns`` after its start; not ``finished`` is the one in which the run failed."""

    name: str
    offset_ns: int
    duration_ns: int
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a login or a journey. ``result`` is ``ok``, ``slow``, ``fail`` or ``skipped``."""

    name: str
    result: str
    duration_ns: int
    status: int | None = None
    error_class: ErrorClass | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run failed. ``message`` is redacted, printable and at most 200 characters long."""

    error_class: ErrorClass
    fault: Fault
    phase: str | None
    detail: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run came to. Times are integer nanoseconds; ``started_at_ns`` is Unix time.

    ``measures`` holds numbers and short redacted texts by the names of the design, section 9. ``tainted`` says that our
    event loop was late while the run went on, so that its times are not to be trusted.
    """

    probe: str
    outcome: Outcome
    started_at_ns: int
    duration_ns: int
    phases: tuple[Phase, ...] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    failure: Failure | None = None
    request_id: str | None = None
    slow_because: tuple[str, ...] = ()
    tainted: bool = False
    capture: Capture | None = None

    @property
    def retry_after_ns(self) -> int:
        """How long the server asked us to stay away."""
        seconds = self.measures.get(RETRY_AFTER)
        return int(seconds * 1e9) if isinstance(seconds, int | float) else 0


class PhaseTimer:
    """A phase while it lasts; a context manager. Left by an exception, the phase counts as not finished."""

    __slots__ = ("_began_ns", "_name", "_outer", "_run")

    def __init__(self, run: Run, name: str) -> None:
        self._run = run
        self._name = name

    def __enter__(self) -> Self:
        self._outer = self._run.phase_name
        self._run.phase_name = self._name
        self._began_ns = self._run.clock.monotonic_ns()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        run = self._run
        run.mark(self._name, self._began_ns, run.clock.monotonic_ns(), finished=kind is None)
        if kind is None:
            run.phase_name = self._outer


class Run:
    """What a probe is handed: clocks, the network, and the places where it writes what it saw.

    A probe returns for success and raises :class:`~prober.model.errors.ProbeFailure` for failure. Any other exception
    is classified by what it is and by ``phase_name``, the phase in which it was raised. While a probe knows better than
    its phase what a passed deadline means, it leaves a ``deadline_verdict``; ``expected`` is the class that would then
    be a success. What is in ``afterwards`` is done when the run is over, whatever came of it and outside its time, such
    as signing out; what that finds out goes into ``learned``, which joins the measures, and into ``remark``, which is
    said before a failure's message. ``memory`` is what the runs of this process share. ``browser`` is the process's
    browser, ``tab`` this run's own, ``capture`` what a page looked like in it.
    """

    __slots__ = (
        "afterwards",
        "browser",
        "capture",
        "clock",
        "deadline_ns",
        "deadline_verdict",
        "expected",
        "learned",
        "measures",
        "memory",
        "network",
        "phase_name",
        "phases",
        "redactor",
        "remark",
        "request_id",
        "slow_because",
        "started_at_ns",
        "started_ns",
        "steps",
        "tab",
        "timeout_ns",
    )

    def __init__(
        self,
        *,
        clock: Clock,
        network: Network,
        timeout_ns: int,
        redactor: Redactor | None = None,
        memory: Memory | None = None,
        browser: Browser | None = None,
    ) -> None:
        self.clock = clock
        self.network = network
        self.timeout_ns = timeout_ns
        self.redactor = redactor or Redactor()
        self.memory = memory or Memory()
        self.browser = browser
        self.tab: Tab | None = None
        self.capture: Capture | None = None
        self.started_at_ns = clock.wall_ns()
        self.started_ns = clock.monotonic_ns()
        self.deadline_ns = self.started_ns + timeout_ns
        self.afterwards: list[Callable[[], Awaitable[None]]] = []
        self.expected: ErrorClass | None = None
        self.deadline_verdict: Callable[[], ProbeFailure] | None = None
        self.phases: list[Phase] = []
        self.phase_name: str | None = None
        self.measures: dict[str, Measure] = {}
        self.steps: list[Step] = []
        self.slow_because: list[str] = []
        self.request_id: str | None = None
        self.learned: dict[str, Measure] = {}
        self.remark: str | None = None

    def begin(self) -> None:
        """Begin anew: what came before, such as fetching a token, is no part of the run."""
        self.started_at_ns = self.clock.wall_ns()
        self.started_ns = self.clock.monotonic_ns()
        self.deadline_ns = self.started_ns + self.timeout_ns
        self.deadline_verdict = self.phase_name = None
        self.phases.clear()
        self.measures.clear()

    def phase(self, name: str) -> PhaseTimer:
        """Time a phase: ``with run.phase("connect"): ...``."""
        return PhaseTimer(self, name)

    def mark(self, name: str, began_ns: int, ended_ns: int, *, finished: bool = True) -> None:
        """Record a phase by its begin and end on the monotonic clock."""
        self.phases.append(
            Phase(name=name, offset_ns=began_ns - self.started_ns, duration_ns=ended_ns - began_ns, finished=finished)
        )

    def remaining_ns(self) -> int:
        """How much of the run's time is left; never negative."""
        return max(0, self.deadline_ns - self.clock.monotonic_ns())
