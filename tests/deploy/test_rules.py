"""The shipped rules: Prometheus' own tool, what they ask for, where their thresholds come from, what they say."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from itertools import chain

import promql_parser
import pytest
import yaml

from prober.model.errors import FAULTS, ErrorClass, Fault
from prober.model.run import Outcome
from prober.sinks.state_rules import Sight, sight_of
from tests.conftest import CHECKOUT
from tests.deploy.closed_values import closed_values
from tests.deploy.rules import RULES, TESTS, Rule, alerts, cases, records
from tests.docs.pages import pages
from tests.each import of_each
from tests.grafana.boards import nodes, parsed, selectors
from tests.grafana.known import OF_PROMETHEUS, SAMPLES
from tests.sinks.metrics_cases import result

ALERT = of_each({str(alert): alert for alert in alerts()})
RULE = of_each({str(rule): rule for rule in (*alerts(), *records())})

ALWAYS = "ProberWatchdog"
"""The one alert that is never silent."""
RECORDED = {rule.name for rule in records()}
LABELS = frozenset({"pod"}).union(*SAMPLES.values())
"""Every label that a series of ours can have where Prometheus scrapes it; Kubernetes adds the pod."""
KNOWN = {**SAMPLES, **OF_PROMETHEUS, **dict.fromkeys(RECORDED, LABELS)}

OUTAGE = {
    "ProbedServiceDown",
    "ProbedServicePartlyDown",
    "ProbedServiceDegraded",
    "ProbedServiceDownAtLocation",
    "ProbeDown",
}


def _promtool(*arguments: object) -> tuple[int, str]:
    command = ["promtool", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


# --- Prometheus' own tool ---


def test_promtool_finds_nothing_to_complain_about() -> None:
    """Neither a mistake nor a rule that is there twice."""
    code, said = _promtool("check", "rules", "--lint=all", "--lint-fatal", *sorted(RULES.iterdir()))
    assert code == 0, said


@pytest.mark.parametrize("path", sorted(TESTS.iterdir()), ids=lambda path: path.stem)
def test_the_unit_tests_pass(path: object) -> None:
    """Days pass in a second: every threshold, delay, label and annotation is as written."""
    code, said = _promtool("test", "rules", path)
    assert code == 0, said


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    """Only the watchdog is never silent."""
    fires = Counter(name for name, expected in cases() if expected)
    silent = Counter(name for name, expected in cases() if not expected)
    names = {alert.name for alert in alerts()}
    assert (names - fires.keys(), names - silent.keys()) == (set(), {ALWAYS})
    assert fires.keys() | silent.keys() == names


def test_the_operators_objects_hold_the_same_groups() -> None:
    """What the documentation pipes into kubectl."""
    page = next(page for page in pages() if page.name == "docs/alerts.md")
    command = next(block.text for block in page.blocks("") if "kubectl" in block.text)
    shown = command.replace("| kubectl apply -f -", "")
    done = subprocess.run(["bash", "-c", shown], cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=True)
    objects = list(yaml.safe_load_all(done.stdout))
    assert {each["kind"] for each in objects} == {"PrometheusRule"}
    made = {each["metadata"]["name"]: each["spec"] for each in objects}
    assert made == {path.stem: yaml.safe_load(path.read_text()) for path in RULES.iterdir()}


# --- what they ask for ---


@RULE
def test_every_metric_and_label_exists(rule: Rule) -> None:
    """What is selected, and what it is selected, grouped and matched by, is exported, or recorded by another rule."""
    tree = parsed(rule.expr)
    for selected in selectors(tree):
        assert selected.metric in KNOWN, selected.metric
        assert {name for name, _, _ in selected.matchers} - {"__name__"} <= KNOWN[selected.metric], selected
    by = re.findall(r"\b(?:by|without|on|ignoring|group_left)\s*\(([^)]*)\)", rule.expr)
    assert {label.strip() for label in chain(*(each.split(",") for each in by))} - {""} <= LABELS


@RULE
def test_every_value_of_a_closed_set_exists(rule: Rule) -> None:
    """An error class, a fault, a state, a reason that nothing ever has would make a rule that never fires."""
    for selected in selectors(parsed(rule.expr)):
        for label, _, value in selected.matchers:
            if label in closed_values() and selected.metric in SAMPLES:
                assert set(value.split("|")) <= closed_values()[label], f"{label}: {value}"


def test_a_class_is_selected_with_its_own_fault() -> None:
    """Alerts on our own failures name classes that are ours; what is not ours is never named there."""
    for alert in alerts():
        for selected in selectors(parsed(alert.expr)):
            classes = [value for label, _, value in selected.matchers if label == "error_class"]
            for name in chain(*(each.split("|") for each in classes)):
                assert FAULTS[ErrorClass(name)] == alert.labels["fault"], f"{alert}: {name}"


def test_every_failure_of_ours_has_an_alert() -> None:
    """Each class by its name, or by ProbeBlind, whose condition is the state alone."""
    named = {
        name
        for alert in alerts()
        for selected in selectors(parsed(alert.expr))
        for label, _, value in selected.matchers
        if label == "error_class"
        for name in value.split("|")
    }
    ours = {name for name, fault in FAULTS.items() if fault is Fault.US}
    assert ours - named == {ErrorClass.PROBER_ERROR}


@RULE
def test_counters_are_read_by_what_knows_resets(rule: Rule) -> None:
    """A counter stands inside of rate or increase; recorded is only a sum of one prober's, which resets as one."""
    if rule.name.startswith("instance_probe:") and rule.name.endswith(":sum"):
        assert not re.search(r"\bby\b|without \((?!(error_class, fault|result)\))", rule.expr)
        return
    for selected in selectors(parsed(rule.expr)):
        if selected.metric.endswith(("_total", "_count", "_bucket")) or selected.metric.endswith("seconds_sum"):
            functions = {node.func.name for node in selected.around if hasattr(node, "func")}
            assert functions & {"rate", "increase"}, selected.metric


def test_a_recorded_series_says_its_level_metric_and_operations() -> None:
    """As Prometheus names them; each is used, or is what the documentation tells to look at."""
    for name in RECORDED:
        level, metric, operations = name.split(":")
        assert level in {"probe", "instance_probe", "service", "service_location", "location", "instance"}
        assert any(sample.startswith(metric.partition("_per_")[0]) for sample in SAMPLES), metric
        assert operations


@pytest.mark.parametrize("fault", Fault)
def test_what_the_rules_call_bad_is_what_makes_a_probe_down(fault: Fault) -> None:
    """One definition for objectives and states: a failure counts here if and only if it counts there."""
    error = next(name for name, usual in FAULTS.items() if usual in {fault, Fault.NETWORK})
    failed = sight_of(result(Outcome.FAIL, error=error, fault=fault)) is Sight.BAD
    sli = [rule for rule in records() if rule.name == "instance_probe:prober_probe_failures:sum"]
    (selected,) = selectors(parsed(sli[0].expr))
    ((_, _, pattern),) = selected.matchers
    assert bool(re.fullmatch(pattern, fault)) is failed


# --- thresholds ---


@ALERT
def test_no_threshold_is_a_copy(alert: Rule) -> None:
    """Objective, interval, timeout and thresholds of slow are metrics: rules that need them have them from there."""
    numbers = {node.val for node, _ in nodes(parsed(alert.expr)) if isinstance(node, promql_parser.NumberLiteral)}
    assert not numbers & {0.95, 0.995, 0.999, 60.0}, numbers
    wanted = {
        "ProbeStale": {"prober_probe_interval_seconds", "prober_probe_timeout_seconds"},
        "ProbeRunsMissed": {"prober_probe_interval_seconds"},
        "ProbeSlow": {"prober_probe_slo_target_ratio"},
        "ProbeFirstTokenSlow": {"prober_probe_slow_threshold_seconds"},
    }
    assert wanted.get(alert.name, set()) <= {selected.metric for selected in selectors(parsed(alert.expr))}


def test_burn_rates_come_from_the_objective() -> None:
    """Each of them divides by what the metric of the objective leaves."""
    burning = [rule for rule in records() if "burn_rate" in rule.name or "budget_remaining" in rule.name]
    assert len(burning) == 8
    assert all("probe:prober_probe_slo_target_ratio:max" in rule.expr for rule in burning)


@ALERT
def test_an_alert_on_a_target_counts_no_failure_of_ours(alert: Rule) -> None:
    """Faults us and local never make a target's alert fire, neither directly nor by what is recorded."""
    if alert.labels["fault"] in {"us", "local"}:
        return
    by_name = {rule.name: rule.expr for rule in records()}
    todo, seen = [alert.expr], set()
    while todo:
        for selected in selectors(parsed(todo.pop())):
            if selected.metric in by_name and selected.metric not in seen:
                seen.add(selected.metric)
                todo.append(by_name[selected.metric])
            if selected.metric == "prober_probe_failures_total":
                matched = {label: value for label, _, value in selected.matchers}
                assert matched.get("fault") == "target|network|unknown" or "error_class" in matched


@pytest.mark.parametrize("alert", [alert for alert in alerts() if alert.name in OUTAGE], ids=str)
def test_a_blind_prober_has_no_say_in_an_outage(alert: Rule) -> None:
    """The rules themselves leave it out, without any help of Alertmanager's."""
    by_name = {rule.name: rule.expr for rule in records()}
    text = alert.expr
    for _ in range(3):
        text = re.sub("|".join(map(re.escape, by_name)), lambda found: f"({by_name[found[0]]})", text)
    assert "prober_connectivity == 0" in text


def test_groups_are_evaluated_as_often_as_their_readers_need() -> None:
    """At least every two minutes: what is recorded less than every five is not there in between."""
    for path in RULES.iterdir():
        for group in yaml.safe_load(path.read_text())["groups"]:
            number, unit = group["interval"][:-1], group["interval"][-1]
            assert 15 <= int(number) * {"s": 1, "m": 60}[unit] <= 120, group["name"]


# --- what they say ---


@ALERT
def test_labels_are_for_routing(alert: Rule) -> None:
    """Severity and fault are on every alert, from closed sets; provider and service come with the series."""
    assert alert.labels.keys() == {"severity", "fault"}
    assert alert.labels["severity"] in ({"none"} if alert.name == ALWAYS else {"critical", "warning", "info"})
    assert alert.labels["fault"] in set(Fault)
    assert alert.name.startswith("Probe")


@ALERT
def test_annotations_say_what_why_and_what_to_do(alert: Rule) -> None:
    """A line, a sentence or two, and a link to the alert's own page."""
    assert alert.annotations.keys() == {"summary", "description", "runbook_url"}
    assert alert.annotations["runbook_url"] == f"docs/runbooks/{alert.name}.md"
    assert "\n" not in alert.annotations["summary"]
    used = set(re.findall(r"\$labels\.(\w+)|\.Labels\.(\w+)", " ".join(alert.annotations.values())))
    assert {one or other for one, other in used} <= LABELS


@ALERT
def test_provider_and_service_reach_whoever_is_called(alert: Rule) -> None:
    """Every case that fires for a probe or a service carries both; what is about prober itself has neither."""
    for name, expected in cases():
        if name == alert.name:
            for fired in expected:
                named = {"provider", "service"} & fired["exp_labels"].keys()
                assert named == (set() if name.startswith("Prober") else {"provider", "service"})
