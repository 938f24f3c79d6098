"""The chat probe against the simulated company, which was written from the same sources by other hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from prober.simulator import serve
from tests.providers.asking import loaded, runner, said
from tests.simulator.company import FAST, FREE_KEY

if TYPE_CHECKING:
    from prober.model.run import Result

KEY = FAST.providers[0].accounts[0].api_key
SHORT: dict[str, Any] = {"first_token": "300ms", "idle": "300ms"}
WAITS: dict[str, Any] = {"deadlines": SHORT}
UNSTREAMED: dict[str, Any] = {"stream": False}


async def against(faults: list[dict[str, Any]], **keys: Any) -> Result:
    """One run while these faults are on."""
    async with serve.running(FAST) as simulator, runner() as run:
        simulator.faults.replace({"chat": faults})
        given = {"model": "parrot-2", "api_key": None, "headers": {"Authorization": f"Bearer {KEY}"}, **keys}
        return await run(loaded(simulator.url + "/v1", **given))


def row(
    says: str, fault: dict[str, Any] | None = None, **keys: Any
) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
    """Faults, the verdict, further keys."""
    return ([fault] if fault else [], says, keys)


ERRORS = {
    "openai.output_limit": "output_truncated output_limit processing us",
    "openai.billing_hard_limit": "quota_exhausted billing processing us",
    "openai.content_policy": "content_filtered prompt processing us",
    "openai.bad_key": "auth_rejected invalid_key processing us",
    "openai.ip_not_authorized": "access_denied ip processing us",
    "openai.country": "access_denied region processing us",
    "openai.model_not_found": "model_missing model processing us",
    "openai.rate_limit": "rate_limited rate_limit processing us",
    "openai.slow_down": "rate_limited ramp processing us",
    "openai.quota": "quota_exhausted billing processing us",
    "openai.server_error": "server_error internal processing target",
    "openai.overloaded": "overloaded capacity processing target",
    "azure.high_demand": "overloaded capacity processing target",
    "vllm.unauthorized": "auth_rejected unauthorized processing us",
    "llama_cpp.loading": "overloaded loading processing target",
    "ollama.busy": "overloaded capacity processing target",
    "litellm.budget": "quota_exhausted spend_limit processing us",
    "openrouter.capacity": "overloaded capacity processing target",
    "openrouter.provider_unavailable_200": "upstream_error provider transfer target",
    "cloudflare.challenge": "bot_challenge challenge processing unknown",
    "cloudflare.1015": "rate_limited edge_rule processing us",
    "cloudflare.520": "upstream_error edge processing target",
}

ROWS: dict[str, tuple[list[dict[str, Any]], str, dict[str, Any]]] = {
    "good": row("ok", expect={"model": "parrot-2"}),
    "good-whole": row("ok", **UNSTREAMED),
    "good-thinking": row("ok", model="parrot-2-thinking", token_limit_field="max_completion_tokens", max_tokens=200),
    "thinks-to-the-limit": row(
        "output_truncated length stream us",
        model="parrot-2-thinking",
        token_limit_field="max_completion_tokens",
        max_tokens=5,
    ),
    "wrong-limit-field": row("request_rejected parameter processing us", model="parrot-2-thinking"),
    "wrong-key": row("auth_rejected invalid_key processing us", headers={"Authorization": "Bearer sk-nope"}),
    "wrong-model": row("model_missing model processing us", model="nope"),
    "no-head": row("response_timeout header_timeout processing target", {"fault": "stall"}, **WAITS),
    "no-content": row("response_timeout first_token first_token target", {"fault": "stall", "after": "role"}, **WAITS),
    "only-pings": row(
        "response_timeout first_token first_token target",
        {"fault": "stall", "after": "role", "pings": True, "ping_seconds": 0.02},
        **WAITS,
    ),
    "stall": row("stream_stalled idle stream target", {"fault": "stall", "after": 1}, **WAITS),
    "stall-with-pings": row(
        "stream_stalled idle stream target",
        {"fault": "stall", "after": 1, "pings": True, "ping_seconds": 0.02},
        **WAITS,
    ),
    "stall-before-the-end": row("stream_stalled idle stream target", {"fault": "stall", "after": "finish"}, **WAITS),
    "a-gap-that-ends": row("ok", {"fault": "stall", "after": 1, "seconds": 0.1}, **WAITS),
    "reset": row("connection_reset reset stream unknown", {"fault": "reset", "after": 1}),
    "reset-first": row("connection_reset reset processing unknown", {"fault": "reset"}),
    "truncated": row("stream_truncated no_terminator stream unknown", {"fault": "truncate", "after": 1}),
    "truncated-after-finish": row(
        "stream_truncated no_terminator stream unknown", {"fault": "truncate", "after": "finish"}
    ),
    "truncated-whole": row("stream_truncated body_truncated transfer unknown", {"fault": "truncate"}, **UNSTREAMED),
    "cut-gzip": row("stream_truncated body_truncated transfer unknown", {"fault": "cut_gzip"}, **UNSTREAMED),
    "error-chunk": row("server_error error_event stream target", {"fault": "error_chunk", "after": 1}),
    "error-chunk-of-openrouter": row(
        "rate_limited rate_limit stream us",
        {"fault": "error_chunk", "error": "openrouter.rate_limit", "shape": "openrouter", "after": "role"},
    ),
    "error-chunk-without-choices": row(
        "overloaded capacity stream target",
        {"fault": "error_chunk", "error": "openrouter.provider_overloaded", "shape": "empty_choices"},
    ),
    "error-in-a-whole-answer": row(
        "upstream_error provider transfer target",
        {"fault": "error_chunk", "error": "openrouter.provider_unavailable"},
        **UNSTREAMED,
    ),
    "lone-done": row("empty_response lone_done stream target", {"fault": "lone_done"}),
    "other-model": row(
        "content_mismatch served_model expect target", {"fault": "wrong_model"}, expect={"model": "parrot-2"}
    ),
    "empty": row("empty_response no_text stream target", {"fault": "empty"}),
    "length": row("output_truncated length stream us", {"fault": "length"}),
    "filtered": row("content_filtered output stream us", {"fault": "filtered"}),
    "other-text": row("content_mismatch nonce expect target", {"fault": "wrong_answer"}),
    "replay": row("content_mismatch cached expect target", {"fault": "replay"}),
    "not-streamed": row("unexpected_response not_streamed transfer target", {"fault": "not_streamed"}),
    "html": row("unexpected_response html transfer target", {"fault": "html"}),
    "sign-in": row("unexpected_response html transfer target", {"fault": "redirect_to_login"}),
    "framing": row("ok", {"fault": "framing", "newline": "crlf", "piece": 3}),
    "framing-cr": row("ok", {"fault": "framing", "newline": "cr", "piece": 11}),
    "big-header": row("ok", {"fault": "big_header", "size": 30_000}),
    **{name: row(says, {"fault": "error", "error": name}) for name, says in ERRORS.items()},
}


@pytest.mark.parametrize(("faults", "says", "keys"), ROWS.values(), ids=ROWS)
def test_verdicts(faults: list[dict[str, Any]], says: str, keys: dict[str, Any]) -> None:
    """What the company does is what the probe says."""
    result = uvloop.run(against(faults, **keys))
    assert said(result) == says, result.failure


def test_what_is_left_of_the_limits() -> None:
    """The company counts, and says so in its headers."""
    result = uvloop.run(against([], headers={"Authorization": f"Bearer {FREE_KEY}"}))
    assert said(result) == "ok"
    assert isinstance(result.measures["tokens_remaining"], int)
    assert result.measures["tokens_remaining"] < result.measures["tokens_limit"]  # type: ignore[operator] # both are numbers
    assert (result.request_id or "").startswith("req_")
