"""What holds for any sequence of results and any label."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.run import Outcome, Phase, Result, Step
from tests.sinks.metrics_cases import KINDS, STEPS, Sample, metrics_of, probe, result, samples, samples_of, value

NUMBERS = st.one_of(
    st.integers(min_value=-(10**30), max_value=10**400), st.floats(), st.text(max_size=3), st.none(), st.booleans()
)
MEASURES = st.dictionaries(
    st.sampled_from(
        [
            "http_status",
            "first_token_seconds",
            "max_gap_seconds",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "cost",
            "requests_remaining",
            "certificate_expiry",
            "bytes",
            "output_tokens_per_second",
            "other",
        ]
    ),
    NUMBERS,
)
DURATIONS = st.integers(min_value=0, max_value=10**13)
PHASES = st.builds(
    Phase,
    name=st.sampled_from(["connect", "tls", "expect", "elsewhere"]),
    offset_ns=st.just(0),
    duration_ns=DURATIONS,
    finished=st.booleans(),
)
STEP_RESULTS = st.builds(
    Step,
    name=st.sampled_from([*STEPS, "elsewhere"]),
    result=st.sampled_from(["ok", "slow", "fail", "skipped"]),
    duration_ns=DURATIONS,
    error_class=st.none() | st.sampled_from(ErrorClass),
)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A result of any sort."""
    outcome = draw(st.sampled_from(Outcome))
    error = None if outcome in {Outcome.OK, Outcome.SLOW} else draw(st.sampled_from(ErrorClass))
    return result(
        outcome,
        seconds=draw(DURATIONS) / 1e9,
        error=error,
        fault=error and draw(st.sampled_from([FAULTS[error], Fault.LOCAL])),
        measures=draw(MEASURES),
        phases=tuple(draw(st.lists(PHASES, max_size=4))),
        steps=tuple(draw(st.lists(STEP_RESULTS, max_size=4))),
        tainted=draw(st.booleans()),
    )


def _counted(found: dict[Sample, float]) -> dict[Sample, float]:
    return {at: each for at, each in found.items() if at[0].endswith(("_total", "_count", "_bucket", "_sum"))}


def _without_le(at: Sample) -> Sample:
    return at[0], frozenset(label for label in at[1] if label[0] != "le")


def _check_histograms(found: dict[Sample, float]) -> None:
    """Buckets rise, and the last one is the count."""
    buckets: dict[Sample, list[tuple[float, float]]] = {}
    for at, each in found.items():
        if at[0].endswith("_bucket"):
            buckets.setdefault(_without_le(at), []).append((float(dict(at[1])["le"]), each))
    assert buckets
    for (name, labels), counts in buckets.items():
        rising = [count for _, count in sorted(counts)]
        assert rising == sorted(rising)
        assert rising[-1] == found[name.replace("_bucket", "_count"), labels]


@settings(max_examples=20)
@given(kind=st.sampled_from(sorted(KINDS)), runs=st.lists(results(), max_size=8), connectivity=st.booleans())
def test_any_sequence_of_results_is_counted(kind: str, runs: list[Result], connectivity: bool) -> None:
    """Counters only rise, no series appears or goes among them, and every run and every failure is in one of them."""
    one = probe(kind=kind)
    metrics = metrics_of(one, connectivity=connectivity)
    before = _counted(samples(metrics))
    for run in runs:
        metrics.record(one, run)
        found = samples(metrics)
        counted = {at: each for at, each in _counted(found).items() if not at[0].startswith("process_")}
        assert all(each >= before[at] for at, each in counted.items())
        _check_histograms(found)
        before = _counted(found)
    assert sum(each for (name, _), each in before.items() if name == "prober_probe_runs_total") == len(runs)
    failures = sum(each for (name, _), each in before.items() if name == "prober_probe_failures_total")
    assert failures == sum(run.failure is not None for run in runs)
    found = samples_of(metrics.render_now(openmetrics=True).decode(), openmetrics=True)
    assert all(each == each and abs(each) != float("inf") for each in found.values())


LABEL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
HARD = st.text(st.sampled_from('\\\\n"\n{},= a'), max_size=12)


@settings(max_examples=40)
@given(values=st.lists(LABEL | HARD, min_size=3, max_size=3))
def test_any_label_value_is_read_back_as_it_was(values: list[str]) -> None:
    """Backslashes, quotes and line breaks included, by both parsers."""
    provider, team, reason = values
    metrics = metrics_of(probe(provider=provider, labels={"team": team}, disabled=reason))
    expected: dict[str, Any] = {"provider": provider, "team": team, "reason": reason}
    for openmetrics in (False, True):
        text = metrics.render_now(openmetrics=openmetrics).decode()
        found = [
            dict(labels) for name, labels in samples_of(text, openmetrics=openmetrics) if name.endswith("disabled")
        ]
        assert [{name: labels[name] for name in expected} for labels in found] == [expected]


def test_half_a_character_does_not_spoil_the_scrape() -> None:
    """A lone surrogate, which no encoder takes, becomes a question mark."""
    metrics = metrics_of(probe(labels={"team": "a\ud800b"}))
    assert value(metrics, "prober_probe_runs_total", result="ok", team="a?b") == 0.0
