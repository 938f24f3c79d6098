"""The DevTools protocol: messages in any pieces, answers in any order, and what is said when the browser goes."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prober.browser import devtools
from prober.browser.devtools import DevTools
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def meet(visit: Callable[[DevTools, socket.socket], Awaitable[Any]], *, run: Any = asyncio.run) -> Any:
    """What the visit returns, which plays the browser at the other end of the socket."""

    async def main() -> Any:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, tools = await loop.create_connection(lambda: DevTools(loop), sock=ours)
        with theirs:
            try:
                return await visit(tools, theirs)
            finally:
                transport.abort()
                await asyncio.sleep(0)

    return run(main())


def packed(*messages: object) -> bytes:
    """Messages as they go over the wire."""
    return b"".join(json.dumps(message).encode() + b"\0" for message in messages)


async def heard(theirs: socket.socket) -> list[Any]:
    """What the browser was sent so far."""
    await asyncio.sleep(0)
    raw = await asyncio.get_running_loop().sock_recv(theirs, 1 << 16)
    return [json.loads(message) for message in raw.split(b"\0")[:-1]]


def test_answers_find_their_commands(run_loop: Any) -> None:
    """In whatever order they come; a session's command says whose it is."""

    async def visit(tools: DevTools, theirs: socket.socket) -> None:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(tools.ask("Browser.getVersion"))
            second = group.create_task(tools.ask("Page.enable", "S", {"deep": True}))
            sent = await heard(theirs)
            assert sent[0] == {"id": 1, "method": "Browser.getVersion", "params": {}}
            assert sent[1] == {"id": 2, "method": "Page.enable", "params": {"deep": True}, "sessionId": "S"}
            theirs.send(packed({"id": 2, "result": {"b": 2}}, {"id": 99, "result": {}}, {"id": 1, "result": {"a": 1}}))
        assert (first.result(), second.result()) == ({"a": 1}, {"b": 2})

    meet(visit, run=run_loop)


@settings(max_examples=30)
@given(st.lists(st.integers(min_value=1, max_value=40), max_size=30))
def test_messages_come_in_any_pieces(cuts: list[int]) -> None:
    """A message is whole at its zero byte, wherever the socket cut it."""
    events = [{"method": "E", "params": {"n": n, "text": "ü" * n}} for n in range(5)]
    raw, seen = packed(*events), []
    loop = asyncio.new_event_loop()
    tools = DevTools(loop)
    tools.hear(None, "E", lambda event: seen.append(event["n"]))
    for cut in cuts:
        tools.data_received(raw[:cut])
        raw = raw[cut:]
    tools.data_received(raw)
    loop.close()
    assert seen == [0, 1, 2, 3, 4]


def test_a_refused_command_is_told_by_its_name() -> None:
    """What the browser does not know is no failure of anything else."""

    async def visit(tools: DevTools, theirs: socket.socket) -> None:
        theirs.send(packed({"id": 1, "error": {"message": "no such thing"}}))
        with pytest.raises(LookupError, match=r"Page\.fly: no such thing"):
            await tools.ask("Page.fly")

    meet(visit)


def test_events_are_told_by_session_and_name() -> None:
    """Nobody hears those of others; a session that is forgotten is not heard any more."""

    async def visit(tools: DevTools, theirs: socket.socket) -> list[str]:
        seen: list[str] = []
        tools.hear("S", "A", lambda event: seen.append(event["x"]))
        theirs.send(packed({"method": "A", "sessionId": "S", "params": {"x": "mine"}}))
        theirs.send(packed({"method": "A", "sessionId": "T", "params": {"x": "theirs"}}))
        theirs.send(
            packed({"method": "A", "params": {"x": "browser"}}, {"method": "B", "sessionId": "S", "params": {}})
        )
        await asyncio.sleep(0.01)
        tools.forget("S", "closed")
        theirs.send(packed({"method": "A", "sessionId": "S", "params": {"x": "late"}}))
        await asyncio.sleep(0.01)
        return seen

    assert meet(visit) == ["mine"]


def test_whoever_waits_is_told_when_the_browser_goes(run_loop: Any) -> None:
    """It is our own trouble, and so is every command after that."""

    async def visit(tools: DevTools, theirs: socket.socket) -> None:
        for _ in range(2):
            asking = asyncio.ensure_future(tools.ask("Page.enable", "S"))
            await asyncio.sleep(0)
            theirs.close()
            with pytest.raises(ProbeFailure) as raised:
                await asking
            assert raised.value.error_class is ErrorClass.PROBER_ERROR
            assert raised.value.detail == "browser"

    meet(visit, run=run_loop)


def test_a_forgotten_session_keeps_nobody_waiting() -> None:
    """As when its page crashes; other sessions go on."""

    async def visit(tools: DevTools, theirs: socket.socket) -> None:
        gone = asyncio.ensure_future(tools.ask("Page.enable", "S"))
        other = asyncio.ensure_future(tools.ask("Page.enable", "T"))
        await asyncio.sleep(0)
        tools.forget("S", "the page's process crashed")
        theirs.send(packed({"id": 2, "result": {}}))
        assert await other == {}
        with pytest.raises(ProbeFailure, match="crashed"):
            await gone

    meet(visit)


def test_a_flood_of_events_ends_the_connection() -> None:
    """A page that logs without end must not keep our loop busy."""

    async def visit(tools: DevTools, theirs: socket.socket) -> int:
        tools.most_events = 10
        seen: list[object] = []
        tools.hear(None, "E", seen.append)
        theirs.send(packed(*[{"method": "E", "params": {}}] * 50))
        await asyncio.sleep(0.01)
        assert tools.lost == "its page caused more events than are taken"
        return len(seen)

    assert meet(visit) == 10


def test_an_endless_message_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a bound for what is kept of a message that does not end."""
    monkeypatch.setattr(devtools, "_LARGEST_EVENT", 500)
    monkeypatch.setattr(devtools, "_LONGEST", 1000)

    async def visit(tools: DevTools, theirs: socket.socket) -> str | None:
        for part in (b'{"i', b'd":', b"x" * 500, b"x" * 500):
            theirs.send(part)
            await asyncio.sleep(0.01)
        return tools.lost

    assert meet(visit) == "it sent a message longer than 1000 bytes"


@pytest.mark.parametrize("piece", [7, 400, 10_000])
def test_an_event_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """As one whose address is a picture; an answer may be as large as what was asked for."""
    monkeypatch.setattr(devtools, "_LARGEST_EVENT", 1000)
    raw = packed(
        {"method": "E", "params": {"n": 1}},
        {"method": "E", "params": {"n": 2, "url": "data:" + "x" * 3000}},
        {"id": 1, "result": {"html": "x" * 3000}},
        {"method": "E", "params": {"n": 3}},
    )

    async def visit(tools: DevTools, theirs: socket.socket) -> tuple[list[int], int]:
        seen: list[int] = []
        tools.hear(None, "E", lambda event: seen.append(event["n"]))
        asking = asyncio.ensure_future(tools.ask("DOM.getOuterHTML"))
        await asyncio.sleep(0)
        for start in range(0, len(raw), piece):
            tools.data_received(raw[start : start + piece])
        return seen, len((await asking)["html"])

    assert meet(visit) == ([1, 3], 3000)
