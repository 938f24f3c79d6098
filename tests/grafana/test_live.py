"""Every query of every dashboard, asked of a real Prometheus after the demo's scenario has been played."""

from __future__ import annotations

import json
import math
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest

from tests.grafana.boards import Query, boards, filled, queries, variable_queries
from tests.grafana.stage import Stage, played
from tests.real.process import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = {
    **dict.fromkeys(("job", "instance"), ".+"),
    **dict.fromkeys(("location", "provider", "service", "probe", "model", "login"), ".*"),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The past that all tests ask for."""
    with played(tmp_path_factory.mktemp("stage")) as after:
        yield after


def _ask(stage: Stage, path: str, **parameters: str) -> Any:
    url = f"{stage.prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    answer = json.loads(fetch(url))
    assert answer["status"] == "success", answer
    return answer["data"]


def _values(stage: Stage, query: Query, *, at: float | None = None, **chosen: str) -> dict[str, list[float]]:
    """The numbers of each series of a query as Grafana would ask it, at the end or over time, by the series' labels."""
    end = stage.ended if at is None else at
    times = {"__rate_interval": "4s", "__interval": "4s", "__range": f"{math.ceil(end - stage.began)}s"}
    expr = filled(query.expr, {**_VARIABLES, **times, **chosen})
    if query.instant:
        found = _ask(stage, "query", query=expr, time=f"{end:.3f}")["result"]
        pairs = [(series["metric"], [series["value"]]) for series in found]
    else:
        time = {"start": f"{stage.began:.3f}", "end": f"{end:.3f}", "step": "1"}
        found = _ask(stage, "query_range", query=expr, **time)["result"]
        pairs = [(series["metric"], series["values"]) for series in found]
    return {json.dumps(labels, sort_keys=True): [float(value) for _, value in values] for labels, values in pairs}


def _panel(board: str, title: str, ref: str = "A") -> Query:
    return next(each for each in queries() if (each.board, each.panel, each.ref) == (board, title, ref))


def _of(found: dict[str, list[float]], **labels: str) -> list[float]:
    """The numbers of the one series that has these labels."""
    (numbers,) = (each for name, each in found.items() if json.loads(name).items() >= labels.items())
    return numbers


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", boards())
def test_every_query_has_data(stage: Stage, name: str) -> None:
    """None is empty, and none has only what is no number."""
    empty = []
    for query in (query for query in queries() if query.board == name):
        numbers = [value for values in _values(stage, query).values() for value in values]
        if not any(math.isfinite(number) for number in numbers):
            empty.append((str(query), query.expr))
    assert empty == []


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", boards())
def test_a_variable_has_values(stage: Stage, name: str) -> None:
    """Each of them, as Grafana asks for them."""
    for _, selector, label in variable_queries(name):
        found = _ask(stage, f"label/{label}/values", **{"match[]": filled(selector, _VARIABLES)})
        assert found, label


@pytest.mark.timeout(180)
def test_the_timeline_tells_partial_from_full_from_blind_from_nothing(stage: Stage) -> None:
    """Between 0 and 1, 0, -1, and -2 where the data end; and 1 where all is well."""
    services = _values(stage, _panel("overview", "Services"))
    sign_in = _of(services, provider="parrot", service="login")
    assert min(sign_in) == 0.0
    assert sign_in[-1] == 1.0
    assert all(0 < number < 1 for number in _of(services, provider="zoo", service="gateway")[5:])
    # A run that is void because the machine is busy has seen nothing
    assert {0.0} <= {*_of(services, provider="magpie", service="web")[5:]} <= {0.0, -1.0}
    chats = _values(stage, _panel("chat", "Chats"))
    assert {*_of(chats, probe="blind")} == {-1.0}
    assert {*_of(chats, probe="keyless")} == {-2.0}
    signs_in = _values(stage, _panel("login-and-pages", "Sign-ins, journeys and pages"))
    assert {*_of(signs_in, probe="held")} == {-1.0}
    assert 1.0 in _of(signs_in, probe="browser")
    places = _values(stage, _panel("overview", "By location"))
    assert _of(places, location="(none)")[-1] == -2.0
    assert 0 < _of(places, location="fra1")[-1] < 1


@pytest.mark.timeout(180)
def test_what_is_our_own_counts_against_nobody(stage: Stage) -> None:
    """A key that is refused is a reason, and ours; it has no availability, and none of the budget is lost by it."""
    by_class = _values(stage, _panel("overview", "Why, counted"))
    assert _of(by_class, probe="blind", error_class="auth_rejected", fault="us")[0] > 3
    spent = _values(stage, _panel("overview", "Error budget", "E"), at=stage.died)
    assert _of(spent, probe="blind") == [0.0]


@pytest.mark.timeout(180)
def test_a_dead_prober_is_seen(stage: Stage) -> None:
    """One of two does not answer; while it did, its probes without a location were in every picture."""
    (share,) = _values(stage, _panel("overview", "Probers answering")).values()
    assert share == [0.5]
    answers = _values(stage, _panel("prober", "Locations", "C"))
    assert sorted(number for numbers in answers.values() for number in numbers) == [0.0, 1.0]


WITHOUT_A_PLACE = ("Services", "Failing now", "By location", "Availability", "Why, counted", "Slowest", "Certificates")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("title", WITHOUT_A_PLACE)
def test_a_prober_without_a_location_is_shown(stage: Stage, title: str) -> None:
    """Where the label is missing nothing else is."""
    found = _values(stage, _panel("overview", title), at=stage.died, job="prober-1")
    assert any(math.isfinite(number) for numbers in found.values() for number in numbers)
    assert {json.loads(labels).get("location", "(none)") for labels in found} == {"(none)"}
