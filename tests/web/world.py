"""A prober's whole memory, as the pages read it: sinks, probes and a clock, and a realistic set of runs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from prober.model.errors import ErrorClass
from prober.model.probe import Probe
from prober.model.run import Measure, Phase, Result, Step
from prober.sinks.captures import Captures
from prober.sinks.history import History
from prober.sinks.incidents import Incidents
from prober.sinks.metrics import Metrics
from prober.sinks.state import States
from prober.web.views import Views
from tests.sinks.makers import MINUTE, SECOND, Watch, failed, ok, probe

__all__ = ["World", "realistic"]

MS = 10**6


@dataclass(slots=True)
class World:
    """Probes, the sinks that watch them, and what the application would answer."""

    probes: tuple[Probe, ...] = ()
    watch: Watch = field(default_factory=Watch)
    states: States = field(init=False)
    history: History = field(init=False)
    incidents: Incidents = field(init=False)
    metrics: Metrics = field(init=False)
    captures: Captures = field(default_factory=Captures)
    next_runs: dict[str, float] = field(default_factory=dict)
    unhealthy: str | None = None
    unready: str | None = None
    reload_error: str | None = None
    reloads: int = 0
    config: str = "version: 1\n"
    location: str | None = None
    problem: str | None = None

    def __post_init__(self) -> None:
        self.states = States(self.watch.clock)
        self.history = History()
        self.incidents = Incidents(self.states, clock=self.watch.clock)
        self.metrics = Metrics(version="0", states=self.states)
        self.configure(*self.probes)

    def configure(self, *probes: Probe) -> None:
        """Load these probes."""
        self.probes = probes
        for sink in (self.states, self.history, self.incidents, self.metrics, self.captures):
            sink.configure(probes, self.location)

    def record(self, one: Probe, result: Result) -> None:
        """Give a result to all sinks."""
        for sink in (self.states, self.history, self.incidents, self.metrics, self.captures):
            sink.record(one, result)

    def skip(self, one: Probe, reason: str) -> None:
        """Give a missing run to all sinks."""
        for sink in (self.states, self.history, self.incidents, self.metrics, self.captures):
            sink.skip(one, reason)

    async def reload(self) -> str | None:
        """Count a reload."""
        self.reloads += 1
        return self.reload_error

    def views(self) -> Views:
        """What the web is given."""
        return Views(
            metrics=self.metrics,
            states=self.states,
            history=self.history,
            incidents=self.incidents,
            probes=lambda: self.probes,
            next_run=self.next_runs.get,
            unhealthy=lambda: self.unhealthy,
            unready=lambda: self.unready,
            reload=self.reload,
            config_text=lambda: self.config,
            clock=self.watch.clock,
            location=lambda: self.location,
            captures=self.captures,
            problem=lambda: self.problem,
        )


def _phases(total_ns: int, names: str, *, failed_in: str | None = None) -> tuple[Phase, ...]:
    """Phases that share a run, the later ones longer."""
    phases, offset = [], 0
    every = names.split()
    for place, name in enumerate(every):
        length = total_ns * (place + 1) ** 2 // sum((rank + 1) ** 2 for rank in range(len(every)))
        phases.append(Phase(name=name, offset_ns=offset, duration_ns=length, finished=name != failed_in))
        offset += length
        if name == failed_in:
            break
    return tuple(phases)


CHAT = "resolve connect tls request processing first_token stream"
PAGE = "resolve connect tls request processing transfer"


def _run(one: Probe, sight: str, at_ns: int, dice: random.Random) -> Result:
    """A run as its kind would have it: G good, S slow, A refused key, everything else a failure."""
    spread = dice.lognormvariate(0, 0.25)
    match one.kind.name:
        case "chat":
            first = (0.42 if sight == "G" else 3.6) * spread
            measures: dict[str, Measure] = {
                "http_status": 200,
                "first_token_seconds": first,
                "first_visible_token_seconds": first,
                "max_gap_seconds": 0.08 * spread,
                "output_tokens_per_second": 61.5 / spread,
                "input_tokens": 31,
                "cached_tokens": 0,
                "output_tokens": 24,
                "cost": 0.0000151,
                "served_model": "gpt-6-luna-2026-08-01",
                "finish_reason": "stop",
                "requests_remaining": 9_812,
            }
            total = round((first + 0.5 * spread) * SECOND)
            names = CHAT
        case "login":
            measures, total, names = {"http_status": 200}, round(1.3 * spread * SECOND), PAGE
        case _:
            measures = {"http_status": 200, "bytes": 84_211, "certificate_days": 61.4}
            total, names = round(0.21 * spread * SECOND), PAGE
    steps = _steps(total, sight) if one.kind.name == "login" else ()
    request_id = f"req_{dice.getrandbits(64):016x}"
    if sight in "GS":
        return ok(
            one.name,
            at_ns=at_ns,
            duration_ns=total,
            slow=sight == "S",
            measures=measures,
            phases=_phases(total, names),
            steps=steps,
            request_id=request_id,
        )
    error_class, detail, phase, message, status = FAILURES[sight]
    return failed(
        one.name,
        error_class,
        at_ns=at_ns,
        duration_ns=total,
        detail=detail,
        phase=phase,
        message=message,
        request_id=request_id,
        measures={"http_status": status},
        phases=_phases(total, names, failed_in=phase if phase in names.split() else "processing"),
        steps=steps,
    )


FAILURES = {
    "B": (
        ErrorClass.RESPONSE_TIMEOUT,
        "first_token",
        "first_token",
        "no content within 20 s; HTTP 200, headers after 0.31 s",
        200,
    ),
    "O": (
        ErrorClass.OVERLOADED,
        None,
        "processing",
        "HTTP 503: That model is currently overloaded with other requests.",
        503,
    ),
    "I": (
        ErrorClass.SERVER_ERROR,
        "sign_in_error",
        "submit",
        "Oops! We ran into an issue while signing you in, please take a break and try again soon",
        200,
    ),
    "A": (ErrorClass.AUTH_REJECTED, None, "processing", "HTTP 401: Incorrect API key provided: [redacted]", 401),
    "E": (ErrorClass.PROBER_ERROR, None, None, "our event loop was 1.4 s late", None),
}


def _steps(total_ns: int, sight: str) -> tuple[Step, ...]:
    third = total_ns // 3
    page = Step(name="page", result="ok", duration_ns=third // 2, status=200)
    if sight in "GS":
        return (
            page,
            Step(name="submit", result="ok", duration_ns=third * 2, status=302),
            Step(name="whoami", result="ok", duration_ns=third // 2, status=200),
        )
    return (
        page,
        Step(name="submit", result="fail", duration_ns=third * 2, status=200, error_class=ErrorClass.SERVER_ERROR),
        Step(name="whoami", result="skipped", duration_ns=0),
    )


STORIES = (
    (probe("chatgpt-page", of="page", service="chatgpt"), "G" * 60),
    (probe("chatgpt-sign-in", of="login", service="chatgpt"), "G" * 52 + "IIGIIIII"),
    (probe("chatgpt-sign-in-ios", of="login", service="chatgpt"), "G" * 60),
    (probe("openai-chat-gpt-6-luna", of="chat", service="api"), "G" * 30 + "S" + "G" * 20 + "SGGGSSGGS"),
    (probe("openai-chat-gpt-5-4-nano", of="chat", service="api"), "G" * 60),
    (probe("openai-models", of="http", service="api"), "G" * 41 + "E" + "G" * 18),
    (probe("sora-video", of="job", service="sora"), "G" * 20 + "O" * 11 + "G" * 18 + "O" * 11),
    (probe("anthropic-chat", of="chat", provider="anthropic", service="api"), "G" * 60),
    (probe("claude-page", of="page", provider="anthropic", service="claude"), "G" * 60),
    (probe("gemini-chat", of="chat", provider="google", service="api"), "G" * 44 + "A" * 16),
    (probe("gateway-health", of="http", provider="acme", service="gateway"), "G" * 33),
    (probe("gateway-chat", of="chat", provider="acme", service="gateway"), "G" * 30 + "B" + "G" * 29),
    (probe("imagen", of="job", provider="google", service="images"), ""),
)
DISABLED = (
    probe("groq-chat", of="chat", provider="groq", service="api", disabled="GROQ_API_KEY is not set"),
    probe("mistral-chat", of="chat", provider="mistral", service="api", disabled="MISTRAL_API_KEY is not set"),
)


def realistic() -> World:
    """Three providers, a sign-in that is broken, video down, a key refused, and much that works."""
    world = World(location="fra1")
    world.configure(*(one for one, _ in STORIES), *DISABLED)
    dice = random.Random(7)
    for at_ns, one, sight in _schedule(world):
        world.watch.now_ns = at_ns
        world.record(one, _run(one, sight, at_ns, dice))
    world.watch.forward(9 * SECOND)
    for place, (one, _) in enumerate(STORIES):
        world.next_runs[one.name] = (world.watch.now_ns + (place * 4 + 2) * SECOND) / 1e9
    return world


def _schedule(world: World) -> list[tuple[int, Probe, str]]:
    """All runs in the order of time, the last round just now."""
    start = world.watch.now_ns
    runs = [
        (start + (60 - len(sights) + turn) * MINUTE + place * 3 * SECOND, one, sight)
        for place, (one, sights) in enumerate(STORIES)
        for turn, sight in enumerate(sights)
    ]
    return sorted(runs, key=lambda run: run[0])
