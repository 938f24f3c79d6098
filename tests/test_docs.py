"""The documentation is complete and true: what is in the code is in the docs, and what the docs show works."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from prober.classify.status import Audience, status_rule
from prober.http.expect.demands import PREDICATES
from prober.http.expect.filters import FILTERS
from prober.http.expect.queries import QUERIES
from prober.http.expect.shorthand import SHORTHANDS
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass
from prober.probes import KINDS
from prober.probes.session import BUILT_IN
from prober.probes.step import ACTIONS
from prober.providers import PROTOCOLS
from prober.providers.catalogue import catalogue
from prober.simulator.faults.fault import SURFACES
from prober.sinks.document import MEASURES
from prober.sinks.metrics import Metrics, closed
from prober.sinks.state import States
from tests.conftest import CHECKOUT
from tests.deploy.rules import records
from tests.docs.blocks import names_in, renewed
from tests.docs.commands import commands
from tests.docs.examples import Example, examples, loaded, outcomes
from tests.docs.generators import GENERATORS
from tests.docs.measurements import GROUPS, metric_table
from tests.docs.pages import Page, pages
from tests.docs.raised import details_of
from tests.docs.settings import classes_of_settings, rows
from tests.web.browser import fetch
from tests.web.world import realistic

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {page.name: page for page in pages()}
EVERY = pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
EXAMPLES = examples()
NOT_OURS = {"CONTRIBUTING.md", "SECURITY.md"}
"""Pages with tests of their own."""


def _generated(page: str, name: str) -> set[str]:
    return {argument for each, argument in names_in(PAGES[page].text) if each == name}


def _code(page: str) -> set[str]:
    """Everything between backticks on a page, and each word of it."""
    spans = re.findall(r"`([^`\n]+)`", PAGES[page].prose)
    return {word for span in spans for word in (span, *re.findall(r"[\w./-]+", span))}


# --- what is made from the code ---


@EVERY
def test_what_is_made_from_the_code_is_up_to_date(page: Page) -> None:
    """Byte by byte; ``python -m tests.docs`` writes it."""
    assert renewed(page.text, GENERATORS) == page.text


def test_every_setting_has_a_table() -> None:
    """A journey has the keys of a login, so that one table is enough."""
    assert rows("journey") == rows("login")
    assert _generated("docs/configuration.md", "settings") == classes_of_settings().keys() - {"journey"}


def test_every_threshold_is_named() -> None:
    """The keys of ``slow`` stand below the heading of each kind."""
    text = PAGES["docs/configuration.md"].text
    for kind in KINDS.values():
        keys = ", ".join(f"`{key}`" for key in ("total", *kind.slow))
        assert re.search(
            rf"^## [^\n]*\b{kind.name}\b[^#]*?Keys of `slow`: {keys}\.$", text, re.MULTILINE | re.DOTALL
        ), kind.name


def test_every_command_has_its_help() -> None:
    """With all its options, as click says it."""
    assert _generated("docs/cli.md", "help") == commands().keys()


def test_every_group_of_metrics_has_a_table() -> None:
    """And no metric is in two."""
    assert _generated("docs/metrics.md", "metrics") == GROUPS.keys()


def test_every_exposed_metric_is_in_a_table(tmp_path: Path) -> None:
    """Every name and type in the exposition of every kind of probe stands in the docs."""
    of_kinds = [each for each in EXAMPLES if each.page.startswith("docs/kinds/")]
    probes = tuple(probe for each in of_kinds for probe in loaded(each.block.text, tmp_path).probes)
    assert {probe.kind.name for probe in probes} == KINDS.keys()
    metrics = Metrics(version="1", states=States())
    metrics.configure(probes, "here", connectivity=True)
    exposed = re.findall(r"^# TYPE (\S+) (\S+)$", metrics.render_now().decode(), re.MULTILINE)
    documented = re.findall(r"^\| `(\w+)` \| (\w+)", "\n".join(map(metric_table, GROUPS)), re.MULTILINE)
    assert sorted(exposed) == sorted(documented)


# --- what is written by hand, and complete ---


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_and_an_example(kind: str) -> None:
    """It is linked from the table of the README, and an example of it runs."""
    found = re.search(rf"^\| \[`{kind}`\]\((docs/kinds/\w+\.md)", PAGES["README.md"].text, re.MULTILINE)
    assert found, kind
    assert any(each.page == found[1] and each.runs and f"kind: {kind}" in each.block.text for each in EXAMPLES)


@pytest.mark.parametrize("error_class", ErrorClass)
def test_every_error_class_has_a_section(error_class: ErrorClass) -> None:
    """It says what to do, and lists the details."""
    page = PAGES["docs/classes.md"]
    section = re.search(rf"^## {error_class}\n(.*?)(?=^## |\Z)", page.text, re.MULTILINE | re.DOTALL)
    assert section, error_class
    assert f"<!-- generated: details {error_class} -->" in section[1]
    assert "**Do:**" in section[1] or not details_of()[error_class]


def test_the_table_of_statuses_is_the_one_that_counts() -> None:
    """Each row of it, for an API and for a page."""
    said: dict[int, tuple[str, str]] = {}
    for statuses, api, other in re.findall(
        r"^\| ([\d ,to]+) \| ([^|]+) \| ([^|]+) \|$", PAGES["docs/classes.md"].text, re.MULTILINE
    ):
        for first, last in re.findall(r"(\d{3})(?: to (\d{3}))?", statuses):
            row = (api, api if other == "the same" else other)
            said |= dict.fromkeys(range(int(first), int(last or first) + 1), row)
    for status, row in said.items():
        for audience, text in zip((Audience.API, Audience.PAGE), row, strict=True):
            rule = status_rule(status, audience)
            assert f"{rule.error_class} / {rule.detail}" in text, status
    assert said.keys() >= {400, 401, 402, 403, 404, 408, 409, 413, 429, 451, 502, 503, 504, 524, 529}


@EVERY
def test_a_class_is_named_with_a_detail_of_its_own(page: Page) -> None:
    """Where a page says ``class / detail``, the code raises that pair."""
    for name, detail in re.findall(r"\b(\w+)`? / `?(\w+)", page.prose):
        if name in set(ErrorClass) and detail != "by":
            assert detail in details_of()[ErrorClass(name)], f"{name} / {detail}"


WORDS = {
    "docs/expect.md": {*QUERIES, *FILTERS, *PREDICATES, *SHORTHANDS},
    "docs/kinds/login.md": {*ACTIONS, *BUILT_IN},
    "docs/kinds/chat.md": {*PROTOCOLS, *catalogue()},
    "docs/operate.md": {*closed.SKIP_REASONS, *closed.PROBE_STATES, *closed.SERVICE_STATES, *closed.RESULTS},
    "docs/simulator.md": set(SURFACES),
    "docs/classes.md": {*ErrorClass, *DETAILS},
}


@pytest.mark.parametrize("page", WORDS)
def test_every_word_of_a_closed_set_is_explained(page: str) -> None:
    """Queries, filters, steps, states, reasons, surfaces: each stands as code on the page about them."""
    assert WORDS[page] - _code(page) - PAGES[page].anchors() == set()


def test_every_address_of_the_web_interface_is_listed() -> None:
    """With its method."""
    text = (CHECKOUT / "prober/web/application.py").read_text()
    routes = {(method.upper(), path) for method, path in re.findall(r'add_(get|post)\("([^"]+)"', text)}
    listed = re.findall(r"^\| `(GET|POST) (\S+)` \|", PAGES["docs/http-api.md"].text, re.MULTILINE)
    assert {(method, path.replace("NAME", "{name}")) for method, path in listed} == routes


# --- what is shown, and works ---


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_loads(example: Example, tmp_path: Path) -> None:
    """Every configuration in the docs is valid as it stands, and none of its probes lacks a variable."""
    config = loaded(example.block.text, tmp_path)
    assert [probe.name for probe in config.probes if probe.disabled] == []
    assert config.warnings == () or config.probes == ()


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.runs], ids=str)
def test_an_example_does_what_the_page_says(example: Example, tmp_path: Path) -> None:
    """Against the simulator each probe succeeds, or fails for the reason that the page names."""
    seen = asyncio.run(outcomes(example, tmp_path))
    assert seen == {name: example.ends.get(name, "ok") for name in seen}
    assert seen.keys() >= example.ends.keys()


@EVERY
def test_yaml_is_yaml_and_a_configuration_is_an_example(page: Page) -> None:
    """What begins with a version is marked as an example, so that it is loaded."""
    for block in page.blocks("yaml"):
        document = yaml.safe_load(block.text)
        if isinstance(document, dict) and "version" in document and page.name not in NOT_OURS:
            assert block.note.startswith("example: "), f"{page.name}:{block.line}"


@EVERY
def test_a_query_is_one_and_asks_for_metrics_that_exist(page: Page, tmp_path: Path) -> None:
    """Prometheus' own tool reads queries and rules; whatever begins with ``prober_`` is a metric, or recorded."""
    known = {name for name, _ in re.findall(r"^\| `(\w+)` \| (\w+)", PAGES["docs/metrics.md"].text, re.MULTILINE)}
    recorded = "|".join(sorted((rule.name for rule in records()), reverse=True))
    unrecorded = re.sub(rf"\b({recorded})\b", "", page.text)
    named = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bprober_\w+", unrecorded)}
    assert {name for name in named if not name.endswith("_")} - known - {"prober_error"} == set()
    queries = [query for block in page.blocks("promql") for query in re.split(r"\n\s*\n", block.text)]
    rules = [{"record": f"doc:{index}", "expr": query} for index, query in enumerate(queries)]
    files = [{"groups": [{"name": "doc", "rules": rules}]}] if rules else []
    files += [yaml.safe_load(block.text) for block in page.blocks("yaml") if block.title.endswith("rules.yml")]
    for index, content in enumerate(files):
        path = tmp_path / f"{index}.yml"
        path.write_text(yaml.safe_dump(content))
        done = subprocess.run(
            ["promtool", "check", "rules", path], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@EVERY
def test_queries_do_not_mislead(page: Page) -> None:
    """``max_over_time`` of a success hides outages, and ``or vector(0)`` paints a dead prober healthy."""
    shown = "\n".join(block.text for language in ("promql", "yaml") for block in page.blocks(language))
    assert not re.search(r"max_over_time|vector\(0\)", shown)


@EVERY
def test_links_lead_somewhere(page: Page) -> None:
    """Every file, image and heading that is linked exists."""
    for link in page.links():
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), link
        name = str(target.relative_to(CHECKOUT))
        assert not anchor or anchor in PAGES[name].anchors(), link


def test_every_page_is_found_from_the_readme() -> None:
    """Directly, or from a page that is."""
    found, waiting = {"README.md"}, ["README.md"]
    while waiting:
        page = PAGES[waiting.pop()]
        paths = [(page.path.parent / link.partition("#")[0]).resolve() for link in page.links() if "://" not in link]
        names = {str(path.relative_to(CHECKOUT)) for path in paths} & PAGES.keys() - found
        found |= names
        waiting += names
    assert found == PAGES.keys()


@EVERY
def test_nothing_is_left_to_do(page: Page) -> None:
    """No page has a placeholder, nor a word of how it came about."""
    assert not re.search(r"\b(TODO|TBD|FIXME|XXX)\b|\bissue \d", page.text)


def test_the_targets_of_make_exist() -> None:
    """Each ``make`` in the docs is a target of the Makefile."""
    targets = set(re.findall(r"^(\w[\w-]*):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for page in PAGES.values()
        for name in re.findall(r"^(?:`{3})?make (\w+)|`make (\w+)", page.text, re.MULTILINE)
    }
    assert {one or other for one, other in named} <= targets


# --- the shape of JSON ---


def _shape(value: object) -> object:
    """The keys of a JSON value, in their order; a list by its first member."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(each) for each in value[:1]] if isinstance(value, list) else None


def test_the_json_of_the_api_has_the_documented_keys() -> None:
    """Of a probe with all its measures, of its history, of an incident; in the order of the page."""
    page = PAGES["docs/http-api.md"]
    shown = {block.note.removeprefix("shape: "): json.loads(block.text) for block in page.blocks("json")}
    world = realistic()
    probes = fetch(world, "/api/v1/probes").json()
    history = fetch(world, "/api/v1/probes/chatgpt-sign-in").json()["history"]
    with_timeline = next(each for each in fetch(world, "/api/v1/incidents").json() if each["timeline"])
    assert _shape(shown["incident"]) == _shape(with_timeline)
    assert _shape(shown["history"]) == _shape(history[0])
    probe = next(each for each in probes if each["kind"] == "chat" and each["phases"])
    assert [*shown["probe"]] == [*probe]
    assert [*shown["probe"]["measures"]] == [*MEASURES]
    assert _shape(shown["probe"]["phases"]) == _shape(probe["phases"])
