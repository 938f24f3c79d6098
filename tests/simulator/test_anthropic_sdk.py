"""Anthropic's own SDK, pointed at the simulator without a special case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import anthropic
import pytest

from tests.simulator.company import KEY, against
from tests.simulator.tongues import NONCE, exactly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from prober.simulator.serve import Simulator

T = TypeVar("T")


def _with_sdk(use: Callable[[anthropic.AsyncAnthropic], Awaitable[T]], *, key: str = KEY, faults: object = None) -> T:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> T:
        async with anthropic.AsyncAnthropic(api_key=key, base_url=simulator.url, max_retries=0) as client:
            return await use(client)

    return against(visit, faults=faults)


def _asked(prompt: str = exactly(), model: str = "parrot-2", **more: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": prompt}], **more}


def test_it_completes() -> None:
    """The message is typed, with its usage and the request's id."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        raw = await client.messages.with_raw_response.create(**_asked())
        message = await raw.parse()
        assert [block.text for block in message.content if block.type == "text"] == [NONCE]
        assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 2)
        assert raw.headers["request-id"].startswith("req_")

    _with_sdk(use)


def test_it_streams() -> None:
    """Its helper puts the message together from the events."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        async with client.messages.stream(**_asked()) as stream:
            texts = [text async for text in stream.text_stream]
            message = await stream.get_final_message()
        assert texts == ["OK-7", "391"]
        assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 2)
        assert message.model == "parrot-2"

    _with_sdk(use)


@pytest.mark.parametrize("display", ["omitted", "summarized"])
def test_it_streams_thoughts(display: str) -> None:
    """A thinking block comes first; its text is left out unless it is asked for."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        asked = _asked(model="parrot-2-thinking", thinking={"type": "adaptive", "display": display})
        async with client.messages.stream(**asked) as stream:
            message = await stream.get_final_message()
        thinking, text = message.content
        assert (thinking.type, text.type) == ("thinking", "text")
        assert thinking.type == "thinking"
        assert bool(thinking.thinking) is (display == "summarized")
        assert len(thinking.signature) > 40
        assert message.usage.output_tokens_details is not None
        assert message.usage.output_tokens_details.thinking_tokens == 28

    _with_sdk(use)


def test_it_lists_models_and_counts() -> None:
    """With the lifecycle of each model; a count costs nothing."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        models = {model.id: model.lifecycle async for model in client.models.list()}
        assert models == {"parrot-2": "active", "parrot-2-thinking": "active", "parrot-1": "deprecated"}
        old = await client.models.retrieve("parrot-1")
        assert old.retires_at is not None
        assert old.retires_at.isoformat() == "2027-01-31T00:00:00+00:00"
        asked = _asked()
        count = await client.messages.count_tokens(model=asked["model"], messages=asked["messages"])
        assert count.input_tokens == 17

    _with_sdk(use)


@pytest.mark.parametrize(
    ("error", "kind", "change"),
    [
        (anthropic.AuthenticationError, "authentication_error", {"key": "sk-wrong"}),
        (anthropic.NotFoundError, "not_found_error", {"asked": {"model": "parrot-9"}}),
        (anthropic.BadRequestError, "invalid_request_error", {"asked": {"extra_body": {"temperature": 1}}}),
        (anthropic.RateLimitError, "rate_limit_error", {"fault": {"fault": "rate_limit"}}),
        (anthropic.BadRequestError, "invalid_request_error", {"fault": {"fault": "error", "error": "quota"}}),
        (
            anthropic.PermissionDeniedError,
            "permission_error",
            {"fault": {"fault": "error", "error": "anthropic.permission"}},
        ),
        (anthropic.InternalServerError, "api_error", {"fault": {"fault": "error", "error": "server_error"}}),
    ],
    ids=["401", "404", "400", "429", "credit", "403", "500"],
)
def test_its_error_classes_are_raised(error: type[anthropic.APIStatusError], kind: str, change: dict[str, Any]) -> None:
    """By status, with the type and the request's id out of the body."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        with pytest.raises(error) as raised:
            await client.messages.create(**_asked(**change.get("asked", {})))
        assert raised.value.type == kind
        assert (raised.value.request_id or "").startswith("req_")

    faults = {"chat": [change["fault"]]} if "fault" in change else {}
    _with_sdk(use, key=change.get("key", KEY), faults=faults)


def test_a_stable_code_is_found() -> None:
    """In the details of the error."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        with pytest.raises(anthropic.RateLimitError) as raised:
            await client.messages.create(**_asked())
        assert raised.value.error_code == "enforced_spend_limit_reached"

    _with_sdk(use, faults={"chat": [{"fault": "error", "error": "anthropic.spend_limit"}]})


def test_it_raises_on_an_error_inside_a_stream() -> None:
    """HTTP was 200."""

    async def use(client: anthropic.AsyncAnthropic) -> None:
        stream = await client.messages.create(**_asked(), stream=True)
        with pytest.raises(anthropic.APIStatusError) as raised:
            async for _ in stream:
                pass
        assert (raised.value.type, raised.value.api_message) == ("overloaded_error", "Overloaded")

    _with_sdk(use, faults={"chat": [{"fault": "error_chunk", "error": "overloaded", "after": 1}]})
