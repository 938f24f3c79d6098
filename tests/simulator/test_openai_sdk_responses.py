"""OpenAI's own SDK, pointed at the simulator without a special case: Responses, and all of it at Azure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import openai
import pytest

from prober.simulator.fixtures import named
from tests.simulator.company import KEY, against
from tests.simulator.tongues import NONCE, exactly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from prober.simulator.serve import Simulator

T = TypeVar("T")


def _with_sdk(use: Callable[[openai.AsyncOpenAI], Awaitable[T]], *, faults: object = None) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{simulator.url}/v1", max_retries=0) as client:
            return await use(client)

    return against(visit, faults=faults)


def _at_azure(use: Callable[[openai.AsyncOpenAI], Awaitable[T]], *, key: str = KEY, faults: object = None) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        client = openai.AsyncAzureOpenAI(
            api_key=key, azure_endpoint=simulator.url, api_version="2024-10-21", max_retries=0
        )
        async with client:
            return await use(client)

    return against(visit, faults=faults)


def test_it_completes_and_reads_again() -> None:
    """The text, the usage, and the same response by its id until it is deleted."""

    async def use(client: openai.AsyncOpenAI) -> None:
        made = await client.responses.create(model="parrot-2-thinking", input=exactly(), max_output_tokens=64)
        assert (made.status, made.output_text) == ("completed", NONCE)
        assert made.usage is not None
        assert made.usage.output_tokens_details.reasoning_tokens == 28
        assert [item.type for item in made.output] == ["reasoning", "message"]
        assert (await client.responses.retrieve(made.id)).output_text == NONCE
        await client.responses.delete(made.id)
        with pytest.raises(openai.NotFoundError, match="not found"):
            await client.responses.retrieve(made.id)

    _with_sdk(use)


def test_it_streams() -> None:
    """Its helper puts the response together from numbered events."""

    async def use(client: openai.AsyncOpenAI) -> None:
        asked: dict[str, Any] = {"model": "parrot-2", "input": exactly(), "store": False}
        async with client.responses.stream(**asked) as stream:
            events = [event async for event in stream]
            response = await stream.get_final_response()
        assert response.output_text == NONCE
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert [event.delta for event in events if event.type == "response.output_text.delta"] == ["OK-7", "391"]

    _with_sdk(use)


@pytest.mark.parametrize(
    ("fault", "kinds", "status"),
    [
        ({"fault": "length", "after": 1}, ["response.output_text.delta"], "incomplete"),
        ({"fault": "filtered", "how": "refusal"}, ["response.refusal.delta", "response.refusal.done"], "completed"),
        ({"fault": "filtered"}, [], "incomplete"),
        ({"fault": "empty"}, [], "completed"),
    ],
    ids=["length", "refusal", "filtered", "empty"],
)
def test_other_ends_are_typed(fault: dict[str, object], kinds: list[str], status: str) -> None:
    """Events and the last response agree."""

    async def use(client: openai.AsyncOpenAI) -> None:
        stream = await client.responses.create(model="parrot-2", input=exactly(), stream=True)
        events = [event async for event in stream]
        assert [event.type for event in events if "delta" in event.type or "refusal" in event.type] == kinds
        end = events[-1]
        assert end.type in {"response.completed", "response.incomplete"}
        assert end.type == f"response.{status}"

    _with_sdk(use, faults={"chat": [fault]})


def test_summaries_of_reasoning_are_shown_on_request() -> None:
    """As deltas of their own, before the text."""

    async def use(client: openai.AsyncOpenAI) -> None:
        stream = await client.responses.create(
            model="parrot-2-thinking", input=exactly(), reasoning={"summary": "auto"}, stream=True
        )
        kinds = [event.type async for event in stream]
        assert kinds.count("response.reasoning_summary_text.delta") == 28
        assert kinds.index("response.reasoning_summary_text.done") < kinds.index("response.output_text.delta")

    _with_sdk(use)


@pytest.mark.parametrize(("name", "kind"), [("responses-flat-error", "error"), ("response-failed", "response.failed")])
def test_an_error_inside_a_stream_is_an_event(name: str, kind: str) -> None:
    """HTTP was 200; the SDK raises on neither."""

    async def use(client: openai.AsyncOpenAI) -> None:
        stream = await client.responses.create(model="parrot-2", input=exactly(), stream=True)
        assert [event.type async for event in stream][-1] == kind

    _with_sdk(use, faults=named(name).faults)


def test_a_response_is_made_in_the_background() -> None:
    """Queued, asked about until it is there; another one cancelled."""

    async def use(client: openai.AsyncOpenAI) -> None:
        made = await client.responses.create(model="parrot-2", input=exactly(), background=True)
        assert (made.status, made.output_text) == ("queued", "")
        await asyncio.sleep(0.05)
        assert (await client.responses.retrieve(made.id)).output_text == NONCE
        other = await client.responses.create(model="parrot-2", input=exactly(), background=True)
        assert (await client.responses.cancel(other.id)).status == "cancelled"
        assert (await client.responses.retrieve(other.id)).status == "cancelled"
        whole = await client.responses.create(model="parrot-2", input=exactly())
        with pytest.raises(openai.BadRequestError, match="synchronous"):
            await client.responses.cancel(whole.id)

    _with_sdk(use)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"max_output_tokens": 15}, "max_output_tokens"),
        ({"reasoning": {"effort": "low"}}, "reasoning.effort"),
        ({"reasoning": 3}, "reasoning"),
        ({"input": 3}, "input"),
        ({"input": None}, "input"),
        ({"input": [3]}, "input[0]"),
        ({"temperature": 3}, "temperature"),
        ({"temprature": 3}, "temprature"),
        ({"background": True, "store": False}, "background"),
    ],
    ids=str,
)
def test_a_wrong_request_is_refused(change: dict[str, Any], param: str) -> None:
    """400, and the error object names what is wrong; fewer than 16 tokens cannot be asked for."""

    async def use(client: openai.AsyncOpenAI) -> None:
        body = {"model": "parrot-2", "input": exactly(), **change}
        with pytest.raises(openai.BadRequestError) as raised:
            await client.post("/responses", body=body, cast_to=object)
        assert raised.value.param == param

    _with_sdk(use)


def test_a_conversation_may_come_in_items() -> None:
    """With instructions, and the last user's text as the question."""

    async def use(client: openai.AsyncOpenAI) -> None:
        made = await client.responses.create(
            model="parrot-2",
            instructions="Be brief.",
            input=[
                {"role": "user", "content": "Who are you?"},
                {"role": "assistant", "content": "I am Parrot."},
                {"role": "user", "content": [{"type": "input_text", "text": exactly("parts")}]},
            ],
        )
        assert made.output_text == "parts"

    _with_sdk(use)


def test_azure_streams() -> None:
    """A chunk without choices comes first, with the verdict on the prompt."""

    async def use(client: openai.AsyncOpenAI) -> None:
        stream = await client.chat.completions.create(
            model="parrot-2",
            messages=[{"role": "user", "content": exactly()}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        assert (chunks[0].choices, chunks[0].id) == ([], "")
        assert chunks[0].model_extra is not None
        assert chunks[0].model_extra["prompt_filter_results"][0]["prompt_index"] == 0
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == NONCE
        assert chunks[-1].usage is not None

    _at_azure(use)


def test_azure_completes_though_its_filter_is_down() -> None:
    """The answer is good, and says that nobody looked at it."""

    async def use(client: openai.AsyncOpenAI) -> None:
        answer = await client.chat.completions.create(
            model="parrot-2", messages=[{"role": "user", "content": exactly()}]
        )
        assert answer.choices[0].message.content == NONCE
        assert answer.choices[0].model_extra is not None
        results = answer.choices[0].model_extra["content_filter_results"]
        assert results["error"]["code"] == "content_filter_error"

    _at_azure(use, faults={"chat": [{"fault": "filter_down"}]})


def test_azure_s_version_1_speaks_as_openai_does() -> None:
    """Under ``/openai/v1``, with the key in Azure's header or as a bearer."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        base = f"{simulator.url}/openai/v1"
        async with openai.AsyncOpenAI(api_key=KEY, base_url=base, max_retries=0) as client:
            answer = await client.chat.completions.create(
                model="parrot-2", messages=[{"role": "user", "content": exactly()}]
            )
            assert answer.choices[0].message.content == NONCE
            made = await client.responses.create(model="parrot-2", input=exactly())
            assert made.output_text == NONCE

    against(visit)


@pytest.mark.parametrize(
    ("error", "code", "change"),
    [
        (openai.AuthenticationError, "401", {"key": "sk-wrong"}),
        (openai.NotFoundError, "DeploymentNotFound", {"model": "parrot-9"}),
        (openai.BadRequestError, "content_filter", {"error": "azure.content_filter"}),
        (openai.RateLimitError, "429", {"error": "azure.high_demand"}),
        (openai.PermissionDeniedError, "403", {"error": "azure.blocked"}),
    ],
    ids=["401", "404", "filter", "429", "403"],
)
def test_azure_s_errors_are_raised(error: type[openai.APIStatusError], code: str, change: dict[str, str]) -> None:
    """By status, with the gateway's code."""

    async def use(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(error) as raised:
            await client.chat.completions.create(
                model=change.get("model", "parrot-2"), messages=[{"role": "user", "content": "hi"}]
            )
        assert raised.value.code == code

    faults = {"chat": [{"fault": "error", "error": change["error"]}]} if "error" in change else {}
    _at_azure(use, key=change.get("key", KEY), faults=faults)
