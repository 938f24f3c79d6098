"""What a finish reason means in each protocol."""

from __future__ import annotations

import pytest

from prober.classify import blocked, finish
from tests.classify.rows import Row, check

LENGTH = "output_truncated length us"
FILTERED = "content_filtered output us"
REFUSAL = "content_filtered refusal us"
INTERNAL = "server_error internal target"
UNFINISHED = "unexpected_response status target"

REASONS = {
    "openai-chat": {
        "stop": None,
        "tool_calls": None,
        "function_call": None,
        "length": LENGTH,
        "content_filter": FILTERED,
        "error": "server_error error_event target",
        "refusal": REFUSAL,
        "model_length": LENGTH,
        "abort": "server_error cancelled target",
        "insufficient_system_resource": "overloaded capacity target",
        "SAFETY": FILTERED,
        "max_tokens": LENGTH,
    },
    "azure-openai": {"stop": None, "length": LENGTH, "content_filter": FILTERED},
    "openai-responses": {
        "completed": None,
        "incomplete:max_output_tokens": LENGTH,
        "incomplete:max_messages": LENGTH,
        "incomplete:content_filter": FILTERED,
        "incomplete:steered": "server_error cancelled target",
        "failed": INTERNAL,
        "cancelled": "server_error cancelled target",
        "in_progress": UNFINISHED,
        "queued": UNFINISHED,
    },
    "anthropic": {
        "end_turn": None,
        "stop_sequence": None,
        "tool_use": None,
        "pause_turn": None,
        "max_tokens": LENGTH,
        "model_context_window_exceeded": LENGTH,
        "refusal": REFUSAL,
    },
    "gemini": {
        "STOP": None,
        "MAX_TOKENS": LENGTH,
        "CONTINUATION": LENGTH,
        **dict.fromkeys(
            (
                *("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"),
                *("IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "ESCALATION", "MODEL_ARMOR"),
            ),
            FILTERED,
        ),
        "NO_IMAGE": "empty_response no_text target",
        "OTHER": "server_error other target",
        "IMAGE_OTHER": "server_error other target",
        "MALFORMED_RESPONSE": INTERNAL,
        "MALFORMED_FUNCTION_CALL": INTERNAL,
        "UNEXPECTED_TOOL_CALL": INTERNAL,
        "TOO_MANY_TOOL_CALLS": INTERNAL,
        "MISSING_THOUGHT_SIGNATURE": "request_rejected parameter us",
        "PUP_LIMITED_DISABLED": "access_denied on_hold us",
    },
    "gemini-interactions": {
        "completed": None,
        "requires_action": UNFINISHED,
        "incomplete": LENGTH,
        "requires_continuation": LENGTH,
        "budget_exceeded": "quota_exhausted spend_limit us",
        "failed": INTERNAL,
        "cancelled": "server_error cancelled target",
        "in_progress": UNFINISHED,
        "queued": UNFINISHED,
    },
    "ollama": {
        "stop": None,
        "length": LENGTH,
        "load": "empty_response no_text target",
        "unload": "empty_response no_text target",
    },
}

CASES = [(protocol, reason, expected) for protocol, reasons in REASONS.items() for reason, expected in reasons.items()]


@pytest.mark.parametrize(("protocol", "reason", "expected"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_reasons(protocol: str, reason: str, expected: str | None) -> None:
    """Every reason that a protocol's own types list is complete, or has its class."""
    ending = finish(protocol, reason)
    assert ending.unmapped is None
    if expected is None:
        assert ending.failure is None
    else:
        check(Row(id=reason, expected=expected), ending.failure)


@pytest.mark.parametrize("protocol", [*REASONS, "somebody-elses"])
def test_an_unknown_reason_is_reported_and_fails_nothing(protocol: str) -> None:
    """A new reason is no failure by itself: the text decides whether there is an answer."""
    ending = finish(protocol, "sun\x00burn" + "x" * 500)
    assert ending.failure is None
    assert ending.unmapped is not None
    assert ending.unmapped.startswith(r"sun\x00burn")
    assert len(ending.unmapped) <= 80


@pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK"])
def test_a_blocked_prompt(reason: str) -> None:
    """Gemini blocks a prompt with status 200 and no candidates."""
    check(Row(id=reason, expected="content_filtered prompt us"), blocked(reason))


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_an_answer_that_is_still_to_come(status: str) -> None:
    """Its message speaks of the answer: there need not have been a stream."""
    ending = finish("openai-responses", status)
    assert ending.failure is not None
    assert ending.failure.message == f"ended with {status}: the answer is not complete"
