"""The vendor's own SDK, pointed at the simulator without a special case."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import openai
import pytest

from tests.simulator.company import KEY, against

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from prober.simulator.serve import Simulator

T = TypeVar("T")


def _with_sdk(use: Callable[[openai.AsyncOpenAI], Awaitable[T]], *, key: str = KEY, faults: object = None) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        async with openai.AsyncOpenAI(api_key=key, base_url=f"{simulator.url}/v1", max_retries=0) as client:
            return await use(client)

    return against(visit, faults=faults)


def test_it_streams() -> None:
    """Deltas, finish reason and usage arrive as typed objects."""

    async def use(client: openai.AsyncOpenAI) -> None:
        stream = await client.chat.completions.create(
            model="parrot-2",
            messages=[{"role": "user", "content": "[n-42] Reply with exactly: n-42"}],
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=64,
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "n-42"
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 1
        assert chunks[-1].usage.completion_tokens_details is not None

    _with_sdk(use)


def test_it_completes() -> None:
    """The whole answer, with headers and request id."""

    async def use(client: openai.AsyncOpenAI) -> None:
        raw = await client.chat.completions.with_raw_response.create(
            model="parrot-2", messages=[{"role": "user", "content": "Reply with exactly: n-42"}]
        )
        completion = raw.parse()
        assert completion.choices[0].message.content == "n-42"
        assert completion.usage is not None
        assert completion.usage.total_tokens == completion.usage.prompt_tokens + 1
        assert (raw.request_id or "").startswith("req_")

    _with_sdk(use)


def test_it_lists_models() -> None:
    """And finds one."""

    async def use(client: openai.AsyncOpenAI) -> None:
        listed = [model.id async for model in client.models.list()]
        assert "parrot-2" in listed
        assert (await client.models.retrieve("parrot-1")).shutdown_date == "2027-01-31"

    _with_sdk(use)


def test_it_embeds() -> None:
    """It asks for base64 by itself and decodes it."""

    async def use(client: openai.AsyncOpenAI) -> None:
        answer = await client.embeddings.create(model="parrot-embedding-1", input=["ping", "pong"])
        assert [len(each.embedding) for each in answer.data] == [1536, 1536]
        floats = await client.embeddings.create(model="parrot-embedding-1", input="ping", encoding_format="float")
        assert floats.data[0].embedding == pytest.approx(answer.data[0].embedding, abs=1e-6)

    _with_sdk(use)


def test_it_moderates_and_draws() -> None:
    """The rest of the API is typed as well."""

    async def use(client: openai.AsyncOpenAI) -> None:
        moderation = await client.moderations.create(model="parrot-moderation-1", input="hello")
        assert moderation.results[0].flagged is False
        assert moderation.results[0].category_scores.violence_graphic < 0.1
        image = await client.images.generate(model="parrot-image-1", prompt="grey", quality="low")
        assert image.data is not None
        assert image.usage is not None
        assert (image.data[0].b64_json or "").startswith("iVBORw0KGgo")
        stream = await client.images.generate(model="parrot-image-1", prompt="grey", stream=True, partial_images=1)
        events = [event.type async for event in stream]
        assert events == ["image_generation.partial_image", "image_generation.completed"]

    _with_sdk(use)


@pytest.mark.parametrize(
    ("error", "code", "change"),
    [
        (openai.AuthenticationError, "invalid_api_key", {"key": "sk-wrong"}),
        (openai.NotFoundError, "model_not_found", {"model": "parrot-9"}),
        (openai.BadRequestError, "decimal_above_max_value", {"temperature": 3}),
        (openai.RateLimitError, "rate_limit_exceeded", {"fault": {"fault": "rate_limit"}}),
        (openai.RateLimitError, "insufficient_quota", {"fault": {"fault": "error", "error": "openai.quota"}}),
        (
            openai.InternalServerError,
            "server_is_overloaded",
            {"fault": {"fault": "error", "error": "openai.overloaded"}},
        ),
        (openai.APIConnectionError, None, {"fault": {"fault": "reset"}}),
    ],
    ids=["401", "404", "400", "429", "quota", "503", "reset"],
)
def test_its_error_classes_are_raised(
    error: type[openai.APIError], code: str | None, change: dict[str, object]
) -> None:
    """By status, with the code out of the body."""
    model, temperature = str(change.get("model", "parrot-2")), change.get("temperature", 1)

    async def use(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(error) as raised:
            await client.chat.completions.create(
                model=model,
                messages=[{"role": "user", "content": "hi"}],
                temperature=float(str(temperature)),
                max_tokens=8,
            )
        assert raised.value.code == code

    faults = {"chat": [change["fault"]]} if "fault" in change else {}
    _with_sdk(use, key=str(change.get("key", KEY)), faults=faults)


def test_it_raises_on_an_error_inside_a_stream() -> None:
    """HTTP was 200."""

    async def use(client: openai.AsyncOpenAI) -> list[str | None]:
        stream = await client.chat.completions.create(
            model="parrot-2", messages=[{"role": "user", "content": "Write 9 words."}], stream=True
        )
        said = [(await anext(stream)).choices[0].delta.content for _ in range(3)]
        with pytest.raises(openai.APIError, match="The server had an error"):
            await anext(stream)
        return said

    assert _with_sdk(use, faults={"chat": [{"fault": "error_chunk", "after": 2}]}) == ["", "word", " word"]
