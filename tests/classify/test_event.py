"""Error objects inside a stream or a job, where there is no HTTP status."""

from __future__ import annotations

import pytest

from prober.classify import Rule, event
from prober.model.errors import ErrorClass
from tests.classify.rows import Row, check, ids, openai

RESPONSES_CODES = {
    "server_error": "server_error error_event target",
    "rate_limit_exceeded": "rate_limited rate_limit us",
    "invalid_prompt": "request_rejected parameter us",
    "data_residency_mismatch": "request_rejected parameter us",
    "bio_policy": "content_filtered prompt us",
    "misalignment_policy_violation": "content_filtered prompt us",
    "vector_store_timeout": "server_error service_timeout target",
    **dict.fromkeys(
        (
            *("invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url", "image_too_large"),
            *("image_too_small", "image_parse_error", "invalid_image_mode", "image_file_too_large"),
            *("unsupported_image_media_type", "empty_image_file", "failed_to_download_image", "image_file_not_found"),
        ),
        "request_rejected parameter us",
    ),
    "image_content_policy_violation": "content_filtered prompt us",
}
"""The closed list of the Responses API."""

CHUNK = {"id": "gen-1", "object": "chat.completion.chunk", "model": "x", "provider": "X"}
RATE = {"code": 429, "message": "Rate limit exceeded", "metadata": {"error_type": "rate_limit_exceeded"}}

EVENTS = (
    Row(id="openai", body=openai("boom", type="server_error"), expected="server_error error_event target"),
    Row(
        id="vllm", body=openai("boom", type="InternalServerError", code=500), expected="server_error error_event target"
    ),
    Row(
        id="vllm-400",
        body=openai("no", type="BadRequestError", code=400),
        expected="request_rejected invalid_request us",
    ),
    Row(id="litellm", body=openai("no", type="None", code="429"), expected="rate_limited rate_limit us"),
    Row(
        id="tgi",
        body={"error": {"message": "Input validation error: `inputs` is too long", "http_status_code": 422}},
        expected="request_rejected invalid_request us",
    ),
    Row(id="groq", body={"id": "req_1", "error": "over_capacity"}, expected="overloaded capacity target"),
    Row(
        id="cerebras",
        body={"error": {"message": "too much at once", "type": None, "code": None}, "status_code": 429},
        expected="rate_limited rate_limit us",
    ),
    Row(id="text", body={"error": "an error happened"}, expected="server_error error_event target"),
    Row(
        id="ollama",
        body={"error": "server busy, please try again."},
        expected="overloaded capacity target",
        protocol="ollama",
    ),
    Row(id="phrase", body={"error": "Unauthorized"}, expected="auth_rejected unauthorized us"),
    Row(id="true", body={"error": True, "message": "boom"}, expected="server_error error_event target"),
    Row(
        id="anthropic",
        body={"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        expected="overloaded capacity target",
        protocol="anthropic",
    ),
    Row(
        id="anthropic-api-error",
        body={"type": "error", "error": {"type": "api_error", "message": "Internal server error"}},
        expected="server_error error_event target",
        protocol="anthropic",
    ),
    Row(
        id="gemini",
        body={"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}},
        expected="overloaded capacity target",
        protocol="gemini",
    ),
    Row(
        id="gemini-array",
        body=[{"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}],
        expected="rate_limited rate_limit us",
        protocol="gemini",
    ),
    Row(
        id="veo",
        body={"done": True, "error": {"code": 13, "message": "no", "status": "INTERNAL"}},
        expected="server_error error_event target",
        protocol="veo",
    ),
    Row(
        id="interactions",
        body={"event_type": "error", "error": {"code": "not_found", "message": "gone"}},
        expected="unexpected_response not_found target",
        protocol="gemini-interactions",
    ),
    Row(
        id="interactions-quota",
        body={"event_type": "error", "error": {"code": "quota_exceeded", "message": "no"}},
        expected="quota_exhausted daily_quota us",
        protocol="gemini-interactions",
    ),
    Row(
        id="openrouter",
        body={**CHUNK, "error": RATE, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]},
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="openrouter-no-choices", body={**CHUNK, "error": RATE, "choices": []}, expected="rate_limited rate_limit us"
    ),
    Row(
        id="openrouter-word",
        body={**CHUNK, "error": {"code": "server_error", "message": "Provider disconnected"}, "choices": []},
        expected="server_error error_event target",
    ),
    Row(
        id="openrouter-choice",
        body={**CHUNK, "choices": [{"finish_reason": "error", "error": RATE}]},
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="video-job",
        body={"status": "failed", "error": {"code": "moderation_blocked", "message": "no"}},
        expected="content_filtered prompt us",
    ),
    Row(
        id="unknown",
        body=openai("no", code="flux_inverted"),
        expected="server_error error_event target",
        unmapped="flux_inverted",
    ),
)


@pytest.mark.parametrize("row", EVENTS, ids=ids)
def test_events(row: Row) -> None:
    """Each shape of an error inside a stream, from each provider."""
    check(row, event(row.body, protocol=row.protocol))


@pytest.mark.parametrize(("code", "expected"), RESPONSES_CODES.items(), ids=RESPONSES_CODES)
def test_responses(code: str, expected: str) -> None:
    """The flat event has no envelope, the failed response is one level down; both say the same."""
    flat = {"type": "error", "code": code, "message": "no", "param": None, "sequence_number": 1}
    failed = {"type": "response.failed", "response": {"status": "failed", "error": {"code": code, "message": "no"}}}
    row = Row(id=code, expected=expected)
    check(row, event(flat, protocol="openai-responses"))
    check(row, event(failed, protocol="openai-responses"))


@pytest.mark.parametrize(
    "document", [{"message": "Overloaded", "type": "overloaded_error"}, {"code": "server_is_overloaded"}]
)
def test_an_event_that_is_named_error(document: object) -> None:
    """The event's name is enough, and its data may be the bare error object."""
    assert event(document) is None
    check(Row(id="x", expected="overloaded capacity target"), event(document, name="error"))


@pytest.mark.parametrize("document", [None, "boom", 7, [], {}, [1, 2]])
def test_a_named_error_without_an_object(document: object) -> None:
    """What is called an error is one, whatever comes with it."""
    check(Row(id="x", expected="server_error error_event target"), event(document, name="error"))


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [{"delta": {"content": "x"}}], "error": None},
        {"type": "response.completed", "response": {"status": "completed", "error": None}},
        {"type": "ping"},
        {"candidates": []},
        {"done": True},
        None,
        "text",
        [],
        [{}, {"error": "x"}],
    ],
)
def test_ordinary_events(document: object) -> None:
    """Events of a good stream are no failures."""
    assert event(document) is None


def test_the_caller_names_what_an_unexplained_error_is() -> None:
    """A job that fails without saying why is a failed job."""
    verdict = event({"error": {"message": "no"}}, otherwise=Rule(ErrorClass.JOB_FAILED, "other"))
    check(Row(id="x", expected="job_failed other target"), verdict)


def test_our_own_text_is_not_the_services() -> None:
    """Words after our nonce decide nothing."""
    document = {"error": {"message": "could not do: [abc-123] server busy, loading model"}}
    check(Row(id="x", expected="server_error error_event target"), event(document, nonce="abc-123"))
