"""Which series exist, from when, and with which labels."""

from __future__ import annotations

import pytest

from prober.model.errors import ErrorClass, Fault
from prober.model.probe import Slo
from prober.model.run import Outcome
from prober.model.setting import Ratio
from prober.sinks.metrics.catalogue import FAMILIES
from prober.sinks.metrics.family import Type
from tests.sinks.metrics_cases import (
    KINDS,
    STEPS,
    KnownStates,
    metrics_of,
    names,
    probe,
    result,
    samples,
    samples_of,
    value,
)

COUNTED = ("_total", "_count", "_sum", "_bucket")


@pytest.mark.parametrize("kind", KINDS)
def test_counters_and_histograms_are_there_from_the_start_at_zero(kind: str) -> None:
    """Prometheus sees the first failure as an increase only if the series was there before."""
    found = {name: each for name, each in samples(metrics_of(probe(kind=kind))).items() if ("probe", "one") in name[1]}
    counted = {name: each for name, each in found.items() if name[0].endswith(COUNTED)}
    assert counted
    assert set(counted.values()) == {0.0}
    for family in FAMILIES:
        if family.type is not Type.GAUGE and family.applies_to(probe(kind=kind)):
            assert any(name.startswith(family.name) for name in names(counted)), family.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_gauge_that_is_not_known_yet_has_no_sample(kind: str) -> None:
    """Neither a NaN, which would spoil every average, nor a 0, which would look like a failure."""
    found = samples(metrics_of(probe(kind=kind)))
    for name in ("success", "last_duration_seconds", "last_run_timestamp_seconds", "http_status"):
        assert f"prober_probe_{name}" not in names(found)
    assert all(each == each for each in found.values())


def test_every_error_class_has_its_series_and_local_ones_only_with_connectivity() -> None:
    """The fault is a function of the class, but for the network's classes while we are offline."""
    for connectivity, expected in ((False, 26), (True, 28)):
        found = samples(metrics_of(probe(), connectivity=connectivity))
        failures = [dict(labels) for name, labels in found if name == "prober_probe_failures_total"]
        assert len(failures) == expected
        assert {each["error_class"] for each in failures} == set(ErrorClass)
        local = {each["error_class"] for each in failures if each["fault"] == "local"}
        assert local == ({"dns_error", "connect_timeout"} if connectivity else set())


def test_a_login_has_series_for_every_step() -> None:
    """Histograms and every class, step by step."""
    found = samples(metrics_of(probe(kind="login")))
    failures = [dict(labels) for name, labels in found if name == "prober_login_step_failures_total"]
    assert {(each["step"], each["error_class"]) for each in failures} == {
        (step, error.value) for step in STEPS for error in ErrorClass
    }
    counts = [dict(labels)["step"] for name, labels in found if name == "prober_login_step_seconds_count"]
    assert sorted(counts) == sorted(STEPS)


def test_metrics_of_a_kind_are_only_on_probes_of_that_kind() -> None:
    """A TCP probe has no HTTP status, and only a chat has tokens."""
    found = samples(metrics_of(probe("a"), probe("b", "login"), probe("c", "chat"), probe("d", "tcp")))
    having = {
        prefix: {dict(labels).get("probe") for name, labels in found if name.startswith(prefix)}
        for prefix in ("prober_chat_", "prober_login_", "prober_credentials_")
    }
    assert having == {"prober_chat_": {"c"}, "prober_login_": {"b"}, "prober_credentials_": {"b"}}


@pytest.mark.parametrize("location", [None, "fra1"])
def test_labels_of_every_series_of_a_probe(location: str | None) -> None:
    """Probe, kind, provider, service, the location where there is one, and the configured labels."""
    metrics = metrics_of(probe("a", labels={"team": "ai"}), probe("b", "chat", labels={"tier": "1"}), location=location)
    base = {"provider": "acme", "service": "api"} | ({"location": location} if location else {})
    expected = {
        "a": {"probe": "a", "kind": "http", "team": "ai", **base},
        "b": {"probe": "b", "kind": "chat", "tier": "1", **base},
    }
    own = [dict(labels) for _, labels in samples(metrics) if ("probe", "a") in labels or ("probe", "b") in labels]
    assert own
    for labels in own:
        wanted = expected[labels["probe"]]
        assert labels.items() >= wanted.items()
        assert ("team" in labels) == ("team" in wanted)


def test_chat_series_carry_the_model_and_a_price_its_currency() -> None:
    """The cost exists only where there is a price."""
    priced = metrics_of(probe(kind="chat"))
    assert value(priced, "prober_chat_cost_total", model="some-model", currency="USD") == 0.0
    assert value(priced, "prober_chat_first_token_seconds_count", model="some-model") == 0.0
    assert value(metrics_of(probe(kind="chat", info={"model": "m"})), "prober_chat_cost_total") is None


def test_info_names_what_the_probe_is_and_leaves_the_rest_empty() -> None:
    """All five labels are always there."""
    metrics = metrics_of(probe(info={"target": "example.com"}))
    labels = {"protocol": "", "model": "", "target": "example.com", "engine": "", "session": ""}
    assert value(metrics, "prober_probe_info", **labels) == 1.0


def test_what_the_configuration_says_is_exported() -> None:
    """Interval, timeout, and only those objectives and thresholds that are set."""
    metrics = metrics_of(probe(slo=Slo(fast=Ratio(0.95)), slow_ns={"first_token": 2_500_000_000}))
    assert value(metrics, "prober_probe_interval_seconds") == 60.0
    assert value(metrics, "prober_probe_timeout_seconds") == 30.0
    assert value(metrics, "prober_probe_slo_target_ratio", slo="fast") == 0.95
    assert value(metrics, "prober_probe_slo_target_ratio", slo="availability") is None
    assert value(metrics, "prober_probe_slow_threshold_seconds", measure="first_token") == 2.5
    assert value(metrics, "prober_probe_slow_threshold_seconds", measure="total") is None


def test_a_disabled_probe_says_why_and_has_its_series_all_the_same() -> None:
    """It can be alerted on, and its counters are ready for when it runs."""
    metrics = metrics_of(probe("a", disabled="OPENAI_API_KEY is not set"), probe("b"))
    assert value(metrics, "prober_probe_disabled", probe="a", reason="OPENAI_API_KEY is not set") == 1.0
    assert value(metrics, "prober_probe_disabled", probe="b") is None
    assert value(metrics, "prober_probe_runs_total", probe="a", result="ok") == 0.0


def test_exactly_one_state_holds() -> None:
    """Unknown from the start, and whatever the state sink says from then on; for services as well."""
    states = KnownStates()
    metrics = metrics_of(probe(), states=states, location="fra1")
    for state in ("unknown", "up", "down", "degraded"):
        states.probes["one"] = states.services["acme", "api"] = state
        for name, others in (("prober_probe_state", 3), ("prober_service_state", 4)):
            found = {dict(labels)["state"]: each for (at, labels), each in samples(metrics).items() if at == name}
            assert found.pop(state) == 1.0
            assert list(found.values()) == [0.0] * others
    assert value(metrics, "prober_service_state", location="fra1", service="api", state="degraded") == 1.0


def test_a_configured_label_that_is_one_of_ours_does_not_spoil_the_scrape() -> None:
    """The configuration refuses it; should it come through, ours wins and no label is there twice."""
    metrics = metrics_of(probe(labels={"result": "x", "probe": "y", "team": "ai"}))
    assert value(metrics, "prober_probe_runs_total", probe="one", result="ok", team="ai") == 0.0


def test_what_a_server_sent_never_becomes_a_label() -> None:
    """Whatever the measures hold, the set of series stays what it was."""
    metrics = metrics_of(probe(kind="chat"))
    before = set(samples(metrics))
    nasty = {"served_model": 'x"} 1\n# EOF', "finish_reason": "\ud800", "http_status": "200", "cost": "free"}
    metrics.record(probe(kind="chat"), result(Outcome.FAIL, error=ErrorClass.SERVER_ERROR, measures=nasty))
    new = set(samples(metrics)) - before
    assert {name.removeprefix("prober_probe_") for name in names(new)} == {
        "success",
        "last_duration_seconds",
        "last_run_timestamp_seconds",
    }


def test_a_local_fault_counts_as_the_class_has_it_where_connectivity_is_not_checked() -> None:
    """Nothing is lost when a reload has just switched the check off."""
    offline = result(Outcome.FAIL, error=ErrorClass.DNS_ERROR, fault=Fault.LOCAL)
    for connectivity, fault in ((True, "local"), (False, "network")):
        metrics = metrics_of(probe(), connectivity=connectivity)
        metrics.record(probe(), offline)
        assert value(metrics, "prober_probe_failures_total", error_class="dns_error", fault=fault) == 1.0


def test_both_formats_hold_the_same_samples() -> None:
    """OpenMetrics differs in how it announces a counter, and in its last line."""
    metrics = metrics_of(probe(), probe("two", "chat"), probe("three", "login"), location="fra1")
    text, openmetrics = metrics.render_now().decode(), metrics.render_now(openmetrics=True).decode()
    theirs = samples_of(openmetrics, openmetrics=True)
    assert {name: each for name, each in theirs.items() if not name[0].startswith("process_")} == {
        name: each for name, each in samples_of(text).items() if not name[0].startswith("process_")
    }
    assert openmetrics.endswith("# EOF\n")
    assert "# TYPE prober_probe_runs counter\n" in openmetrics
    assert "# UNIT prober_probe_duration_seconds seconds\n" in openmetrics
    assert "# TYPE prober_probe_runs_total counter\n" in text
