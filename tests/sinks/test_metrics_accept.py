"""Which format a scraper gets."""

from __future__ import annotations

import pytest

from prober.sinks.metrics.accept import accepts_gzip, accepts_openmetrics

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(PROMETHEUS_2, True, id="prometheus-2"),
        pytest.param(PROMETHEUS_3, True, id="prometheus-3"),
        pytest.param(BROWSER, False, id="browser"),
        pytest.param("", False, id="nothing"),
        pytest.param("*/*", False, id="anything"),
        pytest.param("application/openmetrics-text", True, id="no-version"),
        pytest.param('Application/OpenMetrics-Text; Version="1.0.0"', True, id="quoted-and-capital"),
        pytest.param("application/openmetrics-text; version=0.0.1", False, id="older"),
        pytest.param("application/openmetrics-text; version=2.0.0", False, id="newer"),
        pytest.param("application/openmetrics-text;q=0.2, text/plain;q=0.9", False, id="text-is-preferred"),
        pytest.param("application/openmetrics-text;q=0.9, text/plain;q=0.2", True, id="openmetrics-is-preferred"),
        pytest.param("application/openmetrics-text;q=0", False, id="refused"),
        pytest.param("application/openmetrics-text;q=high", False, id="quality-that-is-none"),
        pytest.param("application/openmetrics-text;q=7", False, id="quality-out-of-range"),
        pytest.param(";;,,=;q", False, id="rubbish"),
    ],
)
def test_openmetrics_only_where_it_is_asked_for(accept: str, expected: bool) -> None:
    """Everything else gets the text format, that everybody reads."""
    assert accepts_openmetrics(accept) is expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("deflate, GZip;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.0", False),
        ("identity", False),
        ("gzippy", False),
        ("", False),
    ],
)
def test_compressed_only_where_it_is_accepted(accept_encoding: str, expected: bool) -> None:
    """A quality of zero is a refusal."""
    assert accepts_gzip(accept_encoding) is expected
