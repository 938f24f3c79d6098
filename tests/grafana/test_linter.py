"""The rules of Grafana's dashboard-linter, a Go program: what makes dashboards work in any Grafana."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest

from tests.each import of_each
from tests.grafana.boards import Query, boards, every_panel, every_query, nodes, parsed, queries, selectors
from tests.grafana.known import COUNTERS, OF_PROMETHEUS

BOARD = pytest.mark.parametrize("name", boards())
PANEL = of_each(every_panel())
QUERY = of_each(every_query())
OF_PANELS = of_each({name: query for name, query in every_query().items() if query.kind != "annotation"})

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"none", "short", "percentunit", "s", "d", "bytes"}
"""Of Grafana's units those that we use; it shows any other word as it is."""
RATES = {"rate", "irate", "increase"}


def _variables(name: str) -> dict[str, Any]:
    return {variable["name"]: variable for variable in boards()[name]["templating"]["list"]}


@BOARD
def test_the_data_source_is_a_variable(name: str) -> None:
    """template-datasource-rule."""
    source = _variables(name)["datasource"]
    assert (source["type"], source["query"], source["label"]) == ("datasource", "prometheus", "Data source")


@BOARD
@pytest.mark.parametrize("label", ["job", "instance"])
def test_job_and_instance_are_variables(name: str, label: str) -> None:
    """template-job-rule, template-instance-rule."""
    variable = _variables(name)[label]
    assert variable["datasource"] == DATASOURCE
    assert (variable["type"], variable["label"], variable["multi"], variable["allValue"]) == (
        "query", label.capitalize(), True, ".+",
    )  # fmt: skip


@BOARD
def test_variables_are_asked_for_valid_selectors_whenever_the_time_changes(name: str) -> None:
    """template-label-promql-rule, template-on-time-change-reload-rule."""
    asked = [variable for variable in _variables(name).values() if variable["type"] == "query"]
    assert {variable["refresh"] for variable in asked} == {2}
    for variable in asked:
        assert variable["query"]["query"] == variable["definition"]
        promql_parser.parse(variable["definition"].removeprefix("label_values(").rpartition(", ")[0])


@PANEL
def test_a_panel_asks_the_variable_data_source(panel: dict[str, Any]) -> None:
    """panel-datasource-rule, panel-no-targets-rule."""
    assert panel["targets"]
    assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])] == [DATASOURCE] * (
        1 + len(panel["targets"])
    )


@PANEL
def test_a_panel_has_a_title_a_description_and_a_unit(panel: dict[str, Any]) -> None:
    """panel-title-description-rule, panel-units-rule; the unit is asked of every panel here, with mappings or not."""
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    properties = [each for override in panel["fieldConfig"]["overrides"] for each in override["properties"]]
    assert {each["value"] for each in properties if each["id"] == "unit"} <= UNITS


@QUERY
def test_a_query_is_promql(query: Query) -> None:
    """target-promql-rule."""
    assert [*nodes(parsed(query.expr))]


@OF_PANELS
def test_a_rate_is_over_the_rate_interval(query: Query) -> None:
    """target-rate-interval-rule: any other window is empty at one zoom, or counts twice at another."""
    for node, around in nodes(parsed(query.expr.replace("$__rate_interval", "11m"))):
        if isinstance(node, promql_parser.MatrixSelector) and isinstance(around[-1], promql_parser.Call):
            assert around[-1].func.name not in {"rate", "irate"} or node.range.total_seconds() == 11 * 60


@OF_PANELS
def test_a_query_is_about_the_chosen_jobs_and_instances(query: Query) -> None:
    """target-job-rule, target-instance-rule; alerts need not have these labels."""
    for selected in selectors(parsed(query.expr)):
        wanted = {("job", "MatchOp.Re", "$job"), ("instance", "MatchOp.Re", "$instance")}
        assert selected.metric.startswith("ALERTS") or wanted <= {*selected.matchers}, selected.metric


@OF_PANELS
def test_a_counter_is_never_read_bare(query: Query) -> None:
    """target-counter-agg-rule; a counter's own value says when the process began, and little else."""
    for selected in selectors(parsed(query.expr)):
        if selected.metric in COUNTERS or selected.metric.endswith("_bucket"):
            call = selected.around[-2]
            assert isinstance(call, promql_parser.Call), selected.metric
            assert call.func.name in RATES, selected.metric


@BOARD
def test_what_is_provisioned_is_not_edited(name: str) -> None:
    """uneditable-dashboard-rule."""
    assert boards()[name]["editable"] is False


def test_what_prometheus_adds_is_used() -> None:
    """The list of metrics that are not prober's own has none too many."""
    assert {
        selected.metric for query in queries() for selected in selectors(parsed(query.expr))
    } >= OF_PROMETHEUS.keys()
