"""The committed dashboards, and every query in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import promql_parser

from tests.conftest import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "FOLDER",
    "Expr",
    "Query",
    "Selected",
    "boards",
    "every_panel",
    "every_query",
    "filled",
    "nodes",
    "panels",
    "parsed",
    "queries",
    "selectors",
    "variable_queries",
]

Json = dict[str, Any]
Expr = promql_parser.Expr

FOLDER = CHECKOUT / "grafana/dashboards"
_MACROS = {"__rate_interval": "5m", "__interval": "2m", "__range": "6h"}
_NAMED = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of a panel, of an annotation or of a variable."""

    board: str
    panel: str
    kind: str
    ref: str
    expr: str
    instant: bool = False
    legend: str = ""

    def __str__(self) -> str:
        return f"{self.board}: {self.panel} {self.ref}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A selector of a query: a metric with its matchers, and what stands around it, the innermost last."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]
    around: tuple[Expr, ...]


@cache
def boards() -> Mapping[str, Json]:
    """Each dashboard by the name of its file."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def panels(board: Json) -> list[Json]:
    """The panels that show something: all but the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


@cache
def queries() -> tuple[Query, ...]:
    """The queries of all panels, and of the annotations that Prometheus answers."""
    return tuple(_queries())


def _queries() -> Iterator[Query]:
    for name, board in boards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Query(
                    board=name, panel=panel["title"], kind=panel["type"], ref=target["refId"], expr=target["expr"],
                    instant=target["instant"], legend=target["legendFormat"],
                )  # fmt: skip
        for note in board["annotations"]["list"]:
            if "expr" in note:
                legend = note["titleFormat"] + note["textFormat"]
                yield Query(board=name, panel=note["name"], kind="annotation", ref="", expr=note["expr"], legend=legend)


def every_panel() -> dict[str, Json]:
    """The panels of all dashboards by their names."""
    return {f"{name}: {panel['title']}": panel for name, board in boards().items() for panel in panels(board)}


def every_query() -> dict[str, Query]:
    """The queries of all dashboards by their names."""
    return {str(query): query for query in queries()}


def variable_queries(board: str) -> Iterator[tuple[str, str, str]]:
    """Name, selector and label of each variable that Prometheus fills."""
    for variable in boards()[board]["templating"]["list"]:
        if variable["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
            assert found, variable["query"]
            yield variable["name"], found[1], found[2]


def filled(expr: str, values: Mapping[str, str]) -> str:
    """The query as Grafana would send it."""
    return _NAMED.sub(lambda found: values[found[1]], expr)


def parsed(expr: str) -> Expr:
    """The query as a tree. Variables inside of matchers are texts, so that they can stay."""
    return promql_parser.parse(_NAMED.sub(lambda found: _MACROS.get(found[1], found[0]), expr))


def nodes(expr: Expr) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """Every part of a query with what stands around it."""
    found: list[tuple[Expr, tuple[Expr, ...]]] = []
    path: list[Expr] = []

    def enter(node: Expr) -> None:
        found.append((node, tuple(path)))
        path.append(node)

    def leave(_node: Expr) -> None:
        path.pop()

    promql_parser.walk(expr, enter, leave)
    return iter(found)


def selectors(expr: Expr) -> Iterator[Selected]:
    """Every selector of a query."""
    for node, around in nodes(expr):
        vector = node.vector_selector if isinstance(node, promql_parser.MatrixSelector) else node
        inside_matrix = bool(around) and isinstance(around[-1], promql_parser.MatrixSelector)
        if isinstance(vector, promql_parser.VectorSelector) and not inside_matrix:
            outside = (*around, node) if vector is not node else around
            matchers = tuple((each.name, str(each.op), each.value) for each in vector.matchers.matchers)
            yield Selected(metric=vector.name or "", matchers=matchers, around=outside)
