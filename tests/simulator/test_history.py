"""Conversations: written, read back, lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.simulator.company import against, sign_in

if TYPE_CHECKING:
    from prober.simulator.serve import Simulator

BASE = "/api/conversations"


async def _call(
    simulator: Simulator, http: aiohttp.ClientSession, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    async with http.request(method, simulator.url + path, json=body) as response:
        return response.status, await response.json()


async def _written(simulator: Simulator, http: aiohttp.ClientSession) -> tuple[str, Any]:
    """The id of a conversation with one message, and the reply to it."""
    await sign_in(simulator.url, http)
    status, conversation = await _call(simulator, http, "POST", BASE, {"title": "Probe"})
    assert (status, conversation["title"]) == (201, "Probe")
    path = f"{BASE}/{conversation['id']}/messages"
    status, reply = await _call(simulator, http, "POST", path, {"content": "Reply with exactly: n-1"})
    assert status == 201
    return conversation["id"], reply


def test_what_was_written_is_read_back() -> None:
    """Message and reply, in the conversation and in the list."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        id_, reply = await _written(simulator, http)
        assert (reply["role"], reply["content"]) == ("assistant", "n-1")
        status, conversation = await _call(simulator, http, "GET", f"{BASE}/{id_}")
        assert status == 200
        said = [(message["role"], message["content"]) for message in conversation["messages"]]
        assert said == [("user", "Reply with exactly: n-1"), ("assistant", "n-1")]
        status, listed = await _call(simulator, http, "GET", BASE)
        assert (listed["total"], listed["items"][0]["id"], listed["items"][0]["title"]) == (1, id_, "Probe")
        assert await _call(simulator, http, "DELETE", f"{BASE}/{id_}") == (200, {"id": id_, "deleted": True})
        assert (await _call(simulator, http, "GET", f"{BASE}/{id_}"))[0] == 404
        assert (await _call(simulator, http, "DELETE", f"{BASE}/{id_}"))[0] == 404

    against(visit)


def test_a_lost_history_reads_back_empty() -> None:
    """Writing works, as on the evening after the outage."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        id_, _ = await _written(simulator, http)
        status, conversation = await _call(simulator, http, "GET", f"{BASE}/{id_}")
        assert (status, conversation["messages"]) == (200, [])
        assert await _call(simulator, http, "GET", BASE) == (200, {"items": [], "total": 0})
        simulator.faults.clear()
        assert len((await _call(simulator, http, "GET", f"{BASE}/{id_}"))[1]["messages"]) == 2

    against(visit, faults={"history": [{"fault": "lost_history"}]})


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", BASE), ("GET", BASE), ("GET", f"{BASE}/x"), ("DELETE", f"{BASE}/x"), ("POST", f"{BASE}/x/messages")],
)
def test_conversations_need_a_session(method: str, path: str) -> None:
    """401 in JSON."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> tuple[int, Any]:
        return await _call(simulator, http, method, path, {})

    assert against(visit) == (401, {"detail": "Not authenticated"})


def test_conversations_belong_to_one_account() -> None:
    """Another account does not find them."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        id_, _ = await _written(simulator, http)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
            await sign_in(simulator.url, other, email="free@parrot.example", password="parrot-free-password")
            assert (await _call(simulator, other, "GET", f"{BASE}/{id_}"))[0] == 404
            assert (await _call(simulator, other, "GET", BASE))[1]["total"] == 0
            body = {"content": "x"}
            assert (await _call(simulator, other, "POST", f"{BASE}/{id_}/messages", body))[0] == 404

    against(visit)


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": 3}])
def test_a_message_needs_a_text(body: object) -> None:
    """422 in JSON."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> int:
        await sign_in(simulator.url, http)
        _, conversation = await _call(simulator, http, "POST", BASE, {})
        return (await _call(simulator, http, "POST", f"{BASE}/{conversation['id']}/messages", body))[0]

    assert against(visit) == 422


@pytest.mark.parametrize(
    ("fault", "status", "content"),
    [
        ({"fault": "error", "error": "openai.overloaded"}, 503, None),
        ({"fault": "empty"}, 201, ""),
        ({"fault": "wrong_answer", "text": "no"}, 201, "no"),
    ],
    ids=["overloaded", "empty", "wrong"],
)
def test_answers_in_the_app_share_the_faults_of_chat(
    fault: dict[str, object], status: int, content: str | None
) -> None:
    """The page works, the list works, and the question is not answered: the same engine is behind both."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        await sign_in(simulator.url, http)
        _, conversation = await _call(simulator, http, "POST", BASE, {})
        body = {"content": "Reply with exactly: n-1"}
        found, reply = await _call(simulator, http, "POST", f"{BASE}/{conversation['id']}/messages", body)
        assert found == status
        assert reply.get("content") == content

    against(visit, faults={"chat": [fault]})
