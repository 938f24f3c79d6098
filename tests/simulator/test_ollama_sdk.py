"""Ollama's own SDK, pointed at the simulator without a special case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import ollama
import pytest

from tests.simulator.company import against
from tests.simulator.tongues import NONCE, exactly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from prober.simulator.serve import Simulator

T = TypeVar("T")
MESSAGES = [{"role": "user", "content": exactly()}]


def _with_sdk(use: Callable[[ollama.AsyncClient], Awaitable[T]], *, faults: object = None, **how: Any) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        async with ollama.AsyncClient(host=simulator.url, **how) as client:
            return await use(client)

    return against(visit, faults=faults)


def test_it_chats() -> None:
    """No key is needed; counts and the reason of the end come with the text."""

    async def use(client: ollama.AsyncClient) -> None:
        answer = await client.chat(model="parrot-2", messages=MESSAGES)
        assert answer.message.content == NONCE
        assert (answer.done, answer.done_reason, answer.prompt_eval_count, answer.eval_count) == (True, "stop", 17, 2)
        assert (answer.total_duration or 0) > (answer.eval_duration or 0) > 0

    _with_sdk(use)


def test_it_streams() -> None:
    """A line a token, thoughts first, and one that is done."""

    async def use(client: ollama.AsyncClient) -> None:
        parts = [part async for part in await client.chat(model="parrot-2-thinking", messages=MESSAGES, stream=True)]
        assert "".join(part.message.content or "" for part in parts) == NONCE
        assert sum(part.message.thinking is not None for part in parts) == 28
        assert [part.done for part in parts] == [False] * 30 + [True]

    _with_sdk(use)


def test_it_generates() -> None:
    """The older endpoint, whole and as a stream, told not to think."""

    async def use(client: ollama.AsyncClient) -> None:
        answer = await client.generate(model="parrot-2", prompt=exactly(), system="Be brief.")
        assert answer.response == NONCE
        stream = await client.generate(model="parrot-2-thinking", prompt=exactly(), think=False, stream=True)
        parts = [part async for part in stream]
        assert [part.response for part in parts] == ["OK-7", "391", ""]

    _with_sdk(use)


def test_it_lists_models() -> None:
    """With digest and details."""

    async def use(client: ollama.AsyncClient) -> None:
        listed = await client.list()
        assert [model.model for model in listed.models][:2] == ["parrot-2:latest", "parrot-2-thinking:latest"]
        assert (await client.chat(model="parrot-2:latest", messages=MESSAGES)).message.content == NONCE

    _with_sdk(use)


@pytest.mark.parametrize(
    ("status", "message", "change"),
    [
        (404, 'model "parrot-9" not found, try pulling it first', {"model": "parrot-9"}),
        (400, '"parrot-2" does not support thinking', {"think": True}),
        (503, "server busy", {"fault": {"fault": "error", "error": "overloaded"}}),
        (401, "unauthorized", {"headers": {"Authorization": "Bearer sk-wrong"}}),
    ],
    ids=["404", "think", "503", "401"],
)
def test_its_error_is_raised(status: int, message: str, change: dict[str, Any]) -> None:
    """With the status and the sentence."""

    async def use(client: ollama.AsyncClient) -> None:
        with pytest.raises(ollama.ResponseError, match=message) as raised:
            await client.chat(model=change.get("model", "parrot-2"), messages=MESSAGES, think=change.get("think"))
        assert raised.value.status_code == status

    faults = {"chat": [change["fault"]]} if "fault" in change else {}
    _with_sdk(use, faults=faults, headers=change.get("headers", {}))


def test_it_raises_on_an_error_inside_a_stream() -> None:
    """The last line is the error; HTTP was 200."""

    async def use(client: ollama.AsyncClient) -> None:
        stream = await client.chat(model="parrot-2", messages=MESSAGES, stream=True)
        assert (await anext(stream)).message.content == "OK-7"
        with pytest.raises(ollama.ResponseError, match="an error was encountered"):
            await anext(stream)

    _with_sdk(use, faults={"chat": [{"fault": "error_chunk", "after": 1}]})
