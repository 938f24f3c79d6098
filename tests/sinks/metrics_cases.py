"""Probes of every kind, results of every sort, and a reader of expositions, for the tests of the metrics sink."""

from __future__ import annotations

from io import StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from prometheus_client.openmetrics.parser import text_fd_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_fd_to_metric_families as parse_text

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.probe import BUCKETS_CHAT, BUCKETS_HTTP, Kind, Probe, Slo
from prober.model.run import Failure, Measure, Outcome, Phase, Result, Run, Step
from prober.model.setting import Ratio
from prober.sinks.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

SECOND = 10**9
NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z
TRANSPORT = ("resolve", "connect", "tls", "request", "processing", "transfer")
STEPS = ("page", "submit", "whoami")
PAGE_LOAD: Mapping[str, Measure] = MappingProxyType(
    {
        "http_status": 200,
        "ttfb_seconds": 0.125,
        "fcp_seconds": 0.25,
        "lcp_seconds": 0.5,
        "layout_shift": 0.0625,
        "bytes": 51_234,
        "page_requests": 5,
        "bytes_document": 51_234,
        "requests_document": 1,
        "bytes_script": 600_000,
        "requests_script": 3,
        "broken_script": 1,
        "bytes_style": 40_000,
        "requests_style": 1,
    }
)
"""What a load of a page in a browser leaves, one of whose scripts is broken."""

Sample = tuple[str, frozenset[tuple[str, str]]]


async def _nothing(_settings: object, _run: Run) -> None:
    """A run that succeeds."""


def _kind(name: str, buckets: tuple[float, ...], *more: str) -> Kind[object]:
    return Kind(name=name, doc="", settings=object, run=_nothing, phases=(*TRANSPORT, *more), buckets=buckets)


KINDS: Mapping[str, Kind[object]] = MappingProxyType(
    {
        "http": _kind("http", BUCKETS_HTTP, "expect"),
        "page": _kind("page", BUCKETS_HTTP, "assets", "settle", "expect"),
        "login": _kind("login", BUCKETS_CHAT, "expect"),
        "journey": _kind("journey", BUCKETS_CHAT, "expect"),
        "chat": _kind("chat", BUCKETS_CHAT, "first_token", "stream", "expect"),
        "tcp": Kind(
            name="tcp", doc="", settings=object, run=_nothing, phases=("resolve", "connect"), buckets=BUCKETS_HTTP
        ),
    }
)
_INFO: Mapping[str, Mapping[str, str]] = {
    "chat": {"protocol": "openai-chat", "model": "some-model", "target": "api.example.com", "currency": "USD"},
    "login": {"target": "chat.example.com", "session": "fresh"},
    "journey": {"target": "chat.example.com", "session": "reuse"},
    "page": {"target": "example.com", "engine": "http"},
}


class KnownStates:
    """States as a test sets them."""

    def __init__(self) -> None:
        self.probes: dict[str, str] = {}
        self.services: dict[tuple[str, str], str] = {}
        self.asked = 0

    def probe_state(self, name: str) -> str:
        return self.probes.get(name, "unknown")

    def service_states(self) -> Mapping[tuple[str, str], str]:
        self.asked += 1
        return self.services


def probe(name: str = "one", kind: str = "http", **changes: Any) -> Probe:
    """A probe of a kind, with all that its metrics need."""
    of = KINDS[kind]
    settings: dict[str, Any] = {
        "provider": "acme",
        "service": "api",
        "interval_ns": 60 * SECOND,
        "timeout_ns": 30 * SECOND,
        "retry_interval_ns": 10 * SECOND,
        "labels": {"team": "ai"},
        "slo": Slo(availability=Ratio(0.995)),
        "buckets": of.buckets,
        "info": _INFO.get(kind, {"target": "example.com"}),
        "steps": STEPS if kind in {"login", "journey"} else (),
    }
    return Probe(name=name, kind=of, **(settings | changes))


def phases(**seconds: float) -> tuple[Phase, ...]:
    """Finished phases, one after the other."""
    return tuple(
        Phase(name=name, offset_ns=0, duration_ns=round(each * SECOND), finished=True) for name, each in seconds.items()
    )


def result(
    outcome: Outcome = Outcome.OK,
    *,
    seconds: float = 0.25,
    measures: Mapping[str, Measure] | None = None,
    error: ErrorClass | None = None,
    fault: Fault | None = None,
    detail: str | None = None,
    at_ns: int = NOON,
    **more: Any,
) -> Result:
    """A result; with an error class it has a failure."""
    failure = error and Failure(
        error_class=error, fault=fault or FAULTS[error], phase=None, detail=detail, message="what was seen"
    )
    return Result(
        probe="one",
        outcome=outcome,
        started_at_ns=at_ns,
        duration_ns=round(seconds * SECOND),
        measures=measures or {},
        failure=failure or None,
        **more,
    )


def step(name: str, seconds: float = 0.1, error: ErrorClass | None = None) -> Step:
    """A step that went well, or that failed."""
    return Step(
        name=name, result="fail" if error else "ok", duration_ns=round(seconds * SECOND), status=200, error_class=error
    )


def metrics_of(*probes: Probe, states: KnownStates | None = None, **setup: Any) -> Metrics:
    """A sink that is configured with these probes."""
    metrics = Metrics(version="1.2.3", states=states or KnownStates())
    metrics.configure(probes, setup.pop("location", None), **setup)
    return metrics


def families_of(text: str, *, openmetrics: bool = False) -> Iterator[Metric]:
    """The families of an exposition, as prometheus_client reads them."""
    parse: Any = parse_openmetrics if openmetrics else parse_text
    yield from parse(StringIO(text, newline="\n"))


def samples_of(text: str, *, openmetrics: bool = False) -> dict[Sample, float]:
    """All samples of an exposition; twice the same one is an error."""
    found: dict[Sample, float] = {}
    for family in families_of(text, openmetrics=openmetrics):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def samples(metrics: Metrics) -> dict[Sample, float]:
    """All samples of a sink."""
    return samples_of(metrics.render_now().decode())


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The one sample of that name that carries these labels, or None."""
    wanted = set(labels.items())
    found = [each for (at, has), each in samples(metrics).items() if at == name and wanted <= has]
    assert len(found) <= 1, found
    return found[0] if found else None


def names(found: Iterable[Sample]) -> set[str]:
    """The names among samples."""
    return {name for name, _ in found}
