"""What prober says of itself."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector

from prober.sinks.metrics.family import Type
from prober.sinks.metrics.own_catalogue import BUCKETS_LOOP, OWN_FAMILIES, PROCESS_FAMILIES
from prober.sinks.metrics.process import process_values
from tests.sinks.metrics_cases import families_of, metrics_of, names, probe, samples, value

if TYPE_CHECKING:
    from pathlib import Path


def test_lag_and_delay_are_histograms_from_the_start() -> None:
    """With the bounds of what matters to a loop."""
    metrics = metrics_of()
    for name in ("prober_event_loop_lag_seconds", "prober_schedule_delay_seconds"):
        assert value(metrics, f"{name}_count") == 0.0
    metrics.own.loop_lag.observe(0.003)
    metrics.own.schedule_delay.observe(20.0)
    assert value(metrics, "prober_event_loop_lag_seconds_bucket", le="0.002") == 0.0
    assert value(metrics, "prober_event_loop_lag_seconds_bucket", le="0.005") == 1.0
    assert value(metrics, "prober_event_loop_lag_seconds_sum") == 0.003
    assert value(metrics, "prober_schedule_delay_seconds_bucket", le=str(BUCKETS_LOOP[-1])) == 0.0
    assert value(metrics, "prober_schedule_delay_seconds_bucket", le="+Inf") == 1.0


def test_what_is_set_is_shown_and_what_is_not_known_is_not() -> None:
    """Connectivity and reload have no sample until somebody knows."""
    metrics = metrics_of()
    unknown = {
        "prober_connectivity",
        "prober_config_last_reload_successful",
        "prober_config_last_reload_success_timestamp_seconds",
        "prober_scrape_render_seconds",
    }
    assert not unknown & names(samples(metrics))
    own = metrics.own
    own.connected, own.reload_successful, own.reloaded_at, own.runs_in_flight = False, True, 1.5e9, 7
    assert value(metrics, "prober_connectivity") == 0.0
    assert value(metrics, "prober_config_last_reload_successful") == 1.0
    assert value(metrics, "prober_config_last_reload_success_timestamp_seconds") == 1.5e9
    assert value(metrics, "prober_runs_in_flight") == 7.0


def test_versions_are_labels() -> None:
    """Of prober and of Python."""
    assert value(metrics_of(), "prober_build_info", version="1.2.3", python=platform.python_version()) == 1.0


def test_every_own_family_is_announced_even_without_a_sample() -> None:
    """With its type, in both formats."""
    metrics = metrics_of(probe())
    for openmetrics in (False, True):
        found = {
            family.name: family.type
            for family in families_of(metrics.render_now(openmetrics=openmetrics).decode(), openmetrics=openmetrics)
        }
        for family in OWN_FAMILIES:
            name = family.name.removesuffix("_total") if family.type is Type.COUNTER else family.name
            assert found[name] == family.type


def test_the_process_is_described_as_by_prometheus_client() -> None:
    """The same names, help texts and types, and nearly the same values."""
    theirs = {family.name: family for family in ProcessCollector(registry=CollectorRegistry()).collect()}
    ours = {family.name.removesuffix("_total"): (family, each) for family, each in process_values().items()}
    assert ours.keys() == theirs.keys()
    for name, (family, each) in ours.items():
        assert (family.help, family.type.value) == (theirs[name].documentation, theirs[name].type)
        assert abs(each - theirs[name].samples[0].value) <= 0.2 * each + 1
    assert len(ours) == len(PROCESS_FAMILIES)


def test_without_proc_the_process_is_not_described(tmp_path: Path) -> None:
    """Nothing is invented."""
    assert process_values(tmp_path) == {}
