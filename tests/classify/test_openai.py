"""Errors of OpenAI and of Azure OpenAI mean what their tables say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.classify import Audience, answer
from tests.classify.rows import Row, check, ids, openai

IRE = "invalid_request_error"
NO_SPACE = "Could not finish the message because max_tokens or model output limit was reached. Please try again."

CHAT = (
    *(
        Row(
            id=f"400-{code}",
            status=400,
            body=openai("no", type=IRE, code=code),
            expected="request_rejected parameter us",
        )
        for code in (
            *("unsupported_parameter", "unsupported_value", "context_length_exceeded", "decimal_above_max_value"),
            *("invalid_value", "missing_required_parameter", "image_parse_error", "data_residency_mismatch"),
        )
    ),
    Row(id="400-plain", status=400, body=openai("no", type=IRE), expected="request_rejected invalid_request us"),
    Row(
        id="400-output-limit",
        status=400,
        body=openai(NO_SPACE, type=IRE),
        expected="output_truncated output_limit us",
    ),
    Row(
        id="400-output-limit-with-code",
        status=400,
        body=openai(NO_SPACE, type=IRE, code="invalid_value", param="max_tokens"),
        expected="output_truncated output_limit us",
    ),
    Row(
        id="400-service-tier",
        status=400,
        body=openai("tier", type=IRE, param="service_tier"),
        expected="request_rejected invalid_request us",
    ),
    Row(
        id="400-billing-hard-limit",
        status=400,
        body=openai("Billing hard limit has been reached", type=IRE, code="billing_hard_limit_reached"),
        expected="quota_exhausted billing us",
    ),
    *(
        Row(
            id=f"400-{code}",
            status=400,
            body=openai("no", type=IRE, code=code),
            expected="content_filtered prompt us",
        )
        for code in ("content_policy_violation", "moderation_blocked", "cyber_policy", "bio_policy")
    ),
    Row(
        id="400-safety-text",
        status=400,
        body=openai("Your request was rejected as a result of our safety system.", type=IRE),
        expected="content_filtered prompt us",
    ),
    Row(
        id="401-invalid-key",
        status=401,
        body=openai("Incorrect API key provided", type=IRE, code="invalid_api_key"),
        expected="auth_rejected invalid_key us",
    ),
    Row(
        id="401-no-member",
        status=401,
        body=openai("You must be a member of an organization to use the API", type=IRE),
        expected="auth_rejected unauthorized us",
    ),
    Row(id="401-ip", status=401, body=openai("IP not authorized", type=IRE), expected="access_denied ip us"),
    Row(
        id="403-region-text",
        status=403,
        body=openai("Country, region, or territory not supported"),
        expected="access_denied region us",
    ),
    Row(
        id="403-region-code",
        status=403,
        body=openai("no", type="request_forbidden", code="unsupported_country_region_territory"),
        expected="access_denied region us",
    ),
    Row(
        id="404-model-code",
        status=404,
        body=openai("no", type=IRE, code="model_not_found"),
        expected="model_missing model us",
    ),
    Row(
        id="404-model-text",
        status=404,
        body=openai("The model `x` does not exist or you do not have access to it.", type=IRE),
        expected="model_missing model us",
    ),
    Row(
        id="404-model-param",
        status=404,
        body=openai("Not here", type=IRE, param="model"),
        expected="model_missing model us",
    ),
    Row(
        id="404-path",
        status=404,
        body=openai("Invalid URL (POST /v1/models/chat)", type=IRE),
        expected="request_rejected not_found us",
    ),
    Row(
        id="429-rate-code",
        status=429,
        body=openai("no", type="requests", code="rate_limit_exceeded"),
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-rate-text",
        status=429,
        body=openai("Rate limit reached for x on requests per min"),
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-too-large",
        status=429,
        body=openai("Request too large for x", type="tokens"),
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-slow-down",
        status=429,
        body=openai("no", type="rate_limit_error", code="slow_down"),
        expected="rate_limited ramp us",
    ),
    Row(
        id="429-insufficient-quota",
        status=429,
        body=openai("no", type="insufficient_quota", code="insufficient_quota"),
        expected="quota_exhausted billing us",
    ),
    *(
        Row(
            id=f"429-{code}",
            status=429,
            body=openai("no", type="insufficient_quota", code=code),
            expected=f"quota_exhausted {detail} us",
        )
        for code, detail in (
            ("credit_balance_exhausted", "billing"),
            ("organization_spend_limit_exceeded", "spend_limit"),
            ("project_spend_limit_exceeded", "spend_limit"),
            ("organization_usage_limit_exceeded", "usage_limit"),
        )
    ),
    Row(
        id="500-server-error",
        status=500,
        body=openai("The server had an error while processing your request", type="server_error"),
        expected="server_error internal target",
    ),
    Row(
        id="503-overloaded-code",
        status=503,
        body=openai("no", type="service_unavailable_error", code="server_is_overloaded"),
        expected="overloaded capacity target",
    ),
    Row(
        id="503-overloaded-text",
        status=503,
        body=openai("The engine is currently overloaded, please try again later", type="server_error"),
        expected="overloaded capacity target",
    ),
    Row(id="503-slow-down", status=503, body=openai("no", code="slow_down"), expected="rate_limited ramp us"),
    Row(id="502-html", status=502, body="<html>Bad gateway</html>", expected="upstream_error edge target"),
    Row(id="504-html", status=504, body="<html>x</html>", expected="upstream_error edge_read_timeout target"),
)

SESSION = {
    "context_length_exceeded": "request_rejected parameter us",
    "max_output_tokens": "output_truncated length us",
    "usage_limit_exceeded": "quota_exhausted usage_limit us",
    "project_spend_limit_exceeded": "quota_exhausted spend_limit us",
    "organization_spend_limit_exceeded": "quota_exhausted spend_limit us",
    "organization_usage_limit_exceeded": "quota_exhausted usage_limit us",
    "billing_not_active": "quota_exhausted billing us",
    "credit_balance_exhausted": "quota_exhausted billing us",
    "rate_limit_exceeded": "rate_limited rate_limit us",
    "flex_unavailable": "overloaded capacity target",
    "server_overloaded": "overloaded capacity target",
    "cyber_policy": "content_filtered prompt us",
    "misalignment_policy_violation": "content_filtered prompt us",
    "connection_failed": "upstream_error provider target",
    "server_error": "server_error internal target",
    "authentication_error": "auth_rejected unauthorized us",
    "invalid_request": "request_rejected invalid_request us",
    "resource_not_found": "request_rejected not_found us",
    "request_timeout": "server_error service_timeout target",
    "internal_error": "server_error internal target",
}
"""The stable list of OpenAI's agent sessions, as an error object inside a status 200."""

AZURE = (
    Row(
        id="prompt-filtered",
        status=400,
        body={
            "error": {
                "message": "The response was filtered",
                "type": None,
                "param": "prompt",
                "code": "content_filter",
                "status": 400,
            }
        },
        expected="content_filtered prompt us",
    ),
    Row(
        id="prompt-filtered-inner",
        status=400,
        body={"error": {"message": "no", "code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        expected="content_filtered prompt us",
    ),
    Row(
        id="401-key",
        status=401,
        body={
            "error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint."}
        },
        expected="auth_rejected unauthorized us",
    ),
    Row(
        id="403-network",
        status=403,
        body={"error": {"code": "AccessDenied", "message": "Access denied due to Virtual Network/Firewall rules."}},
        expected="access_denied permission us",
    ),
    Row(
        id="403-network-text",
        status=403,
        body={"error": {"code": "403", "message": "Access denied due to Virtual Network/Firewall rules."}},
        expected="access_denied ip us",
    ),
    Row(
        id="403-blocked",
        status=403,
        body={"error": {"code": "403", "message": "Your resource has been temporarily blocked"}},
        expected="access_denied on_hold us",
    ),
    Row(
        id="404-deployment",
        status=404,
        body={
            "error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}
        },
        expected="model_missing model us",
    ),
    Row(
        id="404-api-version",
        status=404,
        body={"error": {"code": "404", "message": "Resource not found"}},
        expected="request_rejected not_found us",
    ),
    Row(
        id="408-timeout",
        status=408,
        body={"error": {"code": "Timeout", "message": "The operation was timeout."}},
        expected="server_error service_timeout target",
    ),
    Row(
        id="429-rate",
        status=429,
        body={"error": {"code": "429", "message": "Rate limit is exceeded. Try again in 10 seconds."}},
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-requests",
        status=429,
        body={"error": {"code": "429", "message": "Requests to the ChatCompletions operation have been limited."}},
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-high-demand",
        status=429,
        body={
            "error": {"code": "429", "message": "System is experiencing high demand and cannot process your request."}
        },
        expected="overloaded capacity target",
    ),
    Row(
        id="429-high-demand-now",
        status=429,
        body={"error": {"code": "429", "message": "The system is currently experiencing high demand."}},
        expected="overloaded capacity target",
    ),
    Row(id="500", status=500, body=openai("x"), expected="server_error internal target"),
    Row(id="503", status=503, body=openai("x"), expected="overloaded unavailable target"),
)


@pytest.mark.parametrize("row", CHAT, ids=ids)
@pytest.mark.parametrize("protocol", ["openai-chat", None])
def test_chat_completions(row: Row, protocol: str | None) -> None:
    """Each row of the reference's table of statuses, types and codes."""
    check(row, answer(replace(row, protocol=protocol).answer(), Audience.API))


@pytest.mark.parametrize(("code", "expected"), SESSION.items(), ids=SESSION)
def test_session_codes(code: str, expected: str) -> None:
    """Every code of the stable list is known, also without a status to lean on."""
    row = Row(id=code, body={"error": {"code": code, "message": "x"}}, expected=expected)
    check(row, answer(row.answer(), Audience.API))


@pytest.mark.parametrize("row", AZURE, ids=ids)
def test_azure(row: Row) -> None:
    """Each row of the reference's table of Azure's differences."""
    check(row, answer(row.answer(), Audience.API))


def test_a_body_code_beats_the_status() -> None:
    """What the service says of its own failure is better evidence than the status that a gateway put on it."""
    row = Row(id="x", status=500, body=openai("no", code="rate_limit_exceeded"), expected="rate_limited rate_limit us")
    check(row, answer(row.answer(), Audience.API))


def test_an_unknown_code_is_reported_and_the_status_decides() -> None:
    """A new code of a provider is neither lost nor guessed at."""
    row = Row(
        id="x",
        status=429,
        body=openai("no", type="insufficient_luck", code="luck_exhausted"),
        expected="rate_limited rate_limit us",
        unmapped="luck_exhausted",
    )
    check(row, answer(row.answer(), Audience.API))


def test_the_azure_filter_being_down_is_a_success() -> None:
    """An error object of the content filter is inside the answer, which is real."""
    body = {
        "choices": [
            {"message": {"content": "x"}, "content_filter_results": {"error": {"code": "content_filter_error"}}}
        ]
    }
    row = Row(id="x", body=body, expected="")
    assert answer(row.answer(), Audience.API) is None
