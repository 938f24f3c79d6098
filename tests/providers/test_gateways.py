"""What gateways and compatible servers make of a format: LiteLLM above all, as its proxy was seen to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prober.providers.gateway import served_model
from tests.providers.asking import ask, loaded, runner, said
from tests.providers.openai_speech import DONE, data, delta, prompt, stop, usage_of
from tests.providers.speech import ANTHROPIC, GEMINI, INTERACTIONS, RESPONSES, SPEECHES, Speech, event
from tests.providers.wire import Act, Asked, body, chunked, serving

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model.run import Result
    from tests.conftest import Runner

EVERY = pytest.mark.parametrize("speech", SPEECHES.values(), ids=str)
SSE = pytest.mark.parametrize(
    "speech", [speech for speech in SPEECHES.values() if speech.protocol != "ollama"], ids=str
)
GROUP, FELL_BACK = "x-litellm-model-group: owl", "x-litellm-attempted-fallbacks: 1"


def _run(speech: Speech, acts: Any, *fields: str, **keys: Any) -> Any:
    def script(asked: Asked) -> Iterable[Act]:
        return chunked(acts(speech.text(asked)), *fields, kind=speech.kind)

    return ask(script, path=speech.path, **{"protocol": speech.protocol, **keys})


MODELS = {
    "told": ("a", {}, "a"),
    "told, and no fallback": ("a", {"x-litellm-model-group": "g", "x-litellm-attempted-fallbacks": "0"}, "a"),
    "told, and a fallback": ("a", {"x-litellm-model-group": "g", "x-litellm-attempted-fallbacks": "2"}, "g"),
    "told, and a fallback to nobody": ("a", {"x-litellm-attempted-fallbacks": "1"}, "a"),
    "told, and no number": ("a", {"x-litellm-model-group": "g", "x-litellm-attempted-fallbacks": "None"}, "a"),
    "not told": (None, {"x-litellm-model-group": "g"}, "g"),
    "nothing": (None, {}, None),
}


@pytest.mark.parametrize(("told", "headers", "model"), MODELS.values(), ids=MODELS)
def test_the_served_model(told: str | None, headers: dict[str, str], model: str | None) -> None:
    """Headers count where the answer says nothing, and where it may not know of a fallback."""
    assert served_model(told, headers) == model


@EVERY
def test_a_fallback_is_noticed_in_every_format(speech: Speech, run_loop: Runner[Result]) -> None:
    """The body still names the model that was asked."""
    result = run_loop(_run(speech, speech.stream, GROUP, FELL_BACK, expect={"model": "parrot-1"}))
    assert said(result) == "content_mismatch served_model expect target"
    assert result.measures["served_model"] == "owl"


def test_a_fallback_that_nobody_asked_about(run_loop: Runner[Result]) -> None:
    """Without `expect: {model: ...}` it is somebody's way to stay up."""
    assert said(run_loop(_run(ANTHROPIC, ANTHROPIC.stream, GROUP, FELL_BACK))) == "ok"


def test_litellm_s_responses_name_who_answered(run_loop: Runner[Result]) -> None:
    """Beside the response, which has the name that the upstream has for it."""

    def acts(text: str) -> list[bytes]:
        *events, last = RESPONSES.stream(text)
        document = json.loads(last.partition(b"data: ")[2])
        return [*events, event(document["type"], **document, model="alias")]

    result = run_loop(_run(RESPONSES, acts, expect={"model": "alias"}))
    assert said(result) == "ok", result.failure
    assert result.measures["served_model"] == "alias"


def test_the_events_of_openrouter_s_responses(run_loop: Runner[Result]) -> None:
    """Its docs have other words for text and for the end."""
    words = {b"output_text.delta": b"content_part.delta", b"response.completed": b"response.done"}

    def acts(text: str) -> list[bytes]:
        renamed = list(RESPONSES.stream(text))
        for word, other in words.items():
            renamed = [it.replace(word, other) for it in renamed]
        return [*renamed, DONE]

    result = run_loop(_run(RESPONSES, acts))
    assert said(result) == "ok", result.failure
    assert "first_visible_token_seconds" in result.measures
    assert result.measures["output_tokens"] == RESPONSES.usage[2]


CACHES = {
    "openrouter": ("X-OpenRouter-Cache-Status: HIT", "content_mismatch cached expect target"),
    "openrouter-miss": ("X-OpenRouter-Cache-Status: MISS", "ok"),
    "litellm": ("x-litellm-cache-key: 5f2e", "content_mismatch cached expect target"),
    "litellm-empty": ("x-litellm-cache-key: ", "ok"),
}


@pytest.mark.parametrize(("header", "says"), CACHES.values(), ids=CACHES)
def test_a_cache_that_says_so(header: str, says: str, run_loop: Runner[Result]) -> None:
    """An answer that nobody can tell from an old one is none."""
    assert said(run_loop(_run(ANTHROPIC, ANTHROPIC.stream, header, prompt="Say exactly: pong"))) == says


def test_the_nonce_is_a_better_proof(run_loop: Runner[Result]) -> None:
    """Than a key in LiteLLM's cache, under which a fresh answer may be found later."""
    assert said(run_loop(_run(ANTHROPIC, ANTHROPIC.stream, "x-litellm-cache-key: 5f2e"))) == "ok"
    stale = run_loop(_run(ANTHROPIC, lambda _text: ANTHROPIC.stream("other"), "x-litellm-cache-key: 5f2e"))
    assert said(stale) == "content_mismatch cached expect target"


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ("Say exactly: pong", "content_mismatch cached expect target"),
        ("[{{nonce}}] Say exactly: {{nonce}}", "ok"),
    ],
)
def test_an_answer_that_used_nothing(asks: str, says: str, run_loop: Runner[Result]) -> None:
    """Not a single token of a question: it was answered before, unless the nonce says otherwise."""
    unused = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}

    def script(asked: Asked) -> Iterable[Act]:
        return chunked([delta(content=prompt(asked)), stop(), usage_of(**unused), DONE])

    assert said(run_loop(ask(script, prompt=asks))) == says


@EVERY
def test_litellm_is_asked_not_to_replay(speech: Speech, run_loop: Runner[list[Asked]]) -> None:
    """In every format: it keeps that field to itself."""

    async def asked() -> list[Asked]:
        async with serving(lambda _asked: [body({})]) as site, runner() as run:
            await run(loaded(site.url, provider="litellm", protocol=speech.protocol))
            await run(loaded(site.url, provider="litellm", protocol=speech.protocol, body={"cache": None}))
            return site.asked

    default, without = run_loop(asked())
    assert default.json["cache"] == {"no-cache": True}
    assert "cache" not in without.json


def test_zero_tokens_of_litellm_s_gemini(run_loop: Runner[Result]) -> None:
    """It streams other models' answers without an id, and does not count them; Google does."""
    nothing = {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}

    def acts(text: str, **more: str) -> list[bytes]:
        part = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        end = {"candidates": [{**part, "content": {"parts": []}, "finishReason": "STOP"}], "usageMetadata": nothing}
        return [data({"candidates": [{**part, "finishReason": None}]}), data({**end, **more})]

    result = run_loop(_run(GEMINI, acts))
    assert said(result) == "ok"
    assert "input_tokens" not in result.measures
    assert run_loop(_run(GEMINI, lambda text: acts(text, responseId="r-1"))).measures["input_tokens"] == 0


@SSE
def test_an_error_without_the_format_s_own_shape(speech: Speech, run_loop: Runner[Result]) -> None:
    """Gateways put it into streams of all formats as OpenAI does, and Google into a list of one."""
    error = {"error": {"message": "Rate limit reached", "type": "x", "code": "rate_limit_exceeded"}}
    for document in (error, [error]):
        result = run_loop(
            _run(speech, lambda text, it=document: [*speech.opening, speech.say(text[:3]), data(it), DONE])
        )
        assert said(result) == "rate_limited rate_limit stream us", (document, result.failure)


BEHIND = "unexpected_response invalid_event stream target"
"""Of a format that ends with the body."""


@SSE
def test_an_end_marker_alone(speech: Speech, run_loop: Runner[Result]) -> None:
    """OpenAI's, with status 200 and nothing before it, is an answer without anything in it, whatever the format."""
    assert said(run_loop(_run(speech, lambda _text: [DONE]))) == "empty_response lone_done stream target"


@SSE
def test_an_end_marker_after_the_format_s_own(speech: Speech, run_loop: Runner[Result]) -> None:
    """It does no harm."""
    assert said(run_loop(_run(speech, lambda text: [*speech.stream(text), DONE]))) == "ok"


@pytest.mark.parametrize("apart", [True, False], ids=["later", "at-once"])
@SSE
def test_nothing_counts_behind_the_end(speech: Speech, apart: bool, run_loop: Runner[Result]) -> None:
    """Whether or not it comes in one piece with it."""

    def acts(text: str) -> list[bytes]:
        whole = [*speech.stream(text), b"data: {\n\n"]
        return whole if apart else [b"".join(whole)]

    result = run_loop(_run(speech, acts))
    assert said(result) == ("ok" if speech.protocol != "gemini" else BEHIND), result.failure


@SSE
def test_an_end_marker_in_place_of_the_format_s_own(speech: Speech, run_loop: Runner[Result]) -> None:
    """Half an answer is none."""
    result = run_loop(_run(speech, lambda text: [*speech.opening, speech.say(text), DONE]))
    assert said(result) == "stream_truncated no_terminator stream unknown"


@SSE
def test_an_end_marker_that_may_be_missing(speech: Speech, run_loop: Runner[Result]) -> None:
    """Then the finish reason is the end; before it half an answer is still none."""
    last = speech.close(speech.stop)
    length = len(speech.opening) + 1 + len(last)

    def acts(text: str, *, until: int) -> list[bytes]:
        return [*speech.opening, speech.say(text), *last][:until]

    verdicts = [
        said(run_loop(_run(speech, lambda text, it=until: acts(text, until=it), end_marker="optional")))
        for until in (length, length - 1, len(speech.opening) + 1)
    ]
    ended = speech.protocol in {"openai-chat", "azure-openai", "anthropic"}
    cut = "stream_truncated no_terminator stream unknown"
    assert verdicts == ["ok", "ok" if ended else cut, cut]


HALVES = {
    "half-of-usage": (usage_of()[:-20], "stream_truncated no_terminator stream unknown"),
    "half-of-a-marker": (DONE[:-6], "stream_truncated no_terminator stream unknown"),
    "a-marker-without-its-line": (DONE.rstrip(), "ok"),
}


@pytest.mark.parametrize(("last", "says"), HALVES.values(), ids=HALVES)
def test_half_an_event_behind_the_finish_reason(last: bytes, says: str, run_loop: Runner[Result]) -> None:
    """Something was cut off, also where the finish reason is the end; a marker needs no line of its own."""

    def script(asked: Asked) -> Iterable[Act]:
        return chunked([delta(content=prompt(asked)), stop(), last])

    assert said(run_loop(ask(script, end_marker="optional"))) == says


@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/", "/api"])
def test_ollama_by_the_base_of_its_other_api(base: str, run_loop: Runner[Asked]) -> None:
    """People know it by the address that OpenAI's clients need."""

    async def asked() -> Asked:
        async with serving(lambda _asked: [body({})]) as site, runner() as run:
            await run(loaded(site.url + base, protocol="ollama"))
            return site.asked[0]

    assert run_loop(asked()).target == "/api/chat"


THOUGHTS = {
    "deepseek": {"reasoning_content": "Hm"},
    "vllm": {"reasoning": "Hm"},
    "openrouter": {"reasoning": "Hm", "reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]},
    "openrouter-text": {"reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]},
    "openrouter-summary": {"reasoning": None, "reasoning_details": [{"type": "reasoning.summary", "summary": "Hm"}]},
    "mistral": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]},
}


@pytest.mark.parametrize("thought", THOUGHTS.values(), ids=THOUGHTS)
def test_a_thought_by_any_name(thought: dict[str, Any], run_loop: Runner[Result]) -> None:
    """It is the first token, counts once, and is no visible text."""

    def script(asked: Asked) -> Iterable[Act]:
        return chunked([delta(**thought), delta(content=prompt(asked)), stop(), DONE])

    result = run_loop(ask(script))
    assert said(result) == "ok", result.failure
    measures: Any = result.measures
    assert measures["first_token_seconds"] <= measures["first_visible_token_seconds"]
    failed = run_loop(ask(lambda _asked: chunked([delta(**thought), data({"choices": []})])))
    assert failed.failure is not None
    assert "after 1 piece of" in failed.failure.message


def test_interactions_that_end_in_an_error(run_loop: Runner[Result]) -> None:
    """LiteLLM breaks them off with an error that has no type of event."""
    error = {"error": {"message": "litellm.MidStreamFallbackError: litellm.APIConnectionError: no", "code": "500"}}
    result = run_loop(_run(INTERACTIONS, lambda text: [*INTERACTIONS.opening, INTERACTIONS.say(text[:3]), data(error)]))
    assert said(result) == "upstream_error provider stream target", result.failure
