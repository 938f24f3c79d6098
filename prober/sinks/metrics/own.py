"""What prober says of itself: its loop, its schedule, its configuration, its scrapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.sinks.metrics import own_catalogue as metric
from prober.sinks.metrics.histogram import Histogram
from prober.sinks.metrics.layout import layout_of
from prober.sinks.metrics.text import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prober.sinks.metrics.family import Family

__all__ = ["Own"]

_Samples = list[tuple[tuple[str, ...], float]]


class Own:
    """The values of the own families, set by whoever knows them. What is None has no sample.

    ``reloaded_at`` is Unix time in seconds.
    """

    def __init__(self, *, version: str, python: str) -> None:
        self.loop_lag = Histogram(metric.BUCKETS_LOOP)
        self.schedule_delay = Histogram(metric.BUCKETS_LOOP)
        self.runs_in_flight = 0
        self.connected: bool | None = None
        self.reload_successful: bool | None = None
        self.reloaded_at: float | None = None
        self._unmapped: dict[str, float] = {}
        self._build = (version, python)
        self._histograms = {family: layout_of(family, ((),), metric.BUCKETS_LOOP) for family in metric.HISTOGRAMS}

    def expect_providers(self, providers: Iterable[str]) -> None:
        """Have a count for each of these, and for no other."""
        self._unmapped = {provider: self._unmapped.get(provider, 0.0) for provider in sorted(set(providers))}

    def count_unmapped(self, provider: str) -> None:
        """Count one error code that no rule maps."""
        if provider in self._unmapped:
            self._unmapped[provider] += 1.0

    def chunks(self, process: Mapping[Family, float], *, render_ns: int | None, openmetrics: bool) -> Iterator[str]:
        """Every family with its header."""
        for family, histogram in ((metric.LOOP_LAG, self.loop_lag), (metric.SCHEDULE_DELAY, self.schedule_delay)):
            text = self._histograms[family].text("", {(): histogram})
            # a layout has the probe's labels in front; `le` is the only label here
            yield family.header(openmetrics=openmetrics) + text.replace("{,", "{").replace("{} ", " ")
        single = {**self._single(), **process, metric.RENDER: None if render_ns is None else render_ns / 1e9}
        samples = self._samples(single)
        for family in (*metric.SINGLES, *metric.PROCESS_FAMILIES):
            lines = [
                line(family.name, dict(zip(family.labels, key, strict=True)), value)
                for key, value in samples.get(family, [])
            ]
            yield family.header(openmetrics=openmetrics) + "".join(lines)

    def _single(self) -> dict[Family, float | None]:
        return {
            metric.RUNS_IN_FLIGHT: self.runs_in_flight,
            metric.CONNECTIVITY: self.connected,
            metric.RELOAD_SUCCESSFUL: self.reload_successful,
            metric.RELOAD_TIMESTAMP: self.reloaded_at,
        }

    def _samples(self, single: Mapping[Family, float | None]) -> dict[Family, _Samples]:
        samples: dict[Family, _Samples] = {
            family: [] if value is None else [((), float(value))] for family, value in single.items()
        }
        samples[metric.BUILD_INFO] = [(self._build, 1.0)]
        samples[metric.UNMAPPED] = [((provider,), count) for provider, count in self._unmapped.items()]
        return samples
