"""The sink that counts every run and shows it to Prometheus."""

from __future__ import annotations

import asyncio
import platform
import time
from typing import TYPE_CHECKING, Protocol

from prober.sinks.metrics.accept import (
    CONTENT_TYPE_OPENMETRICS,
    CONTENT_TYPE_TEXT,
    accepts_gzip,
    accepts_openmetrics,
)
from prober.sinks.metrics.catalogue import FAMILIES, STATE
from prober.sinks.metrics.closed import SERVICE_STATES
from prober.sinks.metrics.family import Setup, key_of
from prober.sinks.metrics.fold import fold, fold_skip
from prober.sinks.metrics.layout import layout_of
from prober.sinks.metrics.own import Own
from prober.sinks.metrics.own_catalogue import SERVICE_STATE
from prober.sinks.metrics.pages import Pages
from prober.sinks.metrics.process import process_values
from prober.sinks.metrics.scrape import Renderer, Scrape
from prober.sinks.metrics.series import Series
from prober.sinks.metrics.text import label_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.sinks.metrics.family import Family

__all__ = ["Metrics", "StateView"]

_STATES_AT_ONCE = 64


class StateView(Protocol):
    """Where the states come from."""

    def probe_state(self, name: str) -> str:
        """The state of a probe."""

    def service_states(self) -> Mapping[tuple[str, str], str]:
        """The state of every (provider, service)."""


class Metrics:
    """Every series of every probe, from the moment it is configured. A sink.

    Recording a result costs microseconds and renders nothing; a scrape reads what is held at that moment. The
    attributes of ``own`` are set by whoever knows them.
    """

    def __init__(
        self, *, version: str, states: StateView, monotonic_ns: Callable[[], int] = time.perf_counter_ns
    ) -> None:
        self.own = Own(version=version, python=platform.python_version())
        self._states = states
        self._renderer = Renderer(monotonic_ns)
        self._series: dict[str, Series] = {}
        self._pages = Pages((), Setup())
        self._service_layout = layout_of(SERVICE_STATE, [(state,) for state in SERVICE_STATES], ())

    def configure(self, probes: tuple[Probe, ...], location: str | None, *, connectivity: bool = False) -> None:
        """Take over a configuration; ``connectivity`` says that it has targets to check our own network by.

        A probe of the same name, kind and labels keeps its counts. The series of one that is gone are gone, and those
        of one that carries other labels begin at zero.
        """
        self.own.expect_providers(probe.provider for probe in probes)
        before, self._series = self._series, {}
        for probe in probes:
            series = self._series[probe.name] = Series(probe, location)
            older = before.get(probe.name)
            if older is not None and older.identity() == series.identity():
                series.succeed(older)
        setup = Setup(location=location, connectivity=connectivity)
        self._pages = Pages(tuple(self._series.values()), setup)

    def record(self, probe: Probe, result: Result) -> None:
        """Count one run."""
        series = self._find(probe)
        if series is None:
            return
        fold(series, result, local=self._pages.setup.connectivity)
        if result.measures.get("unmapped_error"):
            self.own.count_unmapped(probe.provider)

    def skip(self, probe: Probe, reason: str) -> None:
        """Count one run that was due and did not happen."""
        series = self._find(probe)
        if series is not None:
            fold_skip(series, reason)

    def scrape(self, *, accept: str = "", accept_encoding: str = "") -> Scrape:
        """The answer to a scrape with these headers."""
        openmetrics = accepts_openmetrics(accept)
        content_type = CONTENT_TYPE_OPENMETRICS if openmetrics else CONTENT_TYPE_TEXT
        if not accepts_gzip(accept_encoding):
            pieces = self.render(openmetrics=openmetrics)
            return Scrape(content_type=content_type, content_encoding=None, pieces=pieces)
        pieces = self._renderer.shared(content_type, lambda: self.render(openmetrics=openmetrics, gzip=True))
        return Scrape(content_type=content_type, content_encoding="gzip", pieces=pieces)

    async def render(self, *, openmetrics: bool = False, gzip: bool = False) -> AsyncIterator[bytes]:
        """The exposition in pieces, of which each took the event loop for less than a millisecond."""
        process = await asyncio.get_running_loop().run_in_executor(None, process_values)
        async for piece in self._renderer.pieces(self._chunks(process, openmetrics=openmetrics), gzip=gzip):
            yield piece

    def render_now(self, *, openmetrics: bool = False) -> bytes:
        """The whole exposition at once, for where no loop has to stay free."""
        return "".join(self._chunks(process_values(), openmetrics=openmetrics)).encode()

    def _find(self, probe: Probe) -> Series | None:
        """The series of a probe; None if a reload has removed or replaced it while it ran."""
        series = self._series.get(probe.name)
        if series is None or series.probe is probe:
            return series
        return series if Series(probe, self._pages.setup.location).identity() == series.identity() else None

    def _chunks(self, process: Mapping[Family, float], *, openmetrics: bool) -> Iterator[str]:
        pages = self._pages
        yield from self._choose_states()
        for family in FAMILIES:
            yield family.header(openmetrics=openmetrics)
            yield from pages.chunks(family)
        yield SERVICE_STATE.header(openmetrics=openmetrics)
        for service, state in self._states.service_states().items():
            yield self._service_layout.text(self._service_labels(service), {(state,): 1.0})
        yield from self.own.chunks(process, render_ns=self._renderer.busy_ns, openmetrics=openmetrics)
        if openmetrics:
            yield "# EOF\n"

    def _choose_states(self) -> Iterator[str]:
        for at, series in enumerate(tuple(self._series.values())):
            series.choose(STATE, key_of(self._states.probe_state(series.probe.name)))
            if at % _STATES_AT_ONCE == 0:
                yield ""

    def _service_labels(self, service: tuple[str, str]) -> str:
        labels = [*zip(("provider", "service"), service, strict=True)]
        location = self._pages.setup.location
        return label_text(labels if location is None else [*labels, ("location", location)])
