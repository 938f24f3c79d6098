"""What a reload keeps, drops and begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from prober.model.errors import ErrorClass
from prober.model.probe import Slo
from prober.model.run import Outcome
from prober.model.setting import Ratio
from tests.sinks.metrics_cases import SECOND, metrics_of, probe, result, samples, step, value

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT: dict[str, Mapping[str, Any]] = {
    "nothing": {},
    "interval": {"interval_ns": 5 * SECOND},
    "objective": {"slo": Slo(fast=Ratio(0.9))},
    "target": {"info": {"target": "other.example.com"}},
    "disabled": {"disabled": "KEY is not set"},
}
ANEW: dict[str, Mapping[str, Any]] = {
    "labels": {"labels": {"team": "sre"}},
    "provider": {"provider": "other"},
    "service": {"service": "other"},
    "model": {"info": {"model": "other"}},
    "kind": {"kind": "page"},
}


@pytest.mark.parametrize("changes", KEPT.values(), ids=KEPT)
def test_a_probe_with_the_same_labels_keeps_its_counts(changes: Mapping[str, Any]) -> None:
    """Counters and histograms go on; what the configuration says is what it says now."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result())
    metrics.render_now()
    after = probe(**changes)
    metrics.configure((after,), None)
    metrics.record(after, result())
    assert value(metrics, "prober_probe_runs_total", result="ok") == 2.0
    assert value(metrics, "prober_probe_duration_seconds_count", outcome="success") == 2.0
    assert value(metrics, "prober_probe_interval_seconds") == after.interval_ns / 1e9
    assert value(metrics, "prober_probe_slo_target_ratio", slo="fast") == after.slo.fast
    assert value(metrics, "prober_probe_info", target=after.info["target"]) == 1.0
    assert (value(metrics, "prober_probe_disabled") is None) == (after.disabled is None)


@pytest.mark.parametrize("changes", ANEW.values(), ids=ANEW)
def test_a_probe_with_other_labels_begins_at_zero(changes: Mapping[str, Any]) -> None:
    """Other labels are other series, and the old ones are gone."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result())
    metrics.configure((probe(**changes),), None)
    assert value(metrics, "prober_probe_runs_total", result="ok") == 0.0
    assert value(metrics, "prober_probe_success") is None


def test_another_location_is_another_series() -> None:
    """The counts of one location are not those of another."""
    metrics = metrics_of(probe(), location="fra1")
    metrics.record(probe(), result())
    metrics.configure((probe(),), "nyc1")
    assert value(metrics, "prober_probe_runs_total", result="ok", location="nyc1") == 0.0
    assert value(metrics, "prober_probe_runs_total", result="ok") == 0.0


def test_a_removed_probe_is_gone_at_the_next_scrape() -> None:
    """And a run of it that was still going on changes nothing."""
    metrics = metrics_of(probe("gone"), probe("here"))
    metrics.record(probe("gone"), result())
    metrics.configure((probe("here"),), None)
    before = samples(metrics).keys()
    metrics.record(probe("gone"), result())
    metrics.skip(probe("gone"), "overrun")
    assert samples(metrics).keys() == before
    assert not [labels for _, labels in before if ("probe", "gone") in labels]


def test_a_run_that_began_before_a_reload_counts_only_for_the_same_series() -> None:
    """An equal probe made anew takes it; one with other labels does not."""
    before = probe()
    metrics = metrics_of(before)
    metrics.configure((probe(interval_ns=SECOND),), None)
    metrics.record(before, result())
    assert value(metrics, "prober_probe_runs_total", result="ok") == 1.0
    metrics.configure((probe(labels={"team": "sre"}),), None)
    metrics.record(before, result())
    metrics.skip(before, "overrun")
    assert value(metrics, "prober_probe_runs_total", result="ok") == 0.0
    assert value(metrics, "prober_probe_skipped_total", reason="overrun") == 0.0


def test_other_buckets_begin_the_duration_anew_and_keep_the_rest() -> None:
    """Counts of other bounds cannot be added."""
    metrics = metrics_of(probe())
    metrics.record(probe(), result())
    wider = probe(buckets=(1.0, 2.0))
    metrics.configure((wider,), None)
    assert value(metrics, "prober_probe_duration_seconds_count", outcome="success") == 0.0
    metrics.record(wider, result())
    assert value(metrics, "prober_probe_duration_seconds_bucket", outcome="success", le="1.0") == 1.0
    assert value(metrics, "prober_probe_runs_total", result="ok") == 2.0


def test_steps_that_are_still_there_keep_their_counts() -> None:
    """A step put in front of them changes nothing for the others, and a removed one is gone."""
    login = probe(kind="login")
    metrics = metrics_of(login)
    failed = (step("page"), step("submit", error=ErrorClass.SERVER_ERROR))
    metrics.record(login, result(steps=(step("page"), step("submit"), step("whoami"))))
    metrics.record(login, result(Outcome.FAIL, error=ErrorClass.SERVER_ERROR, steps=failed))
    metrics.configure((probe(kind="login", steps=("home", "submit", "whoami")),), None)
    assert value(metrics, "prober_login_step_seconds_count", step="home") == 0.0
    assert value(metrics, "prober_login_step_seconds_count", step="submit") == 1.0
    assert value(metrics, "prober_login_step_failures_total", step="submit", error_class="server_error") == 1.0
    assert value(metrics, "prober_login_step_seconds_count", step="page") is None


def test_unmapped_codes_are_counted_for_every_provider_of_the_configuration() -> None:
    """From zero; those of a provider that is no longer probed are gone."""
    metrics = metrics_of(probe("a", provider="acme"), probe("b", provider="other"))
    assert value(metrics, "prober_unmapped_errors_total", provider="acme") == 0.0
    unmapped = result(Outcome.FAIL, error=ErrorClass.SERVER_ERROR, measures={"unmapped_error": "moon_phase"})
    metrics.record(probe("a", provider="acme"), unmapped)
    metrics.record(probe("a", provider="acme"), result(measures={"unmapped_error": None}))
    metrics.own.count_unmapped("nobody")
    metrics.configure((probe("a", provider="acme"),), None)
    assert value(metrics, "prober_unmapped_errors_total", provider="acme") == 1.0
    assert value(metrics, "prober_unmapped_errors_total", provider="other") is None
    assert value(metrics, "prober_unmapped_errors_total", provider="nobody") is None
