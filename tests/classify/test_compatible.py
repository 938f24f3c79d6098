"""Errors of servers and gateways that speak OpenAI's language: vLLM, llama.cpp, Ollama, LiteLLM, OpenRouter."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from prober.classify import Answer, Audience, answer, event
from tests.classify.rows import Row, check, ids, openai

SERVERS = (
    Row(
        id="vllm-400",
        status=400,
        body=openai("no", type="BadRequestError", code=400),
        expected="request_rejected invalid_request us",
    ),
    Row(id="vllm-401-text", status=401, body={"error": "Unauthorized"}, expected="auth_rejected unauthorized us"),
    Row(
        id="vllm-404-model",
        status=404,
        body=openai("The model `x` does not exist.", type="NotFoundError", code=404),
        expected="model_missing model us",
    ),
    Row(
        id="vllm-500",
        status=500,
        body=openai("EngineCore failed", type="InternalServerError", code=500),
        expected="server_error internal target",
    ),
    Row(
        id="vllm-501",
        status=501,
        body=openai("no", type="NotImplementedError", code=501),
        expected="request_rejected not_supported us",
    ),
    Row(
        id="vllm-phrase",
        status=503,
        body=openai("no", type="Service Unavailable", code=503),
        expected="overloaded unavailable target",
    ),
    Row(
        id="llama-loading",
        status=503,
        body={"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        expected="overloaded loading target",
    ),
    Row(
        id="llama-unavailable",
        status=503,
        body={"error": {"code": 503, "message": "no slot", "type": "unavailable_error"}},
        expected="overloaded unavailable target",
    ),
    Row(
        id="llama-context",
        status=400,
        body={"error": {"code": 400, "message": "request exceeds the context", "type": "exceed_context_size_error"}},
        expected="request_rejected parameter us",
    ),
    Row(
        id="llama-key",
        status=401,
        body={"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}},
        expected="auth_rejected unauthorized us",
    ),
    Row(
        id="llama-501",
        status=501,
        body={"error": {"code": 501, "message": "no", "type": "not_supported_error"}},
        expected="request_rejected not_supported us",
    ),
    Row(
        id="llama-400",
        status=400,
        body={"error": {"code": 400, "message": "no", "type": "invalid_request_error"}},
        expected="request_rejected invalid_request us",
    ),
    Row(
        id="ollama-busy",
        status=503,
        body={"error": "server busy, please try again.  maximum pending requests exceeded"},
        expected="overloaded capacity target",
        protocol="ollama",
    ),
    Row(
        id="ollama-model",
        status=404,
        body={"error": 'model "x" not found, try pulling it first'},
        expected="model_missing model us",
        protocol="ollama",
    ),
    Row(id="ollama-path", status=404, body="404 page not found", expected="request_rejected not_found us"),
    Row(
        id="ollama-v1-model",
        status=404,
        body=openai('model "x" not found', type="not_found_error"),
        expected="model_missing model us",
    ),
    Row(
        id="ollama-v1-400",
        status=400,
        body=openai("no", type="invalid_request_error"),
        expected="request_rejected invalid_request us",
    ),
    Row(
        id="ollama-v1-busy",
        status=503,
        body=openai("server busy, please try again.", type="api_error"),
        expected="overloaded capacity target",
    ),
    Row(id="ollama-v1-else", status=403, body=openai("no", type="api_error"), expected="access_denied forbidden us"),
    Row(
        id="fastapi-detail",
        status=429,
        body={"detail": "API rate limit exceeded"},
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="fastapi-validation",
        status=422,
        body={"detail": [{"loc": ["body", "model"], "msg": "field required"}]},
        expected="request_rejected invalid_request us",
    ),
    Row(
        id="fastapi-nested",
        status=400,
        body={"detail": {"error": "/chat/completions: Invalid model name passed in model=x. Call `/v1/models`"}},
        expected="model_missing model us",
    ),
    Row(
        id="envoy",
        status=503,
        body="upstream connect error or disconnect/reset before headers. reset reason: overflow",
        expected="upstream_error edge target",
    ),
    Row(id="gateway-message", status=401, body={"message": "No key"}, expected="auth_rejected unauthorized us"),
    Row(id="errors-list", status=403, body={"errors": [{"message": "no"}]}, expected="access_denied forbidden us"),
    Row(
        id="problem-details",
        status=422,
        body={"type": "https://example.com/problem", "title": "Bad", "status": 422, "detail": "no"},
        expected="request_rejected invalid_request us",
    ),
    Row(
        id="oauth-grant",
        status=400,
        body={"error": "invalid_grant", "error_description": "no"},
        expected="auth_rejected bad_credentials us",
    ),
    Row(
        id="oauth-scope",
        status=400,
        body={"error": "invalid_scope"},
        expected="request_rejected oauth_config us",
    ),
)


def litellm(status: int, kind: str, message: str = "no") -> Row:
    """A row of LiteLLM's types: its code is the status as a text."""
    return Row(
        id=f"{status}-{kind}",
        status=status,
        body=openai(message, type=kind, param="None", code=str(status)),
        expected="",
    )


LITELLM = (
    (litellm(400, "budget_exceeded"), "quota_exhausted spend_limit us"),
    (litellm(401, "expired_key"), "auth_rejected invalid_key us"),
    (litellm(401, "token_not_found_in_db"), "auth_rejected invalid_key us"),
    (litellm(401, "auth_error"), "auth_rejected unauthorized us"),
    (litellm(401, "key_model_access_denied"), "access_denied permission us"),
    (litellm(401, "team_model_access_denied"), "access_denied permission us"),
    (litellm(401, "user_model_access_denied"), "access_denied permission us"),
    (litellm(401, "org_model_access_denied"), "access_denied permission us"),
    (litellm(400, "no_db_connection", "No connected db."), "auth_rejected invalid_key us"),
    (litellm(503, "no_db_connection", "Service Unavailable"), "server_error unavailable target"),
    (litellm(503, "auth_provider_unavailable"), "server_error unavailable target"),
    (litellm(500, "internal_server_error"), "server_error internal target"),
    (litellm(404, "not_found_error"), "request_rejected not_found us"),
    (litellm(422, "validation_error"), "request_rejected invalid_request us"),
    (litellm(499, "client_disconnect"), "unexpected_response status target"),
    (litellm(429, "throttling_error"), "rate_limited rate_limit us"),
    (litellm(429, "None"), "rate_limited rate_limit us"),
    (
        litellm(500, "None", "litellm.InternalServerError: InternalServerError: OpenAIException - no"),
        "upstream_error provider target",
    ),
    (
        litellm(529, "None", "litellm.InternalServerError: AnthropicException - Overloaded"),
        "overloaded capacity target",
    ),
)

ERROR_TYPES = {
    "authentication": "auth_rejected invalid_key us",
    "permission_denied": "access_denied permission us",
    "payment_required": "quota_exhausted billing us",
    "rate_limit_exceeded": "rate_limited rate_limit us",
    "provider_overloaded": "overloaded capacity target",
    "provider_unavailable": "upstream_error provider target",
    "timeout": "upstream_error provider target",
    "server": "server_error internal target",
    "unmapped": "server_error internal target",
    "invalid_request": "request_rejected parameter us",
    "invalid_prompt": "request_rejected parameter us",
    "string_too_long": "request_rejected parameter us",
    "payload_too_large": "request_rejected request_too_large us",
    "unprocessable": "request_rejected parameter us",
    "precondition_failed": "request_rejected parameter us",
    "context_length_exceeded": "output_truncated length us",
    "max_tokens_exceeded": "output_truncated length us",
    "token_limit_exceeded": "output_truncated length us",
    "not_found": "model_missing model us",
    "content_policy_violation": "content_filtered prompt us",
    "refusal": "content_filtered refusal us",
}

AVAILABILITY = {
    **dict.fromkeys(
        (
            *("model_not_found", "wrong_endpoint", "no_endpoints", "model_deprecated", "model_unavailable_upstream"),
            *("privacy_restricted", "constraint_filtered", "free_variant_ended"),
        ),
        "model_missing model us",
    ),
    "capacity_exhausted": "overloaded capacity target",
    "temporarily_unavailable": "overloaded capacity target",
    "region_restricted": "access_denied region us",
}


@pytest.mark.parametrize("row", SERVERS, ids=ids)
def test_servers(row: Row) -> None:
    """Each envelope and each table of the reference's section 7."""
    check(row, answer(row.answer(), Audience.API))


@pytest.mark.parametrize(("row", "expected"), LITELLM, ids=[row.id + str(at) for at, (row, _) in enumerate(LITELLM)])
def test_litellm(row: Row, expected: str) -> None:
    """Each type of the proxy, whose codes are statuses as text, and the upstream that its texts name."""
    row = Row(id=row.id, status=row.status, body=row.body, expected=expected)
    check(row, answer(row.answer(), Audience.API))


@pytest.mark.parametrize(("kind", "expected"), ERROR_TYPES.items(), ids=ERROR_TYPES)
@pytest.mark.parametrize("envelope", ["metadata", "flat", "choice"])
def test_openrouter_error_types(kind: str, expected: str, envelope: str) -> None:
    """Each error type, in both envelopes that the docs have and beside partial text, with HTTP status 200."""
    metadata = {"error": {"code": 500, "message": "no", "metadata": {"error_type": kind}}}
    bodies = {
        "metadata": metadata,
        "flat": {"error": {"http_status": 500, "message": "no", "error_type": kind}},
        "choice": {"choices": [{"finish_reason": "error", "message": {"content": "half"}, **metadata}]},
    }
    row = Row(id=kind, body=bodies[envelope], expected=expected)
    check(row, answer(row.answer(), Audience.API))


@pytest.mark.parametrize(("code", "expected"), AVAILABILITY.items(), ids=AVAILABILITY)
def test_openrouter_availability(code: str, expected: str) -> None:
    """Why a model is not available says more than that a rate was exceeded."""
    error = {
        "code": 429,
        "message": "no",
        "metadata": {"error_type": "rate_limit_exceeded"},
        "availability": {"code": code},
    }
    row = Row(id=code, status=429, body={"error": error}, expected=expected)
    check(row, answer(row.answer(), Audience.API))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (400, "request_rejected invalid_request us"),
        (401, "auth_rejected unauthorized us"),
        (402, "quota_exhausted billing us"),
        (403, "access_denied forbidden us"),
        (408, "server_error service_timeout target"),
        (429, "rate_limited rate_limit us"),
        (502, "upstream_error edge target"),
        (503, "overloaded unavailable target"),
    ],
)
def test_a_number_inside_a_status_200(code: int, expected: str) -> None:
    """Without a type the number in the body stands for the status."""
    row = Row(id=str(code), body={"error": {"code": code, "message": "no"}}, expected=expected)
    check(row, answer(row.answer(), Audience.API))


def test_openrouter_unknown_model() -> None:
    """OpenRouter answers 400 to a model that it does not know."""
    body = {"error": {"code": 400, "message": "acme/x is not a valid model ID"}}
    row = Row(id="x", status=400, body=body, expected="model_missing model us")
    check(row, answer(row.answer(), Audience.API))


_CREDIT = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."},
}
_QUOTA = "You exceeded your current quota, please check your plan and billing details."
_EXHAUSTED = {"code": 429, "message": _QUOTA, "status": "RESOURCE_EXHAUSTED"}
_GOOGLE = {"error": _EXHAUSTED}
_DAILY = {"error": {**_EXHAUSTED, "details": [{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}]}}
_BUSY = {"type": "error", "error": {"type": "overloaded_error", "message": "no"}}
_BILLING, _MINUTE = "quota_exhausted billing us", "rate_limited rate_limit us"

_ADVICE = "\n\nLiteLLM: model group 'x' failed with the error above and no fallback model group was found for it."
_CALLING = "Error calling litellm.acompletion for generate_content: "
_TRANSLATED = f"litellm.APIConnectionError: {_CALLING}"

QUOTED = {
    "openai-quota": (429, f"litellm.RateLimitError: RateLimitError: OpenAIException - {_QUOTA}", _BILLING),
    "openai-rate": (429, "litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached", _MINUTE),
    "azure-busy": (
        429,
        "litellm.RateLimitError: AzureException RateLimitError - System is experiencing high demand",
        "overloaded capacity target",
    ),
    "without-prefix": (429, f"OpenAIException - {_QUOTA}", _BILLING),
    "anthropic-credit": (
        400,
        f"litellm.BadRequestError: AnthropicException - {json.dumps(_CREDIT)}",
        _BILLING,
    ),
    "anthropic-credit-bytes": (
        400,
        f"litellm.BadRequestError: AnthropicException - b'{json.dumps(_CREDIT)}'. Received Model Group=x",
        _BILLING,
    ),
    "anthropic-busy": (
        500,
        f"litellm.InternalServerError: AnthropicException - {json.dumps(_BUSY)}",
        "overloaded capacity target",
    ),
    "gemini-minute": (429, f"litellm.RateLimitError: geminiException - {json.dumps(_GOOGLE)}", _MINUTE),
    "gemini-day": (
        429,
        f"litellm.RateLimitError: litellm.RateLimitError: VertexAIException - {json.dumps(_DAILY)}",
        "quota_exhausted daily_quota us",
    ),
    "gemini-day-as-bytes": (429, f"b'{json.dumps(_DAILY)}'{_ADVICE}", "quota_exhausted daily_quota us"),
    "gemini-minute-as-bytes": (429, f"b'{json.dumps(_GOOGLE)}'{_ADVICE}", _MINUTE),
    "bytes-with-an-apostrophe": (
        400,
        "litellm.BadRequestError: AnthropicException - "
        + repr(json.dumps({"error": {"type": "x", "message": "Your credit balance is too low, isn't it"}}).encode()),
        _BILLING,
    ),
    "error-by-another-name": (
        500,
        f"litellm.InternalServerError: AnthropicError - b'{json.dumps(_BUSY)}'",
        "overloaded capacity target",
    ),
    "translated-credit": (
        500,
        f"{_TRANSLATED}litellm.BadRequestError: AnthropicException - b'{json.dumps(_CREDIT)}'",
        _BILLING,
    ),
    "translated-key": (
        500,
        (
            f"litellm.APIConnectionError: APIConnectionError: OpenAIException - {_CALLING}litellm.AuthenticationError: "
            f"AuthenticationError: OpenAIException - Incorrect API key provided: x.{_ADVICE}"
        ),
        "auth_rejected invalid_key us",
    ),
    "translated-rate": (500, f"{_TRANSLATED}litellm.RateLimitError: AnthropicException - slower, please", _MINUTE),
    "translated-model": (
        500,
        f"{_TRANSLATED}litellm.NotFoundError: AnthropicException - model: x",
        "model_missing model us",
    ),
    "translated-trouble": (
        500,
        f"{_TRANSLATED}litellm.InternalServerError: OpenAIException - Connection error.",
        "upstream_error provider target",
    ),
    "in-midstream": (
        500,
        "litellm.MidStreamFallbackError: litellm.APIConnectionError: x - Response payload is not completed",
        "upstream_error provider target",
    ),
    "advice-names-no-model": (
        404,
        f"litellm.NotFoundError: GeminiException - Not found.{_ADVICE}",
        "request_rejected not_found us",
    ),
    "no-such-group": (
        400,
        f"litellm.BadRequestError: You passed in model=x. There are no healthy deployments for this model{_ADVICE}",
        "model_missing model us",
    ),
    "json-cut-short": (
        400,
        "litellm.BadRequestError: AnthropicException - {",
        "request_rejected invalid_request us",
    ),
    "nothing-known": (
        500,
        "litellm.InternalServerError: InternalServerError: OpenAIException - no",
        "upstream_error provider target",
    ),
}
"""What LiteLLM says of its upstream: the status, the message, and what it means."""


@pytest.mark.parametrize(("status", "message", "expected"), QUOTED.values(), ids=QUOTED)
def test_an_upstream_that_is_quoted(status: int, message: str, expected: str) -> None:
    """The upstream's own words decide, before those of the gateway."""
    row = litellm(status, "None", message)
    check(replace(row, expected=expected), answer(row.answer(), Audience.API))


def test_a_quoted_prompt_says_nothing() -> None:
    """What comes after our nonce may be our own prompt, also inside the error of an upstream."""
    inner = {"error": {"message": "bad prompt: n0nce content filtering policy", "type": "x"}}
    row = litellm(400, "None", f"litellm.BadRequestError: AnthropicException - {json.dumps(inner)}")
    row = replace(row, expected="request_rejected invalid_request us")
    check(row, answer(row.answer("n0nce"), Audience.API))


CODES = (
    Row(
        id="openai-allowlist",
        status=401,
        body=openai("Your request IP does not match the configured IP allowlist for your project or organization."),
        expected="access_denied ip us",
    ),
    Row(
        id="groq-decommissioned",
        status=400,
        body=openai("It is no longer supported.", type="invalid_request_error", code="model_decommissioned"),
        expected="model_missing model us",
    ),
    Row(
        id="xai-key",
        status=400,
        body={"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***1."},
        expected="auth_rejected invalid_key us",
    ),
    Row(
        id="xai-credits",
        status=403,
        body={
            "code": "The caller does not have permission to execute the specified operation",
            "error": "Your team has either used all available credits or reached its monthly spending limit.",
        },
        expected="quota_exhausted billing us",
    ),
    Row(
        id="xai-out-of-credits",
        status=403,
        body={"code": "permission-denied", "error": "You have run out of credits or need a Grok subscription."},
        expected="quota_exhausted billing us",
    ),
    Row(
        id="mistral-model",
        status=400,
        body={"object": "error", "message": "Invalid model: x", "type": "invalid_model", "param": None, "code": "1500"},
        expected="model_missing model us",
    ),
    Row(
        id="mistral-capacity",
        status=429,
        body={
            "object": "error",
            "message": "Service tier capacity exceeded for this model.",
            "type": "service_tier_capacity_exceeded",
            "code": "3505",
        },
        expected="overloaded capacity target",
    ),
    Row(
        id="xai-new-team",
        status=403,
        body={
            "code": "The caller does not have permission to execute the specified operation",
            "error": "Your newly created team doesn't have any credits or licenses yet.",
        },
        expected="quota_exhausted billing us",
    ),
    Row(
        id="xai-model",
        status=400,
        body={"code": "Client specified an invalid argument", "error": "Model not found: grok-2-latest"},
        expected="model_missing model us",
    ),
    Row(
        id="deepseek-model",
        status=400,
        body=openai("Model Not Exist", type="invalid_request_error", code="invalid_request_error"),
        expected="model_missing model us",
    ),
    Row(
        id="together-not-serverless",
        status=400,
        body=openai(
            "Unable to access non-serverless model x.", type="invalid_request_error", code="model_not_available"
        ),
        expected="model_missing model us",
    ),
    Row(
        id="cerebras-queue",
        status=429,
        body={
            "message": "We're experiencing high traffic right now! Please try again soon.",
            "type": "too_many_requests_error",
            "param": "queue",
            "code": "queue_exceeded",
        },
        expected="overloaded capacity target",
    ),
    Row(
        id="cerebras-minute",
        status=429,
        body={
            "message": "Requests per minute limit exceeded - too many requests sent.",
            "type": "too_many_requests_error",
            "param": "quota",
            "code": "request_quota_exceeded",
        },
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="cerebras-day",
        status=429,
        body={
            "message": "Tokens per day limit exceeded - too many tokens processed.",
            "type": "too_many_tokens_error",
            "param": "quota",
            "code": "token_quota_exceeded",
        },
        expected="quota_exhausted daily_quota us",
    ),
    Row(
        id="cohere-trial",
        status=429,
        body={"message": "You are using a Trial key, which is limited to 1000 API calls / month."},
        expected="quota_exhausted usage_limit us",
    ),
    Row(
        id="lm-studio-path",
        body={"error": "Unexpected endpoint or method. (POST /chat/completions)"},
        expected="request_rejected not_found us",
    ),
    Row(
        id="anthropic-disabled",
        status=400,
        body=openai("This organization has been disabled.", type="invalid_request_error"),
        expected="access_denied on_hold us",
        protocol="anthropic",
    ),
    Row(
        id="github-model",
        status=400,
        body=openai("Unknown model: parrot", code="unknown_model"),
        expected="model_missing model us",
    ),
    Row(
        id="github-day",
        status=429,
        body=openai("Rate limit of 50 per 86400s exceeded for UserByModelByDay.", code="RateLimitReached"),
        expected="quota_exhausted daily_quota us",
    ),
    Row(
        id="foundry-minute",
        status=429,
        body=openai("Rate limit of 2000 per 60s exceeded for UserByModelByMinute.", code="RateLimitReached"),
        expected="rate_limited rate_limit us",
    ),
    Row(
        id="hugging-face-model",
        status=400,
        body=openai("The requested model is not supported by any provider.", code="model_not_supported"),
        expected="model_missing model us",
    ),
    Row(
        id="llama-router-model",
        status=400,
        body=openai("model not found", type="invalid_request_error", code=400),
        expected="model_missing model us",
    ),
    Row(
        id="openrouter-moderation",
        status=403,
        body=openai('openai/x requires moderation on OpenAI. Your input was flagged for "violence".', code=403),
        expected="content_filtered prompt us",
    ),
    Row(
        id="groq-flex",
        status=498,
        body=openai("Flex tier capacity exceeded", code="capacity_exceeded"),
        expected="overloaded capacity target",
    ),
    Row(
        id="fireworks-suspended",
        status=412,
        body=openai("Account x is suspended, possibly due to reaching the monthly spending limit", type="api_error"),
        expected="quota_exhausted billing us",
    ),
    Row(
        id="openrouter-key-limit",
        status=403,
        body=openai("Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", code=403),
        expected="quota_exhausted spend_limit us",
    ),
    Row(
        id="openrouter-free-day",
        status=429,
        body=openai("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 requests", code=429),
        expected="quota_exhausted daily_quota us",
    ),
)


@pytest.mark.parametrize("row", CODES, ids=ids)
def test_words_of_others(row: Row) -> None:
    """What single providers say in ways of their own."""
    check(row, answer(row.answer(), Audience.API))


REFUSED = [{"type": "extra_forbidden", "loc": ["body", "stream_options", "x"], "msg": "Extra inputs are not permitted"}]
SAID: dict[str, tuple[object, str]] = {
    "openrouter-raw": (
        {"error": {"message": "Provider returned error", "metadata": {"raw": "parrot is rate-limited upstream."}}},
        "Provider returned error: parrot is rate-limited upstream.",
    ),
    "cloudflare-gateway": ({"success": False, "error": [{"code": 2009, "message": "Unauthorized"}]}, "Unauthorized"),
    "mistral": (
        {"object": "error", "message": {"detail": REFUSED}},
        "stream_options.x: Extra inputs are not permitted",
    ),
    "fastapi": ({"detail": REFUSED}, "stream_options.x: Extra inputs are not permitted"),
    "fastapi-odd": ({"detail": ["no"], "message": "refused"}, "refused"),
}


@pytest.mark.parametrize(("body", "said"), SAID.values(), ids=SAID)
def test_what_is_said_in_places_of_their_own(body: object, said: str) -> None:
    """Is what a person reads."""
    verdict = answer(Row(id="", status=400, body=body, expected="").answer(), Audience.API)
    assert verdict is not None
    assert verdict.message.endswith(f": {said}")


@pytest.mark.parametrize("tail", ["", "x" * 90], ids=["short", "cut"])
def test_a_secret_for_a_code(tail: str) -> None:
    """It is taken out as it came, before letters are made small and words are cut."""
    secret = "sk-CaNaRy" + tail
    body = json.dumps({"error": {"code": secret, "type": secret, "message": "no"}}).encode()
    verdict = answer(Answer(status=418, body=body, redact=lambda text: text.replace(secret, "***")), Audience.API)
    assert verdict is not None
    assert "canary" not in f"{verdict.message} {verdict.unmapped}".lower()
    told = event(json.loads(body), redact=lambda text: text.replace(secret, "***"))
    assert told is not None
    assert "canary" not in f"{told.message} {told.unmapped}".lower()
