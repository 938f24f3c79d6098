"""What we ask of the dashboards beside the linter's rules: that they are made, fit, and show what there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from typing import TYPE_CHECKING, Any

import promql_parser
import pytest
import yaml

from tests.conftest import CHECKOUT
from tests.each import of_each
from tests.grafana.boards import (
    FOLDER,
    Query,
    boards,
    every_panel,
    every_query,
    nodes,
    panels,
    parsed,
    selectors,
    variable_queries,
)
from tests.grafana.known import OF_PROMETHEUS, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

BOARD = pytest.mark.parametrize("name", boards())
PANEL = of_each(every_panel())
QUERY = of_each(every_query())

CORE = {"stat", "timeseries", "state-timeline", "status-history", "heatmap", "table", "text"}
"""Panels that Grafana has had from 10 to 13."""
KNOWN = {**SAMPLES, **OF_PROMETHEUS}
TIMES = {"Time", "Value"}


def test_the_committed_files_are_what_the_code_writes(tmp_path: Path) -> None:
    """Byte by byte; ``python -m grafana`` writes them."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    environment.pop("PYTHONSAFEPATH", None)
    subprocess.run([sys.executable, "-m", "grafana", str(tmp_path)], check=True, env=environment, timeout=60)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in FOLDER.iterdir())
    for path in FOLDER.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@BOARD
def test_the_form_is_one_that_grafana_10_to_13_import_and_provision(name: str) -> None:
    """Classic JSON without an id of one installation or inputs that only the import wizard fills in."""
    board = boards()[name]
    assert board["schemaVersion"] == 41
    assert re.fullmatch(r"[a-z-]{1,40}", board["uid"])
    assert not board.keys() & {"id", "__inputs", "__requires", "__elements", "apiVersion", "spec"}
    assert isinstance(board["refresh"], str)
    assert board["timepicker"] == {}


def test_dashboards_are_told_apart_and_linked() -> None:
    """Each has its own uid and title, and leads to the others with the time and the variables."""
    found = boards().values()
    assert len(found) == 4
    assert len({board["uid"] for board in found}) == len({board["title"] for board in found}) == 4
    for board in found:
        (links,) = board["links"]
        assert (links["type"], links["keepTime"], links["includeVars"]) == ("dashboards", True, True)
        assert all(set(links["tags"]) <= set(other["tags"]) for other in found)


@BOARD
def test_an_alert_is_marked_at_the_time_at_which_it_fires(name: str) -> None:
    """Grafana takes any text for yes, and would draw the marks at the value of the series, which is 1."""
    _, firing = boards()[name]["annotations"]["list"]
    assert (firing["enable"], firing["useValueForTime"]) == (True, False)


def test_what_is_chosen_is_kept_from_dashboard_to_dashboard() -> None:
    """All have the same variables, in the same order, so that a link loses none; some have one more."""
    names = [[variable["name"] for variable in board["templating"]["list"]] for board in boards().values()]
    common = ["datasource", "job", "instance", "location", "provider", "service", "probe"]
    assert [each[: len(common)] for each in names] == [common] * len(names)


@BOARD
def test_a_variable_also_stands_for_series_without_its_label(name: str) -> None:
    """*All* of the locations takes in probers that have none, as `.*` also matches what is not there."""
    for variable in boards()[name]["templating"]["list"]:
        if variable["type"] == "query" and variable["name"] not in {"job", "instance"}:
            assert (variable["multi"], variable["includeAll"], variable["allValue"]) == (True, True, ".*")


@BOARD
def test_panels_fill_the_width_and_do_not_overlap(name: str) -> None:
    """Every line of panels is 24 wide, and every place is taken once."""
    board = boards()[name]
    places = [panel["gridPos"] for panel in board["panels"]]
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
    for top in {place["y"] for place in places}:
        assert sum(place["w"] for place in places if place["y"] == top) == 24, top


@BOARD
def test_ids_are_unique(name: str) -> None:
    """Of panels in a dashboard, and of queries in a panel."""
    board = boards()[name]
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(numbers) == len(set(numbers))
    titles = [panel["title"] for panel in panels(board)]
    assert len(titles) == len(set(titles))
    for panel in panels(board):
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs))


@PANEL
def test_a_panel_is_a_core_one_and_says_what_to_do(panel: dict[str, Any]) -> None:
    """A description that fits into a tooltip, in whole sentences: what it is, and what to do about it."""
    assert panel["type"] in CORE
    assert 80 <= len(panel["description"]) <= 450
    assert panel["description"][-1] in ".?"
    assert len(re.findall(r"[.:;]\s", panel["description"])) >= 1


@PANEL
def test_no_data_is_grey(panel: dict[str, Any]) -> None:
    """Neither green nor red, but a text and a colour of its own; and no text that calls a dead prober well."""
    defaults = panel["fieldConfig"]["defaults"]
    assert re.search(r"^no data$|known|no prober answers", defaults["noValue"])
    assert defaults["thresholds"]["steps"]
    if panel["type"] in {"stat", "state-timeline", "status-history"}:
        special = [each["options"] for each in defaults["mappings"] if each["type"] == "special"]
        assert [(each["match"], each["result"]["color"]) for each in special] == [("null+nan", "#808080")]


@PANEL
def test_panels_of_states_and_counts_avoid_known_traps(panel: dict[str, Any]) -> None:
    """A timeline disconnects, a history is bounded, bars count in windows that do not overlap."""
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    match panel["type"]:
        case "state-timeline":
            assert custom["insertNulls"] > 0
            assert panel["fieldConfig"]["defaults"]["color"]["mode"] == "fixed"  # else mappings are not looked at
        case "status-history":
            assert panel["interval"]
            assert panel["maxDataPoints"] <= 200
        case "timeseries" if custom["drawStyle"] == "bars" and panel["fieldConfig"]["defaults"]["unit"] == "none":
            assert all("[$__interval]" in target["expr"] for target in panel["targets"])
        case "table":
            assert all(target["instant"] and target["format"] == "table" for target in panel["targets"])


@QUERY
def test_a_query_hides_no_outage(query: Query) -> None:
    """``vector(0)`` paints a dead prober healthy; ``max_over_time`` of a success, or of a state, hides an outage."""
    assert "vector(" not in query.expr
    assert not re.search(r"max_over_time\(prober_(probe_success|\w+_state|connectivity)", query.expr)


@QUERY
def test_a_query_is_of_metrics_and_labels_that_exist(query: Query) -> None:
    """In the exporter's own catalogue; so a metric that is renamed cannot leave an empty panel behind."""
    tree = parsed(query.expr)
    found = [*selectors(tree)]
    for selected in found:
        assert selected.metric in KNOWN
        assert {name for name, _, _ in selected.matchers} <= KNOWN[selected.metric], selected.metric
    there = {label for selected in found for label in KNOWN[selected.metric]}
    assert {*_grouped(tree), *re.findall(r"{{(\w+)}}", query.legend)} <= there


def _grouped(tree: promql_parser.Expr) -> set[str]:
    """The labels by which a query aggregates and joins."""
    found: set[str] = set()
    for node, _ in nodes(tree):
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            found |= {*node.modifier.labels}
        if isinstance(node, promql_parser.BinaryExpr) and node.modifier is not None and node.modifier.matching:
            found |= {*node.modifier.matching.labels, *(node.modifier.group_labels or ())}
    return found


@PANEL
def test_a_legend_has_only_labels_that_the_query_keeps(panel: dict[str, Any]) -> None:
    """What an aggregation drops would stay empty in the legend."""
    for target in panel["targets"]:
        tree = parsed(target["expr"])
        kept = _grouped(tree)
        if any(isinstance(node, promql_parser.AggregateExpr) for node, _ in nodes(tree)):
            assert {*re.findall(r"{{(\w+)}}", target["legendFormat"])} <= kept | {"instance"}


@PANEL
def test_the_columns_of_a_table_are_labels_or_values_of_its_queries(panel: dict[str, Any]) -> None:
    """A column that no query fills, or one that looks like nothing since its name changed, is noticed here."""
    if panel["type"] != "table":
        return
    organize = panel["transformations"][-1]["options"]
    labels = {label for target in panel["targets"] for label in _grouped(parsed(target["expr"]))}
    refs = [target["refId"] for target in panel["targets"]]
    values = {f"Value #{ref}" for ref in refs} if len(refs) > 1 else {"Value"}
    columns = organize["renameByName"]
    assert columns.keys() <= labels | values
    assert values <= columns.keys()
    matchers = [override["matcher"] for override in panel["fieldConfig"]["overrides"]]
    assert {each["options"] for each in matchers if each["id"] == "byName"} <= {*columns.values()}
    assert panel["options"]["sortBy"][0]["displayName"] in columns.values()


@BOARD
def test_variables_are_filled_from_metrics_that_exist(name: str) -> None:
    """With a label that the metric has."""
    for _, selector, label in variable_queries(name):
        (selected,) = selectors(parsed(selector))
        assert {label, *(matched for matched, _, _ in selected.matchers)} <= SAMPLES[selected.metric]


def test_the_provisioning_finds_the_dashboards() -> None:
    """The files that Grafana reads at its start are what it wants, and name one data source with a fixed uid."""
    folder = CHECKOUT / "grafana/provisioning"
    (source,) = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["uid"], source["jsonData"]["timeInterval"]) == (
        "prometheus",
        "prober-prometheus",
        "15s",
    )
    (provider,) = yaml.safe_load((folder / "dashboards/prober.yml").read_text())["providers"]
    assert (provider["type"], provider["options"]["path"]) == ("file", "/var/lib/grafana/dashboards")
