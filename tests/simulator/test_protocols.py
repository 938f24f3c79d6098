"""What holds for every chat protocol: the text, the end, the counts, and a refusal in the provider's own words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator.dialects import DIALECTS
from prober.simulator.errors import ERRORS, WORDS
from tests.simulator.company import RawAnswer, against, request_bytes
from tests.simulator.company import raw as raw_request
from tests.simulator.tongues import NONCE, TONGUES, Tongue, ask, events_of, exactly

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

EVERY = pytest.mark.parametrize("tongue", TONGUES.values(), ids=lambda tongue: tongue.name)
BOTH_WAYS = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

STOP = {"stop", "completed", "end_turn", "STOP"}
LENGTH = {"length", "max_output_tokens", "max_tokens", "MAX_TOKENS", "incomplete"}


def _answer(tongue: Tongue, *faults: dict[str, object], prompt: str = exactly(), stream: bool, **how: Any) -> RawAnswer:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        return await ask(simulator, tongue, prompt, stream=stream, **how)

    return against(visit, faults={"chat": list(faults)})


@EVERY
@BOTH_WAYS
def test_it_says_what_it_is_told_to_say(tongue: Tongue, stream: bool) -> None:
    """The text comes back, the answer ends as it should, and the counts are right."""
    answer = _answer(tongue, stream=stream)
    assert answer.status == 200
    assert answer.complete is stream
    events = events_of(tongue, answer)
    assert tongue.said(events) == NONCE
    reason, read, written, reasoning = tongue.told(events)
    assert reason in STOP
    assert (read, written, reasoning) == (17, 2, 0)


@EVERY
@BOTH_WAYS
def test_a_reasoning_model_thinks_first(tongue: Tongue, stream: bool) -> None:
    """Thoughts are counted as output, and are no text."""
    events = events_of(tongue, _answer(tongue, stream=stream, model="parrot-2-thinking"))
    assert tongue.said(events) == NONCE
    reason, _, written, reasoning = tongue.told(events)
    assert reason in STOP
    assert written == 30
    assert reasoning == 28 or (tongue.name == "ollama" and not stream)


@EVERY
@BOTH_WAYS
@pytest.mark.parametrize(
    ("model", "limit", "text"),
    [("parrot-2", 17, " ".join(["word"] * 17)), ("parrot-2-thinking", 20, ""), ("parrot-2-thinking", 30, "word word")],
    ids=["text", "thoughts alone", "thoughts and text"],
)
def test_the_limit_is_kept(tongue: Tongue, model: str, limit: int, text: str, stream: bool) -> None:
    """Thoughts and text share it, and its end has the protocol's word."""
    answer = _answer(tongue, stream=stream, model=model, limit=limit, prompt="Write 50 words.")
    events = events_of(tongue, answer)
    assert tongue.said(events) == text
    reason, _, written, _ = tongue.told(events)
    assert reason in LENGTH
    assert written == limit


@EVERY
@BOTH_WAYS
def test_a_replayed_answer_has_used_nothing(tongue: Tongue, stream: bool) -> None:
    """Another prompt's text, and zero in every count."""
    events = events_of(tongue, _answer(tongue, {"fault": "replay", "text": "old"}, stream=stream))
    assert tongue.said(events) == "old"
    assert tongue.told(events)[1:] == (0, 0, 0)


@EVERY
@BOTH_WAYS
@pytest.mark.parametrize("how", ["finish", "refusal", "prompt"])
def test_a_filter_leaves_no_text(tongue: Tongue, how: str, stream: bool) -> None:
    """It is said in the way of the protocol; only Ollama has none and says nothing."""
    answer = _answer(tongue, {"fault": "filtered", "how": how}, stream=stream)
    events = events_of(tongue, answer)
    assert tongue.said(events) == ""
    words = {
        "openai-chat": b"I'm sorry, but" if how == "refusal" else b'"content_filter"',
        "openai-responses": b'"refusal"' if how == "refusal" else b'"reason":"content_filter"',
        "azure-openai": b"I'm sorry, but" if how == "refusal" else b'"violence":{"filtered":true',
        "anthropic": b'"stop_reason":"refusal"',
        "gemini": {
            "finish": b'"finishReason":"SAFETY"',
            "refusal": b'"finishReason":"PROHIBITED_CONTENT"',
            "prompt": b'"promptFeedback":{"blockReason":"SAFETY"',
        }[how],
        "gemini-interactions": b'"status":"failed"',
        "ollama": b'"done_reason":"stop"',
    }
    assert words[tongue.name] in answer.events


@EVERY
@BOTH_WAYS
def test_an_empty_answer_ends_properly(tongue: Tongue, stream: bool) -> None:
    """No text, and the reason of a good end."""
    events = events_of(tongue, _answer(tongue, {"fault": "empty"}, stream=stream))
    assert tongue.said(events) == ""
    assert tongue.told(events)[0] in STOP


@EVERY
def test_a_stream_may_be_ignored(tongue: Tongue) -> None:
    """One JSON object to a request for a stream."""
    answer = _answer(tongue, {"fault": "not_streamed"}, stream=True)
    assert b"content-type: application/json" in answer.head.lower()
    assert tongue.said(events_of(tongue, answer)) == NONCE


REFUSALS: dict[str, dict[str, tuple[int, list[object]]]] = {
    "openai-chat": {
        "no key": (401, ["error", "type", "invalid_request_error"]),
        "bad key": (401, ["error", "code", "invalid_api_key"]),
        "model": (404, ["error", "code", "model_not_found"]),
        "unfit": (400, ["error", "code", "unsupported_model"]),
        "body": (400, ["error", "type", "invalid_request_error"]),
        "rate": (429, ["error", "code", "rate_limit_exceeded"]),
    },
    "azure-openai": {
        "no key": (401, ["error", "code", "401"]),
        "bad key": (401, ["error", "code", "401"]),
        "model": (404, ["error", "code", "DeploymentNotFound"]),
        "unfit": (400, ["error", "code", "unsupported_model"]),
        "body": (400, ["error", "type", "invalid_request_error"]),
        "rate": (429, ["error", "code", "429"]),
    },
    "anthropic": {
        "no key": (401, ["error", "type", "authentication_error"]),
        "bad key": (401, ["error", "type", "authentication_error"]),
        "model": (404, ["error", "type", "not_found_error"]),
        "unfit": (400, ["error", "type", "invalid_request_error"]),
        "body": (400, ["error", "type", "invalid_request_error"]),
        "rate": (429, ["error", "type", "rate_limit_error"]),
    },
    "gemini": {
        "no key": (403, ["error", "status", "PERMISSION_DENIED"]),
        "bad key": (400, ["error", "status", "INVALID_ARGUMENT"]),
        "model": (404, ["error", "status", "NOT_FOUND"]),
        "unfit": (404, ["error", "status", "NOT_FOUND"]),
        "body": (400, ["error", "status", "INVALID_ARGUMENT"]),
        "rate": (429, ["error", "status", "RESOURCE_EXHAUSTED"]),
    },
    "gemini-interactions": {
        "no key": (401, ["error", "code", "authentication"]),
        "bad key": (401, ["error", "code", "authentication"]),
        "model": (404, ["error", "code", "model_not_found"]),
        "unfit": (400, ["error", "code", "invalid_request"]),
        "body": (400, ["error", "code", "invalid_request"]),
        "rate": (429, ["error", "code", "rate_limit_exceeded"]),
    },
    "ollama": {
        "no key": (200, ["done", True]),
        "bad key": (401, ["error", "unauthorized"]),
        "model": (404, ["error", 'model "parrot-9" not found, try pulling it first']),
        "unfit": (400, ["error", '"parrot-embedding-1" does not support chat']),
        "body": (400, ["error", "We could not parse the JSON body of your request."]),
        "rate": (429, ["error", "too many requests, please try again in 7s"]),
    },
}
REFUSALS["openai-responses"] = REFUSALS["openai-chat"]
HOW: dict[str, dict[str, Any]] = {
    "no key": {"key": None},
    "bad key": {"key": "sk-wrong"},
    "model": {"model": "parrot-9"},
    "unfit": {"model": "parrot-embedding-1"},
    "body": {},
    "rate": {},
}


@EVERY
@pytest.mark.parametrize("what", HOW)
def test_a_refusal_has_the_provider_s_words(tongue: Tongue, what: str) -> None:
    """Status and type of the error, and the header of the request's id where there is one."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        request = tongue.request(exactly(), stream=False, **HOW[what])
        if what == "body":
            head, end, body = request.partition(b"\r\n\r\n")
            request = head + end + body.replace(b"{", b"(")
        return await raw_request(simulator, request)

    faults = {"chat": [{"fault": "rate_limit", "retry_after": 7}]} if what == "rate" else {}
    answer = against(visit, faults=faults)
    status, (*path, word) = REFUSALS[tongue.name][what]
    found = json.loads(answer.body)
    for name in path:
        found = found[name]
    assert (answer.status, found) == (status, word)
    ids = {"openai-chat": b"x-request-id: req_", "azure-openai": b"apim-request-id: ", "anthropic": b"request-id: req_"}
    assert ids.get(tongue.name, b"") in answer.head.lower()
    if tongue.name == "anthropic":
        id_ = json.loads(answer.body)["request_id"]
        assert f"request-id: {id_}".encode() in answer.head
    if what == "rate":
        assert b"retry-after: 7" in answer.head.lower()


HEADERS = {
    "openai-chat": ["x-request-id", "openai-processing-ms", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
    "openai-responses": ["x-request-id", "x-ratelimit-remaining-requests"],
    "azure-openai": ["apim-request-id", "x-ms-region", "x-ratelimit-remaining-tokens"],
    "anthropic": [
        "request-id",
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
        "anthropic-ratelimit-output-tokens-limit",
    ],
    "gemini": ["server-timing"],
    "gemini-interactions": ["server-timing"],
    "ollama": ["content-type"],
}


@EVERY
@BOTH_WAYS
def test_an_answer_has_the_provider_s_headers(tongue: Tongue, stream: bool) -> None:
    """Request id and allowance under the names that the provider has for them."""
    head = _answer(tongue, stream=stream).head.decode().lower()
    assert [name for name in HEADERS[tongue.name] if f"\r\n{name}: " not in head] == []
    assert ("x-ratelimit" in head) is tongue.name.startswith(("openai", "azure"))


@EVERY
@pytest.mark.parametrize("word", WORDS)
def test_a_shared_word_is_the_protocol_s_own_error(tongue: Tongue, word: str) -> None:
    """The document says ``quota``, and each API answers as its provider does."""
    answer = _answer(tongue, {"fault": "error", "error": word}, stream=True)
    dialect = {"openai-chat": "openai", "openai-responses": "openai", "gemini-interactions": "interactions"}
    known = ERRORS[f"{dialect.get(tongue.name, tongue.name.removesuffix('-openai'))}.{word}"]
    assert answer.status == known.status
    found, expected = json.loads(answer.body), known.json
    assert isinstance(expected, dict)
    assert {**found, "request_id": 0} == {**expected, "request_id": 0}


def test_every_dialect_has_every_word() -> None:
    """So that no fault can name an error that is not there."""
    assert [f"{name}.{word}" for name in DIALECTS for word in WORDS if f"{name}.{word}" not in ERRORS] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("POST", "/v1/nothing", 404, '"type":"invalid_request_error"'),
        ("GET", "/v1/messages", 405, '"type":"error"'),
        ("POST", "/v1/messages/nothing", 404, '"type":"not_found_error"'),
        ("POST", "/openai/deployments/parrot-2/nothing", 404, "Resource not found"),
        ("POST", "/openai/deployments/parrot-2/chat/completions", 404, "Resource not found"),
        ("POST", "/v1beta/models/parrot-2:nothing", 404, '"status":"NOT_FOUND"'),
        ("PUT", "/v1beta/interactions", 405, '"code":"invalid_request"'),
        ("GET", "/v1beta/interactions/v1_nothing", 404, '"code":"not_found"'),
        ("GET", "/v1/responses/resp_nothing", 404, "Response with id 'resp_nothing' not found."),
        ("GET", "/api/chat", 404, '{"error":"not found"}'),
    ],
)
def test_what_is_not_there_is_refused_in_its_api_s_words(method: str, path: str, status: int, said: str) -> None:
    """A client that takes a wrong turn gets JSON of the API it takes itself to be in."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        headers = "x-goog-api-key: sk-parrot-probe-key\r\n"
        answer = await raw_request(simulator, request_bytes(path, method=method, body={}, headers=headers))
        assert answer.status == status
        assert said in answer.body.decode()

    against(visit)


def test_the_second_company_speaks_them_all() -> None:
    """Under its prefix, with its own keys and models."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        for tongue in TONGUES.values():
            for key, status in (
                ("sk-parrot-probe-key", REFUSALS[tongue.name]["bad key"][0]),
                ("sk-magpie-probe-key", 200),
            ):
                request = tongue.request(exactly(), stream=False, model="magpie-2", key=key)
                answer = await raw_request(simulator, request.replace(b"POST /", b"POST /magpie/", 1))
                assert answer.status == status

    against(visit)
