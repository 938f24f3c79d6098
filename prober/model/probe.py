"""What is probed and how: the settings every probe has, the kind, and the two together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from prober.model.run import Run
from prober.model.setting import Duration, Ratio, setting
from prober.model.spending import Spending

__all__ = ["BUCKETS_CHAT", "BUCKETS_HTTP", "BUCKETS_JOB", "Common", "Credentials", "Kind", "Probe", "Slo"]

BUCKETS_HTTP = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds, for http, page, tcp, dns and status_page (design, section 7)."""

BUCKETS_CHAT = (0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84)
"""Seconds, for chat and login: the OpenTelemetry GenAI client list from 0.04, and one more."""

BUCKETS_JOB = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0)
"""Seconds, for jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slo:
    """What the service promises: the share of runs that succeed, and the share of runs that are not slow."""

    availability: Ratio | None = setting("Share of runs that must not be bad, as 99.5%.", default=None)
    fast: Ratio | None = setting("Share of successful runs that must not be slow, as 95%.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The keys that every probe takes, whatever its kind."""

    name: str = setting("Unique name of the probe: small letters, digits and hyphens.")
    kind: str = setting("What is done: http, page, login, journey, chat.")
    provider: str = setting(
        "Label: who runs the service; a name in the catalogue fills in endpoint and protocol.", default=""
    )
    service: str = setting("Label: the product as people name it, as chatgpt, api or sora.", default="")
    labels: Mapping[str, str] = setting("Further labels of all series of this probe.", factory=dict)
    interval: Duration = setting(
        "Time from the start of one run to the start of the next.", default=Duration(60 * 10**9)
    )
    timeout: Duration | None = setting(
        "The whole run ends by then. The default is the smaller of 30s and the interval.", default=None
    )
    retry_interval: Duration | None = setting("After a failure the next run comes this soon.", default=None)
    down_after: int = setting("So many failures in a row make the probe down.", default=2)
    up_after: int = setting("So many successes in a row make it up again.", default=2)
    slo: Slo = setting("The service level objectives, exported for the alert rules.", factory=Slo)
    slow: Mapping[str, Duration] = setting("Above any of these a success counts as slow, as total: 10s.", factory=dict)
    locations: tuple[str, ...] | None = setting("Run only where --location is one of these.", default=None)
    buckets: tuple[float, ...] | None = setting("Bounds of the duration histogram, in seconds.", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a probe signs in with, as a digest of origin, user and password. After a refusal it is held back so long.

    ``in_turn`` says that each run sends it, so that many at once could be many refusals.
    """

    digest: str
    hold_ns: int
    in_turn: bool = False


S = TypeVar("S")


def _no_info(_settings: object) -> Mapping[str, str]:
    return {}


def _no_names(_settings: object) -> tuple[str, ...]:
    return ()


def _no_credentials(_settings: object) -> None:
    return None


def _nothing_before(_settings: object) -> None:
    return None


def _no_spending(_settings: object) -> None:
    return None


def _unchanged(settings: S, _common: Common) -> S:
    return settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind(Generic[S]):
    """A kind of probe: its settings, the function that runs it, and the closed sets its metrics need.

    ``run`` returns for success and raises for failure. ``phases`` are all phase names it may record; ``slow`` the keys
    of ``slow:`` beside ``total`` (each compares the measure ``<key>_seconds``). ``prepare`` completes the settings with
    what the common keys say and raises :class:`~prober.model.setting.SettingErrors`. ``info`` gives the labels of
    ``prober_probe_info`` (protocol, model, target, engine, session); ``steps`` the names of the steps, in order;
    ``credentials`` what a target would lock after too many refusals. ``before`` gives what is to be done before a run
    and outside its time, such as fetching a token; if that fails, so does the run. ``spending`` is what a run costs.
    """

    name: str
    doc: str
    settings: type[S]
    run: Callable[[S, Run], Awaitable[None]]
    phases: tuple[str, ...]
    slow: tuple[str, ...] = ()
    buckets: tuple[float, ...] = BUCKETS_HTTP
    prepare: Callable[[S, Common], S] = _unchanged
    info: Callable[[S], Mapping[str, str]] = _no_info
    steps: Callable[[S], tuple[str, ...]] = _no_names
    credentials: Callable[[S], Credentials | None] = _no_credentials
    before: Callable[[S], Callable[[Run], Awaitable[None]] | None] = _nothing_before
    spending: Callable[[S], Spending | None] = _no_spending


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """One entry of probes.yaml, validated and complete. ``disabled`` says why it does not run, or is None.

    A disabled probe has ``settings`` None: what its secrets would be is not known. ``labels`` are the configured ones,
    in the file's order; ``info`` and ``steps`` are what the kind says of the settings.
    """

    name: str
    kind: Kind[object]
    provider: str
    service: str
    interval_ns: int
    timeout_ns: int
    retry_interval_ns: int
    down_after: int = 2
    up_after: int = 2
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    slo: Slo = field(default_factory=Slo)
    slow_ns: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    locations: tuple[str, ...] | None = None
    buckets: tuple[float, ...] = BUCKETS_HTTP
    settings: object = None
    info: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    steps: tuple[str, ...] = ()
    credentials: Credentials | None = None
    spending: Spending | None = None
    disabled: str | None = None

    def before(self) -> Callable[[Run], Awaitable[None]] | None:
        """What is to be done before a run, or None."""
        return self.kind.before(self.settings)

    async def run(self, run: Run) -> None:
        """Run the kind with this probe's settings."""
        await self.kind.run(self.settings, run)
