"""The acceptance cases of the API sheet, as the simulated company brings them about, on each protocol that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from prober.simulator import serve
from prober.simulator.fixtures import CHAT, Fixture, load
from tests.providers.asking import loaded, runner, said
from tests.simulator.company import FAST

if TYPE_CHECKING:
    from prober.model.run import Result

KEY = FAST.providers[0].accounts[0].api_key

PATHS = {
    "openai-chat": "/v1",
    "openai-responses": "/v1",
    "azure-openai": "",
    "anthropic": "/v1",
    "gemini": "/v1beta",
    "gemini-interactions": "/v1beta",
    "ollama": "",
}
HEADERS = {"azure-openai": "api-key", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}
HEADERS["gemini-interactions"] = HEADERS["gemini"]

SAYS = {
    "normal": "ok",
    "role-then-silence": "response_timeout first_token first_token target",
    "silence-in-content": "stream_stalled idle stream target",
    "reset-in-content": "connection_reset reset stream unknown",
    "end-without-marker": "stream_truncated no_terminator stream unknown",
    "end-in-content": "stream_truncated no_terminator stream unknown",
    "lone-done": "empty_response lone_done stream target",
    "error-chunk-then-done": "server_error error_event stream target",
    "error-in-stream": "server_error error_event stream target",
    "openrouter-error-without-choices": "rate_limited rate_limit {read} us",
    "openrouter-error-choice": "rate_limited rate_limit {read} us",
    "responses-flat-error": "server_error error_event stream target",
    "response-failed": "server_error {failed} {read} target",
    "anthropic-overloaded-event": "overloaded capacity stream target",
    "gemini-raw-json-error": "overloaded capacity stream target",
    "length-used-up-by-reasoning": "output_truncated length {read} us",
    "output-limit-text": "output_truncated output_limit processing us",
    "rate-limit-429": "rate_limited rate_limit processing us",
    "quota-429": "quota_exhausted {purse} processing us",
    "overload-429": "overloaded capacity processing target",
    "overload": "overloaded capacity processing target",
    "credit-balance-400": "quota_exhausted billing processing us",
    "gemini-bad-key-400": "auth_rejected invalid_key processing us",
    "error-as-text": "auth_rejected unauthorized processing us",
    "error-in-array": "overloaded capacity processing target",
    "html-200": "unexpected_response html transfer target",
    "challenge-403": "bot_challenge challenge processing unknown",
    "challenge-429": "bot_challenge challenge processing unknown",
    "edge-524": "upstream_error edge_read_timeout processing target",
    "loading-model": "overloaded loading processing target",
    "long-header": "ok",
    "pieces-and-crlf": "ok",
    "usage-without-choices": "ok",
    "half-of-a-gzip": "stream_truncated body_truncated {begun} unknown",
    "redirect-to-login": "unexpected_response html transfer target",
    "wrong-model": "content_mismatch served_model expect target",
}
PURSES = {"anthropic": "usage_limit", "gemini": "daily_quota", "gemini-interactions": "daily_quota"}

ROWS = {
    f"{fixture.number:02}-{fixture.name}-{protocol}-{'stream' if streamed else 'whole'}": (fixture, protocol, streamed)
    for fixture in load()
    for protocol in fixture.protocols
    if protocol in CHAT and fixture.name in SAYS
    for streamed in (True, False)
    if fixture.stream in {None, streamed}
}


async def against(fixture: Fixture, protocol: str, **keys: Any) -> Result:
    """One run while the faults of a case are on. The key stands in a header, since the file's key is another one."""
    name = HEADERS.get(protocol, "Authorization")
    header = {name: f"Bearer {KEY}" if name == "Authorization" else KEY}
    async with serve.running(FAST) as simulator, runner() as run:
        simulator.faults.replace(dict(fixture.faults))
        probe = loaded(
            simulator.url + PATHS[protocol],
            protocol=protocol,
            model="parrot-2",
            api_key=None,
            headers=header,
            expect={"model": "parrot-2"},
            deadlines={"first_token": "400ms", "idle": "400ms"} if "silence" in fixture.name else {},
            **keys,
        )
        return await run(probe)


def test_every_case_of_chat_is_here() -> None:
    """Jobs, pictures and status pages are other kinds."""
    missing = [fixture for fixture in load() if fixture.name not in SAYS]
    assert {protocol for fixture in missing for protocol in fixture.protocols} & set(CHAT) == set()
    assert {fixture.number for fixture in load() if fixture.name in SAYS} == {*range(1, 33)} - {26, 27, 31}


@pytest.mark.parametrize(("fixture", "protocol", "streamed"), ROWS.values(), ids=ROWS)
def test_acceptance(fixture: Fixture, protocol: str, streamed: bool) -> None:
    """Class, detail, phase and fault."""
    result = uvloop.run(against(fixture, protocol, stream=streamed))
    expected = SAYS[fixture.name].format(
        read="stream" if streamed else "transfer",
        begun="first_token" if streamed else "transfer",
        failed="error_event" if streamed else "internal",
        purse=PURSES.get(protocol, "billing"),
    )
    assert said(result) == expected, result.failure
