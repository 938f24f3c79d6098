"""What each API refuses in a request, and what it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.company import RawAnswer, against, raw
from tests.simulator.tongues import NONCE, TONGUES, events_of, exactly

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

THINKING = "parrot-2-thinking"


def _sent(name: str, more: dict[str, Any], *, model: str = "parrot-2", version: str = "2026-10-21") -> RawAnswer:
    """The answer to a request with other parameters."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        request = TONGUES[name].request(exactly(), stream=False, model=model, more=more)
        old, new = b"anthropic-version: 2026-10-21\r\n", f"anthropic-version: {version}\r\n".encode()
        return await raw(simulator, request.replace(old, new if version else b""))

    return against(visit)


def _text(name: str, more: dict[str, Any], **how: Any) -> str:
    answer = _sent(name, more, **how)
    assert answer.status == 200, answer.body
    return TONGUES[name].said(events_of(TONGUES[name], answer))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"temperature": 1.0}, "temperature"),
        ({"top_p": 1}, "top_p"),
        ({"top_k": 40}, "top_k"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: must be greater"),
        ({"temprature": 1}, "temprature: Extra inputs are not permitted"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": "hi"}, "messages: Input should be a valid list"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"messages": [3]}, "messages.0: Input should be a valid dictionary"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty content"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, "prefill"),
        ({"system": 3}, "system: Input should be a valid string"),
        ({"thinking": 3}, "thinking: Input should be a valid dictionary"),
        ({"thinking": {"type": "hard"}}, "expected tags"),
        ({"thinking": {"type": "adaptive"}}, "does not support thinking"),
        ({"output_config": {"effort": "minimal"}}, "output_config.effort"),
    ],
    ids=lambda value: json.dumps(value)[:50] if isinstance(value, dict) else "",
)
def test_anthropic_refuses(more: dict[str, Any], message: str) -> None:
    """400 with the type of an invalid request; sampling parameters even at their defaults."""
    answer = _sent("anthropic", more)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert message in error["message"]


@pytest.mark.parametrize(
    ("thinking", "message"),
    [
        ({"type": "enabled"}, "budget_tokens: Field required"),
        ({"type": "enabled", "budget_tokens": 1}, "greater than or equal to 1024"),
        ({"type": "enabled", "budget_tokens": 1024}, "must be greater than `thinking.budget_tokens`"),
    ],
)
def test_anthropic_checks_the_budget_of_thinking(thinking: dict[str, Any], message: str) -> None:
    """It has a least, and fits into the limit."""
    answer = _sent("anthropic", {"thinking": thinking}, model=THINKING)
    assert answer.status == 400
    assert message in answer.body.decode()


@pytest.mark.parametrize(
    ("version", "status", "message"),
    [
        ("2023-06-01", 200, NONCE),
        ("", 400, "anthropic-version: header is required"),
        ("2024-01-01", 400, "is not a valid version"),
    ],
)
def test_anthropic_s_version_is_asked_for(version: str, status: int, message: str) -> None:
    """The older one takes a temperature."""
    answer = _sent("anthropic", {"temperature": 1, "top_k": 40}, version=version)
    assert answer.status == status
    assert message in answer.body.decode()


@pytest.mark.parametrize(("more", "message"), [({"temperature": 2}, "range: 0..1"), ({"top_p": "x"}, "valid number")])
def test_anthropic_s_older_version_checks_sampling(more: dict[str, Any], message: str) -> None:
    """400 with the name."""
    answer = _sent("anthropic", more, version="2023-06-01")
    assert answer.status == 400
    assert message in answer.body.decode()


@pytest.mark.parametrize(
    ("more", "thoughts"),
    [
        ({}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"thinking": {"type": "between_tools"}}, True),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2048}, True),
    ],
    ids=["by default", "disabled", "between tools", "enabled"],
)
def test_anthropic_thinks_as_it_is_told(more: dict[str, Any], thoughts: bool) -> None:
    """A reasoning model thinks unless that is switched off."""
    answer = _sent("anthropic", {**more, "system": [{"type": "text", "text": "Be brief."}]}, model=THINKING)
    (message,) = events_of(TONGUES["anthropic"], answer)
    assert [block["type"] for block in message["content"]] == ["thinking", "text"][not thoughts :]


def test_no_tokens_warm_the_cache_up() -> None:
    """``max_tokens: 0`` is legal at Anthropic, and answers nothing."""
    (message,) = events_of(TONGUES["anthropic"], _sent("anthropic", {"max_tokens": 0}))
    assert (message["content"], message["usage"]["output_tokens"]) == ([], 0)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"contents": []}, "contents is not specified"),
        ({"contents": [{"role": "king", "parts": []}]}, "valid role"),
        ({"contents": [{"role": "user", "parts": []}]}, "must not be empty"),
        ({"contents": [3]}, "valid role"),
        ({"content": []}, 'Unknown name \\"content\\"'),
        ({"generationConfig": 3}, "generationConfig"),
        ({"generationConfig": {"temperature": 3}}, "Temperature"),
        ({"generationConfig": {"maxOutputTokens": 0}}, "max_output_tokens"),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "SOME"}}}, "thinking_level"),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}, "Thinking is not supported"),
        ({"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 9}}}, "only one of"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_gemini_refuses(more: dict[str, Any], message: str) -> None:
    """400, INVALID_ARGUMENT."""
    answer = _sent("gemini", more)
    assert (answer.status, json.loads(answer.body)["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert message in answer.body.decode()


def test_gemini_takes_either_spelling() -> None:
    """Names with underscores, a system instruction, and a conversation."""
    contents = [
        {"role": "user", "parts": [{"text": "Who are you?"}]},
        {"role": "model", "parts": [{"text": "Parrot."}]},
        {"parts": [{"text": exactly("turns")}]},
    ]
    more = {
        "contents": contents,
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "generation_config": {"max_output_tokens": 50},
    }
    assert _text("gemini", {**more, "generationConfig": None}) == "turns"


def test_gemini_takes_the_key_in_the_query() -> None:
    """As its older examples do."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        request = TONGUES["gemini"].request(exactly(), stream=False, key=None)
        answer = await raw(simulator, request.replace(b"generateContent", b"generateContent?key=sk-parrot-probe-key"))
        assert answer.status == 200

    against(visit)


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"inputs": "hi"}, "parameter_unknown", "inputs"),
        ({"input": None}, "invalid_request", "'input'"),
        ({"input": [3]}, "invalid_request", "input[0]"),
        ({"generation_config": 3}, "invalid_request", "generation_config"),
        ({"generation_config": {"max_output_tokens": 0}}, "invalid_request", "max_output_tokens"),
        ({"generation_config": {"thinking_level": "some"}}, "invalid_request", "thinking_level"),
        ({"generation_config": {"thinking_level": "high"}}, "invalid_request", "does not support thinking"),
        ({"stream": "yes"}, "invalid_request", "'stream'"),
        ({"background": True, "store": False}, "invalid_request", "has to be stored"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_interactions_refuses(more: dict[str, Any], code: str, message: str) -> None:
    """400 with a code that is a word."""
    answer = _sent("gemini-interactions", more)
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, code)
    assert message in error["message"]


@pytest.mark.parametrize(
    "given",
    [
        {"type": "text", "text": exactly("turns")},
        [{"type": "text", "text": exactly("turns")}],
        [
            {"type": "user_input", "content": [{"type": "text", "text": "Who are you?"}]},
            {"type": "model_output", "content": [{"type": "text", "text": "Parrot."}]},
            {"type": "user_input", "content": [{"type": "text", "text": exactly("turns")}]},
        ],
    ],
    ids=["content", "contents", "steps"],
)
def test_interactions_takes_contents_and_steps(given: object) -> None:
    """The last of the user's is the question."""
    more = {"input": given, "system_instruction": "Be brief."}
    assert _text("gemini-interactions", more) == "turns"
    thinking = {"generation_config": {"thinking_level": "minimal"}}
    answer = _sent("gemini-interactions", {**more, **thinking}, model=THINKING)
    assert [step["type"] for step in json.loads(answer.body)["steps"]] == ["model_output"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"messages": "hi"}, "cannot unmarshal string into Go struct field messages of type array"),
        ({"messages": [3]}, "cannot unmarshal number into Go struct field messages of type api.Message"),
        ({"messages": [{"role": "user", "content": 3}]}, "field content of type string"),
        ({"stream": "yes"}, "field stream of type bool"),
        ({"options": {"num_predict": "x"}}, "num_predict"),
        ({"think": "hard"}, "invalid think value"),
        ({"model": None}, "model is required"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_ollama_refuses(more: dict[str, Any], message: str) -> None:
    """400 with a sentence."""
    answer = _sent("ollama", more)
    assert answer.status == 400
    assert message in json.loads(answer.body)["error"]


@pytest.mark.parametrize(
    "more", [{"whatever": 1}, {"options": {"num_predict": -1, "seed": 3}}, {"think": False}], ids=str
)
def test_ollama_takes_what_it_does_not_know(more: dict[str, Any]) -> None:
    """And a limit below 1 is none."""
    assert _text("ollama", more) == NONCE


@pytest.mark.parametrize("path", ["/api/tags", "/api/version"])
def test_ollama_tells_what_it_is(path: str) -> None:
    """Without a key."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(simulator.url + path) as response:
            assert response.status == 200
            found = await response.json()
        assert found.keys() == {path.rpartition("/")[2].replace("tags", "models")}

    against(visit)
