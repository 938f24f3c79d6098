"""The status page: Statuspage v2, saying what the script says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.company import against

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

INCIDENT = {"name": "High error rates", "status": "identified", "impact": "critical", "body": "An upstream provider."}
OUTAGE = {
    "fault": "declare",
    "indicator": "critical",
    "components": {"chat": "major_outage", "video": "partial_outage"},
    "incident": INCIDENT,
}


async def _get(simulator: Simulator, http: aiohttp.ClientSession, part: str) -> Any:
    async with http.get(f"{simulator.url}/status/api/v2/{part}.json") as response:
        assert (response.status, response.content_type) == (200, "application/json")
        return await response.json()


def test_without_a_word_from_the_company_all_is_well() -> None:
    """Whatever the other surfaces do: the page says what it is told."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        summary = await _get(simulator, http, "summary")
        assert summary["status"] == {"indicator": "none", "description": "All Systems Operational"}
        assert {component["status"] for component in summary["components"]} == {"operational"}
        assert (summary["incidents"], summary["scheduled_maintenances"]) == ([], [])
        assert summary["page"].keys() == {"id", "name", "url", "time_zone", "updated_at"}
        assert summary["page"]["url"] == f"{simulator.url}/status"

    against(visit, faults={"chat": [{"fault": "stall"}]})


def test_a_declared_outage() -> None:
    """Indicator, components by id, and the incident with its update."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        summary = await _get(simulator, http, "summary")
        assert summary["status"] == {"indicator": "critical", "description": "Major Service Outage"}
        states = {component["id"]: component["status"] for component in summary["components"]}
        assert states["parrot-chat"] == "major_outage"
        assert states["parrot-video"] == "partial_outage"
        assert states["parrot-web"] == "operational"
        (incident,) = summary["incidents"]
        assert (incident["name"], incident["status"], incident["impact"]) == (
            "High error rates",
            "identified",
            "critical",
        )
        assert incident["incident_updates"][0]["body"] == "An upstream provider."
        assert [component["id"] for component in incident["components"]] == ["parrot-chat", "parrot-video"]
        for name in ("created_at", "updated_at"):
            at = dt.datetime.fromisoformat(incident[name])
            assert abs((dt.datetime.now(dt.UTC) - at).total_seconds()) < 60

    against(visit, faults={"status_page": [OUTAGE]})


def test_an_incident_keeps_its_beginning() -> None:
    """A later step of the same incident is an update of it."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        first = (await _get(simulator, http, "incidents"))["incidents"][0]
        simulator.faults.replace(
            {"status_page": [{**OUTAGE, "incident": {**INCIDENT, "status": "resolved"}, "description": "Better"}]}
        )
        later = (await _get(simulator, http, "incidents"))["incidents"][0]
        assert later["created_at"] == first["created_at"]
        assert (first["resolved_at"], later["resolved_at"]) == (None, later["updated_at"])
        assert (await _get(simulator, http, "incidents/unresolved"))["incidents"] == []
        assert (await _get(simulator, http, "status"))["status"]["description"] == "Better"

    against(visit, faults={"status_page": [OUTAGE]})


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        ("summary", {"page", "status", "components", "incidents", "scheduled_maintenances"}),
        ("status", {"page", "status"}),
        ("components", {"page", "components"}),
        ("incidents", {"page", "incidents"}),
        ("incidents/unresolved", {"page", "incidents"}),
        ("scheduled-maintenances", {"page", "scheduled_maintenances"}),
    ],
)
def test_the_page_has_the_usual_files(part: str, keys: set[str]) -> None:
    """All of Statuspage's public ones."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        assert (await _get(simulator, http, part)).keys() == keys

    against(visit)


def test_people_can_read_it() -> None:
    """HTML with the same words."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/status") as response:
            page = await response.text()
        assert "Major Service Outage" in page
        assert "Chat completions: major_outage" in page
        assert "High error rates (identified)" in page

    against(visit, faults={"status_page": [OUTAGE]})


@pytest.mark.parametrize("body", [{}, {"status": {"indicator": "purple"}}], ids=str)
def test_a_status_page_may_be_nonsense(body: dict[str, object]) -> None:
    """An empty object, or words that nobody knows."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        return await _get(simulator, http, "summary")

    assert against(visit, faults={"status_page": [{"fault": "status", "status": 200, "body": body}]}) == body
