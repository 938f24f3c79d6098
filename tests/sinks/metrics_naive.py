"""The metrics of some results, counted naively and shown by prometheus_client: the reference of the sink."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.run import Outcome, Result
from prober.sinks.metrics.catalogue import FAMILIES
from tests.sinks.metrics_cases import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prober.model.probe import Probe

__all__ = ["Naive"]

HELP = {family.name: family.help for family in FAMILIES}
Labels = dict[str, str]


class Naive(Collector):
    """The metrics of some results, counted anew for every question."""

    def __init__(self, results: Mapping[Probe, list[Result]]) -> None:
        self._results = results

    def collect(self) -> Iterator[Metric]:
        yield from chain(self._runs(), self._gauges(), self._configured(), self._chat(), self._login(), self._page())

    def _runs(self) -> Iterator[Metric]:
        yield self._counter(
            "prober_probe_runs", lambda _, runs: _tally("result", (str(r.outcome) for r in runs), Outcome)
        )
        yield self._counter("prober_probe_failures", _failures)
        reasons = ("overrun", "overload", "budget", "breaker", "disabled")
        yield self._counter("prober_probe_skipped", lambda _, __: _tally("reason", (), reasons))
        family = HistogramMetricFamily("prober_probe_duration_seconds", HELP["prober_probe_duration_seconds"])
        for probe, runs in self._results.items():
            for outcome, wanted in (("success", {"ok", "slow"}), ("failure", {"fail"})):
                times = [run.duration_ns / 1e9 for run in runs if run.outcome in wanted and not run.tainted]
                _histogram(family, {**_base(probe), "outcome": outcome}, times, probe.buckets)
        yield family
        yield self._phases()

    def _phases(self) -> Metric:
        family = SummaryMetricFamily("prober_probe_phase_seconds", HELP["prober_probe_phase_seconds"])
        for probe, runs in self._results.items():
            for name in probe.kind.phases:
                spent = [[p.duration_ns for p in run.phases if p.name == name] for run in runs if _is_timed(run)]
                labels = {**_base(probe), "phase": name}
                family.add_sample(f"{family.name}_count", labels, sum(1 for each in spent if each))
                family.add_sample(f"{family.name}_sum", labels, sum(map(sum, spent)) / 1e9)
        return family

    def _gauges(self) -> Iterator[Metric]:
        yield self._last("prober_probe_success", lambda run: float(run.outcome in {"ok", "slow"}))
        timed = lambda run: None if run.tainted or run.outcome == "error" else run.duration_ns / 1e9  # noqa: E731
        yield self._last("prober_probe_last_duration_seconds", timed)
        yield self._last("prober_probe_last_run_timestamp_seconds", _ended)
        succeeded = lambda run: _ended(run) if run.outcome in {"ok", "slow"} else None  # noqa: E731
        yield self._last("prober_probe_last_success_timestamp_seconds", succeeded)
        status = self._gauge("prober_probe_http_status")
        for probe, runs in self._results.items():
            known: list[Any] = [run.measures.get("http_status") for run in runs[-1:]]
            if known and known[0] is not None:
                status.add_sample(status.name, _base(probe), known[0])
        yield status
        expiry = "prober_probe_certificate_expiry_timestamp_seconds"
        yield self._last(expiry, lambda run: run.measures.get("certificate_expiry"))
        for name, part in (("remaining", "remaining"), ("limit", "limit")):
            family = self._gauge(f"prober_rate_limit_{name}")
            for resource in ("requests", "tokens"):
                measure = f"{resource}_{part}"
                self._add_last(family, _measure(measure), {"resource": resource})
            yield family

    def _configured(self) -> Iterator[Metric]:
        for name, values in (
            ("state", lambda _: [({"state": s}, s == "unknown") for s in ("up", "degraded", "down", "unknown")]),
            ("interval_seconds", lambda probe: [({}, probe.interval_ns / 1e9)]),
            ("timeout_seconds", lambda probe: [({}, probe.timeout_ns / 1e9)]),
            ("slo_target_ratio", lambda probe: [({"slo": "availability"}, probe.slo.availability)]),
            ("slow_threshold_seconds", lambda probe: [({"measure": m}, ns / 1e9) for m, ns in probe.slow_ns.items()]),
            ("disabled", lambda probe: [({"reason": probe.disabled}, 1)] if probe.disabled else []),
            ("info", lambda probe: [(_info(probe), 1)]),
        ):
            family = self._gauge(f"prober_probe_{name}")
            for probe in self._results:
                for labels, value in values(probe):
                    family.add_sample(family.name, {**_base(probe), **labels}, value)
            yield family

    def _chat(self) -> Iterator[Metric]:
        for name in ("first_token_seconds", "first_visible_token_seconds", "max_gap_seconds"):
            family = HistogramMetricFamily(f"prober_chat_{name}", HELP[f"prober_chat_{name}"])
            for probe, runs in self._of("chat"):
                times = [run.measures[name] for run in runs if _is_timed(run) and name in run.measures]
                _histogram(family, {**_base(probe), "model": probe.info["model"]}, times, probe.kind.buckets)
            yield family
        rate = lambda run: run.measures.get("output_tokens_per_second") if _is_timed(run) else None  # noqa: E731
        gauge = self._gauge("prober_chat_output_tokens_per_second")
        self._add_last(gauge, rate, {"model": "some-model"})
        yield gauge
        yield self._counter("prober_chat_tokens", _tokens, "chat")
        yield self._counter("prober_chat_cost", _cost, "chat")
        ends = self._gauge("prober_model_shutdown_timestamp_seconds")
        self._add_last(ends, _measure("model_shutdown_timestamp"), {"model": "some-model"})
        yield ends

    def _login(self) -> Iterator[Metric]:
        family = HistogramMetricFamily("prober_login_step_seconds", HELP["prober_login_step_seconds"])
        for probe, runs in self._of("login"):
            for name in STEPS:
                steps = [s for run in runs if _is_timed(run) for s in run.steps if s.name == name and s.result == "ok"]
                times = [s.duration_ns / 1e9 for s in steps]
                _histogram(family, {**_base(probe), "step": name}, times, probe.kind.buckets)
        yield family
        yield self._counter("prober_login_step_failures", _step_failures, "login")
        breaker = self._gauge("prober_credentials_breaker_open")
        for probe, _ in self._of("login"):
            breaker.add_sample(breaker.name, _base(probe), 0)
        yield breaker

    def _page(self) -> Iterator[Metric]:
        weight, requests = self._gauge("prober_page_bytes"), self._gauge("prober_page_requests")
        vitals, shift = self._gauge("prober_page_web_vital_seconds"), self._gauge("prober_page_layout_shift")
        for probe, runs in self._of("page"):
            seen: Any = runs[-1].measures
            for kind in [name.removeprefix("requests_") for name in seen if name.startswith("requests_")]:
                labels, broken = {**_base(probe), "kind_of_asset": kind}, seen.get(f"broken_{kind}", 0)
                weight.add_sample(weight.name, labels, seen[f"bytes_{kind}"])
                requests.add_sample(requests.name, {**labels, "outcome": "ok"}, seen[f"requests_{kind}"] - broken)
                requests.add_sample(requests.name, {**labels, "outcome": "broken"}, broken)
            for vital in ("ttfb", "fcp", "lcp"):
                if f"{vital}_seconds" in seen:
                    vitals.add_sample(vitals.name, {**_base(probe), "vital": vital}, seen[f"{vital}_seconds"])
            if "layout_shift" in seen:
                shift.add_sample(shift.name, _base(probe), seen["layout_shift"])
        yield from (weight, requests, vitals, shift)

    def _of(self, kind: str) -> Iterable[tuple[Probe, list[Result]]]:
        return [(probe, runs) for probe, runs in self._results.items() if probe.kind.name == kind]

    def _counter(self, name: str, count: Callable[[Probe, list[Result]], Any], kind: str | None = None) -> Metric:
        family = CounterMetricFamily(name, HELP[f"{name}_total"])
        for probe, runs in self._of(kind) if kind else self._results.items():
            for labels, value in count(probe, runs):
                family.add_sample(f"{name}_total", {**_base(probe), **labels}, value)
        return family

    def _gauge(self, name: str) -> Metric:
        return GaugeMetricFamily(name, HELP[name])

    def _last(self, name: str, value: Callable[[Result], Any]) -> Metric:
        family = self._gauge(name)
        self._add_last(family, value, {})
        return family

    def _add_last(self, family: Metric, value: Callable[[Result], Any], labels: Labels) -> None:
        for probe, runs in self._results.items():
            known = [each for each in map(value, runs) if each is not None]
            if known:
                family.add_sample(family.name, {**_base(probe), **labels}, known[-1])


def _base(probe: Probe) -> Labels:
    names = {"probe": probe.name, "kind": probe.kind.name, "provider": probe.provider, "service": probe.service}
    return {**names, "location": "fra1", **probe.labels}


def _info(probe: Probe) -> Labels:
    return {name: probe.info.get(name, "") for name in ("protocol", "model", "target", "engine", "session")}


def _measure(name: str) -> Callable[[Result], Any]:
    return lambda run: run.measures.get(name)


def _is_timed(run: Result) -> bool:
    return run.outcome in {"ok", "slow"} and not run.tainted


def _ended(run: Result) -> float:
    return (run.started_at_ns + run.duration_ns) // 10**6 / 1e3


def _tally(label: str, seen: Iterable[str], known: Iterable[str]) -> list[tuple[Labels, int]]:
    seen = list(seen)
    return [({label: str(each)}, seen.count(str(each))) for each in known]


def _failures(_probe: Probe, runs: list[Result]) -> Iterator[tuple[Labels, int]]:
    seen = [(run.failure.error_class, run.failure.fault) for run in runs if run.failure]
    for error in ErrorClass:
        faults = [FAULTS[error]] + ([Fault.LOCAL] if FAULTS[error] is Fault.NETWORK else [])
        for fault in faults:
            yield {"error_class": error.value, "fault": fault.value}, seen.count((error, fault))


def _tokens(probe: Probe, runs: list[Result]) -> Iterator[tuple[Labels, Any]]:
    for whole, part in (("input", "cached"), ("output", "reasoning")):
        totals: list[Any] = [run.measures.get(f"{whole}_tokens", 0) for run in runs]
        parts: list[Any] = [run.measures.get(f"{part}_tokens", 0) for run in runs]
        yield {"model": probe.info["model"], "type": whole}, sum(totals) - sum(parts)
        yield {"model": probe.info["model"], "type": part}, sum(parts)


def _cost(probe: Probe, runs: list[Result]) -> Iterator[tuple[Labels, Any]]:
    costs: list[Any] = [run.measures.get("cost", 0.0) for run in runs]
    yield {"model": probe.info["model"], "currency": "USD"}, sum(costs)


def _step_failures(_probe: Probe, runs: list[Result]) -> Iterator[tuple[Labels, int]]:
    seen = [(step.name, step.error_class) for run in runs for step in run.steps]
    for name in STEPS:
        for error in ErrorClass:
            yield {"step": name, "error_class": error.value}, seen.count((name, error))


def _histogram(family: HistogramMetricFamily, labels: Labels, times: list[Any], bounds: tuple[float, ...]) -> None:
    counts = [0] * (len(bounds) + 1)
    for each in times:
        counts[bisect_left(bounds, each)] += 1
    for bound, count in zip([*map(str, bounds), "+Inf"], accumulate(counts), strict=True):
        family.add_sample(f"{family.name}_bucket", {**labels, "le": bound}, count)
    family.add_sample(f"{family.name}_count", labels, len(times))
    family.add_sample(f"{family.name}_sum", labels, sum(times))
