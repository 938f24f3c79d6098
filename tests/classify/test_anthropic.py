"""Errors of the Anthropic API mean what the reference's table says."""

from __future__ import annotations

import pytest

from prober.classify import Audience, answer
from tests.classify.rows import Row, check, ids


def anthropic(kind: str, message: str = "no", code: str | None = None) -> object:
    """Anthropic's error envelope."""
    error = {"type": kind, "message": message} | ({"details": {"error_code": code}} if code else {})
    return {"type": "error", "error": error, "request_id": "req_1"}


IRE = "invalid_request_error"

ROWS = (
    Row(id="400", status=400, body=anthropic(IRE), expected="request_rejected invalid_request us"),
    Row(
        id="400-credit",
        status=400,
        body=anthropic(IRE, "Your credit balance is too low to access the Anthropic API."),
        expected="quota_exhausted billing us",
    ),
    Row(
        id="400-own-limit",
        status=400,
        body=anthropic(IRE, "You have reached your specified API usage limits. You will regain access"),
        expected="quota_exhausted spend_limit us",
    ),
    Row(
        id="400-workspace-limit",
        status=400,
        body=anthropic(IRE, "You have reached your specified workspace API usage limits."),
        expected="quota_exhausted spend_limit us",
    ),
    Row(
        id="400-on-hold",
        status=400,
        body=anthropic(IRE, code="organization_on_hold"),
        expected="access_denied on_hold us",
    ),
    Row(
        id="400-filter",
        status=400,
        body=anthropic(IRE, "Output blocked by content filtering policy"),
        expected="content_filtered output us",
    ),
    Row(id="401", status=401, body=anthropic("authentication_error"), expected="auth_rejected unauthorized us"),
    Row(id="402", status=402, body=anthropic("billing_error"), expected="quota_exhausted billing us"),
    Row(
        id="402-linked-limit",
        status=402,
        body=anthropic("billing_error", code="linked_organization_spend_limit_reached"),
        expected="quota_exhausted spend_limit us",
    ),
    Row(
        id="402-linked-billing",
        status=402,
        body=anthropic("billing_error", code="linked_organization_billing_unavailable"),
        expected="quota_exhausted billing us",
    ),
    Row(id="403", status=403, body=anthropic("permission_error"), expected="access_denied permission us"),
    Row(
        id="404-model",
        status=404,
        body=anthropic("not_found_error", "model: claude-x"),
        expected="model_missing model us",
    ),
    Row(
        id="404-resource",
        status=404,
        body=anthropic("not_found_error", "Not Found"),
        expected="request_rejected not_found us",
    ),
    Row(id="409", status=409, body=anthropic("conflict_error"), expected="server_error conflict target"),
    Row(id="413", status=413, body=anthropic("request_too_large"), expected="request_rejected request_too_large us"),
    Row(
        id="413-cloudflare",
        status=413,
        body="<html><title>413 Payload Too Large</title></html>",
        headers={"server": "cloudflare"},
        expected="request_rejected request_too_large us",
    ),
    Row(id="429", status=429, body=anthropic("rate_limit_error"), expected="rate_limited rate_limit us"),
    Row(
        id="429-ramp",
        status=429,
        body=anthropic("rate_limit_error", code="ramp_limit_exceeded"),
        expected="rate_limited ramp us",
    ),
    *(
        Row(
            id=f"429-{code}",
            status=429,
            body=anthropic("rate_limit_error", code=code),
            expected="quota_exhausted usage_limit us",
        )
        for code in ("enforced_spend_limit_reached", "contract_spend_limit_reached")
    ),
    Row(id="500", status=500, body=anthropic("api_error"), expected="server_error internal target"),
    Row(
        id="503-context",
        status=503,
        body=anthropic("api_error", code="cmek_context_unavailable"),
        expected="server_error internal target",
    ),
    *(
        Row(
            id=f"503-{code}",
            status=503,
            body=anthropic("api_error", code=code),
            expected="access_denied encryption_key us",
        )
        for code in ("cmek_key_unreachable", "cmek_key_disabled", "cmek_key_network_blocked")
    ),
    Row(
        id="504-behind-cloudflare",
        status=504,
        body=anthropic("timeout_error"),
        headers={"server": "cloudflare", "cf-ray": "1-FRA"},
        expected="server_error service_timeout target",
    ),
    Row(id="529", status=529, body=anthropic("overloaded_error"), expected="overloaded capacity target"),
    Row(
        id="unknown-detail",
        status=400,
        body=anthropic(IRE, code="moon_in_wrong_phase"),
        expected="request_rejected invalid_request us",
        unmapped="moon_in_wrong_phase",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_messages(row: Row) -> None:
    """Each row of the reference's table, and the billing failures that hide in a status 400."""
    check(row, answer(row.answer(), Audience.API))
