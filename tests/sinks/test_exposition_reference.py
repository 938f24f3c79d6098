"""Our exposition, sample by sample against prometheus_client's of the same results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from prober.model.errors import ErrorClass, Fault
from prober.model.run import Outcome, Result
from prober.sinks.metrics.catalogue import FAMILIES
from tests.sinks.metrics_cases import NOON, PAGE_LOAD, SECOND, families_of, metrics_of, phases, probe, result, step
from tests.sinks.metrics_naive import Naive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.probe import Probe

USAGE = {"input_tokens": 20, "cached_tokens": 4, "output_tokens": 16, "reasoning_tokens": 10, "cost": 0.125}
ENDS = {"model_shutdown_timestamp": 1796947200.0}
RESULTS: Mapping[Probe, list[Result]] = {
    probe("http-probe", labels={"team": 'a "b" \\ c'}): [
        result(seconds=0.0625, measures={"http_status": 200, "certificate_expiry": 1.8e9}, phases=phases(connect=0.5)),
        result(Outcome.SLOW, seconds=3.5, phases=(*phases(connect=0.25, tls=0.125), *phases(connect=0.25))),
        result(Outcome.FAIL, seconds=9.0, error=ErrorClass.DNS_ERROR, fault=Fault.LOCAL, at_ns=NOON + 60 * SECOND),
        result(Outcome.ERROR, error=ErrorClass.PROBER_ERROR, at_ns=NOON + 120 * SECOND),
    ],
    probe("page-probe", "page", labels={}): [result(measures=PAGE_LOAD)],
    probe("chat-probe", "chat"): [
        result(measures={"first_token_seconds": 0.5, "first_visible_token_seconds": 0.75, **USAGE}),
        result(measures={"max_gap_seconds": 0.0625, "output_tokens_per_second": 75.5, "requests_limit": 0, **USAGE}),
        result(Outcome.FAIL, error=ErrorClass.CONTENT_MISMATCH, measures={"tokens_remaining": 17, **ENDS}),
        result(tainted=True, measures={"first_token_seconds": 100.0}),
    ],
    probe("login-probe", "login"): [
        result(steps=(step("page", 0.125), step("submit", 0.25), step("whoami", 0.5))),
        result(Outcome.FAIL, error=ErrorClass.SERVER_ERROR, steps=(step("page", error=ErrorClass.SERVER_ERROR),)),
    ],
    probe("off", disabled="KEY is not set"): [],
}


def _read(text: str, *, openmetrics: bool) -> dict[str, Any]:
    return {
        family.name: (
            (family.type, family.documentation),
            {(sample.name, frozenset(sample.labels.items())): sample.value for sample in family.samples},
        )
        for family in families_of(text, openmetrics=openmetrics)
    }


@pytest.mark.parametrize("openmetrics", [False, True], ids=["text", "openmetrics"])
def test_the_same_samples_as_prometheus_client(openmetrics: bool) -> None:
    """Names, types, help, labels and values of every family of a probe, in both formats."""
    metrics = metrics_of(*RESULTS, location="fra1", connectivity=True)
    for each, runs in RESULTS.items():
        for run in runs:
            metrics.record(each, run)
    registry = CollectorRegistry()
    registry.register(Naive(RESULTS))
    generate: Any = generate_openmetrics if openmetrics else generate_latest
    theirs = _read(generate(registry).decode(), openmetrics=openmetrics)
    ours = _read(metrics.render_now(openmetrics=openmetrics).decode(), openmetrics=openmetrics)
    assert len(theirs) == len(FAMILIES)
    for name, family in theirs.items():
        assert ours[name] == family, name
