"""Errors of Gemini mean what the reference's tables say: generateContent with RPC statuses, Interactions with words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from prober.classify import Audience, answer
from tests.classify.rows import Row, check, ids

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


def rpc(code: int, status: str, message: str = "no", *details: object) -> object:
    """The envelope of generateContent."""
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def quota(name: str) -> object:
    """The detail that names the quota."""
    return {"@type": QUOTA_FAILURE, "violations": [{"quotaMetric": "m", "quotaId": name}]}


BAD_KEY = rpc(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    {"@type": ERROR_INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
)
EXHAUSTED = "RESOURCE_EXHAUSTED"

GENERATE = (
    Row(id="400-key", status=400, body=BAD_KEY, expected="auth_rejected invalid_key us"),
    Row(id="400-key-in-array", status=400, body=[BAD_KEY], expected="auth_rejected invalid_key us"),
    Row(
        id="400-key-text",
        status=400,
        body=rpc(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        expected="auth_rejected invalid_key us",
    ),
    Row(id="400", status=400, body=rpc(400, "INVALID_ARGUMENT"), expected="request_rejected invalid_request us"),
    Row(
        id="400-country",
        status=400,
        body=rpc(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        expected="access_denied region us",
    ),
    Row(
        id="400-billing",
        status=400,
        body=rpc(400, "FAILED_PRECONDITION", "Please enable billing"),
        expected="access_denied billing us",
    ),
    Row(id="403", status=403, body=rpc(403, "PERMISSION_DENIED"), expected="access_denied permission us"),
    Row(
        id="404-model",
        status=404,
        body=rpc(404, "NOT_FOUND", "models/x is not found for API version v1beta"),
        expected="model_missing model us",
    ),
    Row(
        id="429-minute",
        status=429,
        body=rpc(
            429,
            EXHAUSTED,
            "no",
            quota("GenerateRequestsPerMinutePerProjectPerModel"),
            {"@type": RETRY_INFO, "retryDelay": "46s"},
        ),
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="429-day",
        status=429,
        body=rpc(429, EXHAUSTED, "no", quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
        expected="quota_exhausted daily_quota us",
    ),
    Row(
        id="429-day-by-delay",
        status=429,
        body=rpc(429, EXHAUSTED, "no", {"@type": RETRY_INFO, "retryDelay": "35640.5s"}),
        expected="quota_exhausted daily_quota us",
    ),
    Row(
        id="429-limit-zero",
        status=429,
        body=rpc(429, EXHAUSTED, "Quota exceeded for metric: m, limit: 0, model: x", quota("XPerMinute")),
        expected="quota_exhausted usage_limit us",
    ),
    Row(
        id="429-capacity",
        status=429,
        body=rpc(429, EXHAUSTED, "Unable to submit request because the service is temporarily out of capacity."),
        expected="overloaded capacity target",
    ),
    Row(
        id="429-prepaid",
        status=429,
        body=rpc(429, EXHAUSTED, "Your prepayment credits are depleted. Please go to AI Studio"),
        expected="quota_exhausted billing us",
    ),
    Row(id="429-plain", status=429, body=rpc(429, EXHAUSTED), expected="rate_limited rate_limit us"),
    Row(id="500", status=500, body=rpc(500, "INTERNAL"), expected="server_error internal target"),
    Row(
        id="503",
        status=503,
        body=rpc(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
        expected="overloaded capacity target",
    ),
    Row(id="504", status=504, body=rpc(504, "DEADLINE_EXCEEDED"), expected="server_error service_timeout target"),
    Row(id="401", status=401, body=rpc(401, "UNAUTHENTICATED"), expected="auth_rejected unauthorized us"),
)

INTERACTIONS = {
    (400, "invalid_request"): "request_rejected invalid_request us",
    (400, "parameter_unknown"): "request_rejected parameter us",
    (400, "failed_precondition"): "quota_exhausted billing us",
    (401, "authentication"): "auth_rejected invalid_key us",
    (402, "payment_required"): "quota_exhausted billing us",
    (403, "permission_denied"): "access_denied permission us",
    (404, "model_not_found"): "model_missing model us",
    (404, "not_found"): "unexpected_response not_found target",
    (416, "out_of_range"): "request_rejected parameter us",
    (429, "rate_limit_exceeded"): "rate_limited rate_limit us",
    (429, "quota_exceeded"): "quota_exhausted daily_quota us",
    (503, "service_unavailable"): "overloaded capacity target",
}


@pytest.mark.parametrize("row", GENERATE, ids=ids)
@pytest.mark.parametrize("protocol", ["gemini", "veo", None])
def test_generate_content(row: Row, protocol: str | None) -> None:
    """Each row of the reference's table; a bad key is a status 400, and a day's quota is not a rate."""
    check(row, answer(replace(row, protocol=protocol).answer(), Audience.API))


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(status, code, expected) for (status, code), expected in INTERACTIONS.items()],
    ids=[f"{status}-{code}" for status, code in INTERACTIONS],
)
def test_interactions(status: int, code: str, expected: str) -> None:
    """Each row of the reference's table of words."""
    row = Row(
        id=code,
        status=status,
        body={"error": {"code": code, "message": "no"}},
        expected=expected,
        protocol="gemini-interactions",
    )
    check(row, answer(row.answer(), Audience.API))


def test_a_missing_interaction_that_is_a_model() -> None:
    """A 404 whose text names a model is the model's."""
    body = {"error": {"code": "not_found", "message": "The model gemini-x was not found."}}
    row = Row(id="x", status=404, body=body, expected="model_missing model us", protocol="gemini-interactions")
    check(row, answer(row.answer(), Audience.API))
