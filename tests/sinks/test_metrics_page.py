"""What one load of a page changes in the metrics."""

from __future__ import annotations

from prober.model.errors import ErrorClass
from prober.model.run import Outcome
from tests.sinks.metrics_cases import PAGE_LOAD, metrics_of, probe, result, value

PAGE = probe(kind="page")


def test_a_load_has_its_weight_by_kind_of_asset() -> None:
    """What is broken is no part of what is ok."""
    metrics = metrics_of(PAGE)
    metrics.record(PAGE, result(measures=PAGE_LOAD))
    assert value(metrics, "prober_page_bytes", kind_of_asset="script") == 600_000.0
    assert value(metrics, "prober_page_requests", kind_of_asset="script", outcome="ok") == 2.0
    assert value(metrics, "prober_page_requests", kind_of_asset="script", outcome="broken") == 1.0
    assert value(metrics, "prober_page_requests", kind_of_asset="style", outcome="broken") == 0.0
    assert value(metrics, "prober_page_bytes", kind_of_asset="font") is None


def test_a_run_that_came_to_no_asset_keeps_the_weight() -> None:
    """They are of the last load; a connection that was refused loaded nothing."""
    metrics = metrics_of(PAGE)
    metrics.record(PAGE, result(measures=PAGE_LOAD))
    metrics.record(PAGE, result(Outcome.FAIL, error=ErrorClass.CONNECT_REFUSED))
    assert value(metrics, "prober_page_bytes", kind_of_asset="document") == 51_234.0


def test_a_kind_that_a_page_no_longer_has_is_gone() -> None:
    """Else the page would seem to weigh what it did before."""
    metrics = metrics_of(PAGE)
    metrics.record(PAGE, result(measures=PAGE_LOAD))
    metrics.record(PAGE, result(measures={"page_requests": 1, "requests_document": 1, "bytes_document": 9}))
    assert value(metrics, "prober_page_bytes", kind_of_asset="document") == 9.0
    assert value(metrics, "prober_page_bytes", kind_of_asset="script") is None
    assert value(metrics, "prober_page_requests", kind_of_asset="script", outcome="ok") is None


def test_vitals_are_those_of_the_last_run() -> None:
    """A page that painted nothing has no paint, and times that are void are none."""
    metrics = metrics_of(PAGE)
    metrics.record(PAGE, result(measures=PAGE_LOAD))
    assert value(metrics, "prober_page_web_vital_seconds", vital="ttfb") == 0.125
    assert value(metrics, "prober_page_web_vital_seconds", vital="fcp") == 0.25
    assert value(metrics, "prober_page_web_vital_seconds", vital="lcp") == 0.5
    assert value(metrics, "prober_page_layout_shift") == 0.0625
    metrics.record(PAGE, result(Outcome.FAIL, error=ErrorClass.CONTENT_MISMATCH, measures={"ttfb_seconds": 0.5}))
    assert value(metrics, "prober_page_web_vital_seconds", vital="ttfb") == 0.5
    assert value(metrics, "prober_page_web_vital_seconds", vital="fcp") is None
    assert value(metrics, "prober_page_layout_shift") is None
    metrics.record(PAGE, result(measures=PAGE_LOAD, tainted=True))
    assert value(metrics, "prober_page_web_vital_seconds", vital="lcp") is None


def test_more_broken_than_asked_for_is_all() -> None:
    """No count is negative, whatever a run says."""
    metrics = metrics_of(PAGE)
    metrics.record(PAGE, result(measures={"page_requests": 1, "requests_script": 1, "broken_script": 5}))
    assert value(metrics, "prober_page_requests", kind_of_asset="script", outcome="ok") == 0.0
