"""The runbooks: one page an alert, with all that whoever is called needs."""

from __future__ import annotations

import re
from itertools import chain

from tests.deploy.closed_values import closed_values
from tests.deploy.rules import RUNBOOKS, Rule, alerts, records
from tests.docs.blocks import names_in
from tests.docs.pages import Page
from tests.each import of_each
from tests.grafana.boards import parsed, selectors
from tests.grafana.known import OF_PROMETHEUS, SAMPLES

ALERT = of_each({str(alert): alert for alert in alerts()})
RECORDED = {rule.name for rule in records()}
LABELS = frozenset({"pod"}).union(*SAMPLES.values())
KNOWN = {**SAMPLES, **OF_PROMETHEUS, **dict.fromkeys(RECORDED, LABELS)}
ALERTS_PAGE = RUNBOOKS.parent / "alerts.md"


def _page(alert: Rule) -> Page:
    path = RUNBOOKS / f"{alert.name}.md"
    return Page(path=path, text=path.read_text())


def _section(page: Page, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?=^## |\Z)", page.text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    """The name of the file is that of the alert."""
    assert sorted(path.name for path in RUNBOOKS.iterdir()) == sorted(f"{alert.name}.md" for alert in alerts())


@ALERT
def test_a_page_has_its_sections_in_their_order(alert: Rule) -> None:
    """What it means, three things to look at first, queries, and when it is no trouble."""
    page = _page(alert)
    assert page.text.startswith(f"# {alert.name}\n\n")
    assert re.findall(r"^## (.+)$", page.prose, re.MULTILINE) == [
        "Meaning",
        "Look at first",
        "PromQL",
        "False positives",
    ]
    assert re.findall(r"^(\d)\. ", _section(page, "Look at first"), re.MULTILINE) == ["1", "2", "3"]
    assert len(page.blocks("promql")) == 1
    assert len(re.findall(r"^- ", _section(page, "False positives"), re.MULTILINE)) >= 2


@ALERT
def test_a_page_says_severity_and_fault_as_the_rule_has_them(alert: Rule) -> None:
    """In its first line."""
    first = _page(alert).text.splitlines()[2]
    assert first.startswith(f"Severity `{alert.labels['severity']}`, fault `{alert.labels['fault']}`;")


@ALERT
def test_a_query_asks_for_what_there_is(alert: Rule) -> None:
    """Two queries at least; each metric, label and closed value is exported, or recorded by the rules."""
    (block,) = _page(alert).blocks("promql")
    queries = re.split(r"\n\s*\n", block.text)
    assert len(queries) >= 2
    for selected in chain(*(selectors(parsed(query)) for query in queries)):
        if selected.metric.startswith("prometheus_"):
            continue  # what Prometheus says of itself
        assert selected.metric in KNOWN, selected.metric
        for label, _, value in selected.matchers:
            assert label in KNOWN[selected.metric], f"{selected.metric}: {label}"
            if label in closed_values() and selected.metric in SAMPLES:
                assert set(value.split("|")) <= closed_values()[label], f"{label}: {value}"


def test_the_page_of_alerts_has_all_of_them_and_all_that_is_recorded() -> None:
    """A table for each file of rules; and each recorded series by its name."""
    text = ALERTS_PAGE.read_text()
    assert {argument for name, argument in names_in(text) if name == "alerts"} == {
        alert.file.stem for alert in alerts()
    }
    code = set(re.findall(r"`([^`\n]+)`", text))
    stems = [name for name in code if ":" in name]
    spelled = code | {re.sub(r"\d+[mhd]$", window, name) for name in stems for window in code if len(window) <= 3}
    assert spelled >= RECORDED, RECORDED - spelled
