"""The JSON API."""

from __future__ import annotations

import pytest

from prober.sinks.document import to_json
from prober.sinks.history import History
from tests.sinks.makers import MINUTE, NOON, SECOND, failed, ok, probe
from tests.web.browser import fetch
from tests.web.world import World, realistic

KEYS = [*to_json(probe(), None), "state", "last_success_at", "next_run_at"]


@pytest.fixture(scope="module")
def world() -> World:
    """Three providers, with everything that can be wrong."""
    return realistic()


def test_probes_are_a_list_of_documents(world: World) -> None:
    """In the order of the configuration, each with every key, absent things null."""
    reply = fetch(world, "/api/v1/probes")
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    probes = reply.json()
    assert [each["name"] for each in probes] == [each.name for each in world.probes]
    assert all(list(each) == KEYS for each in probes)
    by_name = {each["name"]: each for each in probes}
    assert by_name["sora-video"]["state"] == "down"
    assert by_name["sora-video"]["error_class"] == "overloaded"
    assert by_name["sora-video"]["last_success_at"].startswith("2026-01-01T12:48:")
    assert (by_name["imagen"]["result"], by_name["imagen"]["last_success_at"]) == (None, None)
    assert by_name["groq-chat"]["disabled"] == "GROQ_API_KEY is not set"
    assert by_name["groq-chat"]["state"] == "unknown"


def test_times_of_a_probe() -> None:
    """The last success is when it ended, the next run is when it is due."""
    world = World((probe(),))
    world.record(probe(), ok(at_ns=NOON, duration_ns=SECOND))
    world.record(probe(), failed(at_ns=NOON + MINUTE))
    world.next_runs["chat-probe"] = (NOON + 90 * SECOND) / 1e9
    (document,) = fetch(world, "/api/v1/probes").json()
    assert document["last_success_at"] == "2026-01-01T12:00:01.000Z"
    assert document["started_at"] == "2026-01-01T12:01:00.000Z"
    assert document["next_run_at"] == "2026-01-01T12:01:30.000Z"


def test_no_probes_are_an_empty_list() -> None:
    """Still JSON."""
    assert fetch(World(), "/api/v1/probes").json() == []
    assert fetch(World(), "/api/v1/incidents").json() == []


def test_one_probe_has_its_history(world: World) -> None:
    """The newest run first; the last failures with phase, message and request id."""
    document = fetch(world, "/api/v1/probes/chatgpt-sign-in").json()
    assert list(document) == [*KEYS, "history"]
    history = document["history"]
    assert len(history) == 60
    times = [run["started_at"] for run in history]
    assert times == sorted(times, reverse=True)
    assert [run["result"] for run in history[:9]] == ["fail"] * 5 + ["ok"] + ["fail"] * 2 + ["ok"]
    assert history[0]["message"].startswith("Oops!")
    assert history[0]["request_id"] == document["request_id"]
    assert (history[0]["phase"], history[0]["detail"], history[0]["fault"]) == ("submit", "sign_in_error", "target")
    assert set(map(tuple, history)) == {tuple(history[0])}
    chat = fetch(world, "/api/v1/probes/anthropic-chat").json()["history"][0]
    assert 0.1 < chat["first_token_seconds"] < 2
    assert chat["http_status"] == 200


def test_an_old_failure_keeps_its_class() -> None:
    """What is no longer kept whole is null, what is kept packed is there."""
    world = World((probe(),))
    world.history = History(failures=2)
    world.configure(probe())
    for number in range(5):
        world.record(probe(), failed(at_ns=NOON + number * MINUTE, request_id="r"))
    history = fetch(world, "/api/v1/probes/chat-probe").json()["history"]
    assert [run["message"] for run in history] == ["HTTP 500", "HTTP 500", None, None, None]
    assert {run["error_class"] for run in history} == {"server_error"}


@pytest.mark.parametrize("path", ["/api/v1/probes/nobody", "/api/v1/nothing", "/api/v2"])
def test_what_is_not_there_is_an_error_in_json(path: str) -> None:
    """A program gets what it can read."""
    reply = fetch(World(), path)
    assert reply.status == 404
    assert set(reply.json()) == {"error"}


def test_an_unknown_probe_is_named() -> None:
    """The error says which."""
    assert fetch(World(), "/api/v1/probes/nobody").json() == {"error": "there is no probe 'nobody'"}


def test_only_reading_is_allowed() -> None:
    """Other methods are refused, with those that are allowed."""
    reply = fetch(World(), "/api/v1/probes", method="DELETE")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET,HEAD")
    assert reply.json() == {"error": "Method Not Allowed"}


def test_incidents_tell_their_timeline(world: World) -> None:
    """Open ones first; a closed one has an end and no state."""
    incidents = fetch(world, "/api/v1/incidents").json()
    assert [incident["closed_at"] is None for incident in incidents] == [True] * 3 + [False] * 2
    first = incidents[0]
    assert {key: first[key] for key in ("provider", "service", "state", "worst", "flaps", "removed")} == {
        "provider": "openai",
        "service": "chatgpt",
        "state": "partial",
        "worst": "partial",
        "flaps": 0,
        "removed": False,
    }
    assert first["began_at"] < first["opened_at"]
    assert first["duration_seconds"] > 400
    (entry,) = first["timeline"]
    assert entry["probe"] == "chatgpt-sign-in"
    assert (entry["probe_state"], entry["service_state"]) == ("down", "partial")
    assert (entry["error_class"], entry["detail"]) == ("server_error", "sign_in_error")
    assert incidents[-1]["state"] is None
