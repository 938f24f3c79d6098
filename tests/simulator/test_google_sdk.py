"""Google's own SDK, pointed at the simulator without a special case: generateContent and Interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from google import genai
from google.genai import errors, types
from google.genai import interactions as sdk

from tests.simulator.company import KEY, against
from tests.simulator.tongues import NONCE, exactly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from prober.simulator.serve import Simulator

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")

T = TypeVar("T")


def _with_sdk(
    use: Callable[[genai.Client], Awaitable[T]], *, key: str = KEY, version: str | None = None, faults: object = None
) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        once = types.HttpRetryOptions(attempts=1)
        options = types.HttpOptions(base_url=simulator.url, api_version=version, retry_options=once)
        client = genai.Client(api_key=key, http_options=options)
        try:
            return await use(client)
        finally:
            await client.aio.aclose()
            client.close()

    return against(visit, faults=faults)


@pytest.mark.parametrize("version", [None, "v1beta"], ids=["the default", "beta"])
def test_it_completes(version: str | None) -> None:
    """Text, finish reason and usage are typed."""

    async def use(client: genai.Client) -> None:
        answer = await client.aio.models.generate_content(model="parrot-2", contents=exactly())
        assert answer.text == NONCE
        assert answer.candidates is not None
        assert answer.candidates[0].finish_reason is types.FinishReason.STOP
        assert answer.usage_metadata is not None
        assert answer.usage_metadata.total_token_count == 19
        assert answer.model_version == "parrot-2"
        assert (await client.aio.models.get(model="parrot-2")).name == "models/parrot-2"

    _with_sdk(use, version=version)


def test_it_streams() -> None:
    """Chunks add up; the last one has the finish reason and the counts."""

    async def use(client: genai.Client) -> None:
        stream = await client.aio.models.generate_content_stream(model="parrot-2", contents=exactly())
        chunks = [chunk async for chunk in stream]
        assert [chunk.text for chunk in chunks] == ["OK-7", "391"]
        assert chunks[-1].candidates is not None
        assert chunks[-1].candidates[0].finish_reason is types.FinishReason.STOP
        assert chunks[-1].usage_metadata is not None
        assert chunks[-1].usage_metadata.candidates_token_count == 2

    _with_sdk(use)


def test_thoughts_are_counted_and_shown_on_request() -> None:
    """As parts of their own."""

    async def use(client: genai.Client) -> None:
        config = types.GenerateContentConfig(
            max_output_tokens=64, thinking_config=types.ThinkingConfig(include_thoughts=True)
        )
        answer = await client.aio.models.generate_content(model="parrot-2-thinking", contents=exactly(), config=config)
        assert answer.parts is not None
        assert [part.thought for part in answer.parts] == [True, None]
        assert answer.text == NONCE
        assert answer.usage_metadata is not None
        assert answer.usage_metadata.thoughts_token_count == 28

    _with_sdk(use)


@pytest.mark.parametrize("level", [types.ThinkingLevel.MINIMAL, None])
def test_thinking_may_be_switched_off(level: types.ThinkingLevel | None) -> None:
    """By the level of newer models, or by a budget of 0."""

    async def use(client: genai.Client) -> None:
        thinking = types.ThinkingConfig(thinking_level=level) if level else types.ThinkingConfig(thinking_budget=0)
        config = types.GenerateContentConfig(thinking_config=thinking)
        answer = await client.aio.models.generate_content(model="parrot-2-thinking", contents=exactly(), config=config)
        assert answer.usage_metadata is not None
        assert answer.usage_metadata.thoughts_token_count is None

    _with_sdk(use)


def test_a_blocked_prompt_has_no_candidates() -> None:
    """HTTP says 200, the feedback says why."""

    async def use(client: genai.Client) -> None:
        answer = await client.aio.models.generate_content(model="parrot-2", contents=exactly())
        assert answer.candidates is None
        assert answer.prompt_feedback is not None
        assert answer.prompt_feedback.block_reason is types.BlockedReason.SAFETY

    _with_sdk(use, faults={"chat": [{"fault": "filtered", "how": "prompt"}]})


def test_it_lists_models_and_counts() -> None:
    """Free of charge."""

    async def use(client: genai.Client) -> None:
        models = [model.name async for model in await client.aio.models.list()]
        assert models == ["models/parrot-2", "models/parrot-2-thinking", "models/parrot-1"]
        one = await client.aio.models.get(model="parrot-2")
        assert one.supported_actions == ["generateContent", "countTokens"]
        count = await client.aio.models.count_tokens(model="parrot-2", contents=exactly())
        assert count.total_tokens == 17

    _with_sdk(use)


@pytest.mark.parametrize(
    ("code", "status", "change"),
    [
        (400, "INVALID_ARGUMENT", {"key": "sk-wrong"}),
        (404, "NOT_FOUND", {"model": "parrot-9"}),
        (400, "INVALID_ARGUMENT", {"temperature": 3.0}),
        (429, "RESOURCE_EXHAUSTED", {"fault": {"fault": "rate_limit"}}),
        (429, "RESOURCE_EXHAUSTED", {"fault": {"fault": "error", "error": "quota"}}),
        (503, "UNAVAILABLE", {"fault": {"fault": "error", "error": "overloaded"}}),
        (503, "UNAVAILABLE", {"fault": {"fault": "error", "error": "gemini.array"}}),
    ],
    ids=["key", "404", "400", "429", "quota", "503", "array"],
)
def test_its_error_classes_are_raised(code: int, status: str, change: dict[str, Any]) -> None:
    """By status, with the word of the body; a bad key is a 400."""

    async def use(client: genai.Client) -> None:
        config = types.GenerateContentConfig(temperature=change.get("temperature", 1.0))
        with pytest.raises(errors.ClientError if code < 500 else errors.ServerError) as raised:
            await client.aio.models.generate_content(
                model=change.get("model", "parrot-2"), contents="hi", config=config
            )
        assert (raised.value.code, raised.value.status) == (code, status)

    faults = {"chat": [change["fault"]]} if "fault" in change else {}
    _with_sdk(use, key=change.get("key", KEY), faults=faults)


@pytest.mark.parametrize("shape", ["bare", "event"])
def test_it_raises_on_an_error_inside_a_stream(shape: str) -> None:
    """As lines of plain JSON, or as an event."""

    async def use(client: genai.Client) -> str | None:
        stream = await client.aio.models.generate_content_stream(model="parrot-2", contents=exactly())
        first = await anext(stream)
        with pytest.raises(errors.ServerError) as raised:
            await anext(stream)
        assert (raised.value.code, raised.value.status) == (503, "UNAVAILABLE")
        return first.text

    faults = {"chat": [{"fault": "error_chunk", "error": "overloaded", "after": 1, "shape": shape}]}
    assert _with_sdk(use, faults=faults) == "OK-7"


def test_an_interaction_completes_and_is_kept() -> None:
    """Created, read again, deleted, and then unknown."""

    async def use(client: genai.Client) -> None:
        made = await client.aio.interactions.create(model="parrot-2", input=exactly())
        assert isinstance(made, sdk.Interaction)
        assert (made.status, made.output_text) == ("completed", NONCE)
        assert made.usage is not None
        assert made.usage.total_output_tokens == 2
        assert made.id is not None
        again = await client.aio.interactions.get(made.id)
        assert isinstance(again, sdk.Interaction)
        assert again.steps == made.steps
        await client.aio.interactions.delete(made.id)
        with pytest.raises(Exception, match="does not exist"):
            await client.aio.interactions.get(made.id)

    _with_sdk(use)


async def _events(client: genai.Client, model: str) -> list[sdk.InteractionSSEEvent]:
    stream = await client.aio.interactions.create(model=model, input=exactly(), stream=True)
    assert not isinstance(stream, sdk.Interaction)
    return [event async for event in stream]


def test_an_interaction_streams() -> None:
    """Its events are typed, from created to completed."""

    async def use(client: genai.Client) -> None:
        events = await _events(client, "parrot-2-thinking")
        assert [event.event_type for event in events] == [
            "interaction.created",
            "interaction.status_update",
            "step.start",
            "step.delta",
            "step.stop",
            "step.start",
            "step.delta",
            "step.delta",
            "step.stop",
            "interaction.completed",
        ]
        end = events[-1]
        assert isinstance(end, sdk.InteractionCompletedEvent)
        assert end.interaction.usage is not None
        assert end.interaction.usage.total_thought_tokens == 28

    _with_sdk(use)


def test_an_interaction_may_fail_in_its_stream() -> None:
    """By an event, after status 200."""

    async def use(client: genai.Client) -> None:
        end = (await _events(client, "parrot-2"))[-1]
        assert isinstance(end, sdk.ErrorEvent)
        assert end.error is not None
        assert end.error.code == "service_unavailable"

    faults = {"chat": [{"fault": "error_chunk", "error": "overloaded", "after": 1}]}
    _with_sdk(use, faults=faults)
