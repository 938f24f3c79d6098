"""What a chat probe sends, and what it measures of the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from prober.config import ConfigErrors
from tests.calm import calmly
from tests.providers.asking import KEY, ask, loaded, runner, said
from tests.providers.openai_speech import DONE, ROLE, chunk_of, delta, prompt, stop, stream, usage_of, whole
from tests.providers.wire import Act, Asked, End, Pause, Script, body, chunked, serving, until_closed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model.run import Result
    from tests.conftest import Runner

PRICE = {"input_per_million": 10, "output_per_million": 100}


def _streams(asked: Asked) -> Iterable[Act]:
    return chunked(stream(asked))


def _always(response: bytes) -> Script:
    return lambda _asked: [response]


def _paced(asked: Asked) -> Iterable[Act]:
    text = prompt(asked)
    acts: list[Act] = [ROLE, Pause(0.1), delta(reasoning_content="Hm"), Pause(0.05), delta(content=text[:2])]
    acts += [Pause(0.15), delta(content=text[2:4]), Pause(0.05), delta(content=text[4:])]
    return chunked([*acts, stop(), usage_of(), DONE])


def test_times_are_those_of_content(run_loop: Runner[Result]) -> None:
    """First content of any kind, first visible text, and the largest gap, each from when it came."""
    wanted = {"first_token_seconds": 0.1, "first_visible_token_seconds": 0.15, "max_gap_seconds": 0.15}

    def times(result: Result) -> dict[str, Any]:
        return {name: result.measures.get(name) for name in wanted}

    near, rate = pytest.approx(wanted, abs=0.04), pytest.approx(11 / 0.25, rel=0.2)
    result = calmly(
        lambda: run_loop(ask(_paced)),
        lambda result: times(result) == near and result.measures.get("output_tokens_per_second") == rate,
    )
    assert times(result) == near
    assert result.measures["output_tokens_per_second"] == rate


def test_phases_tell_content_from_connection(run_loop: Runner[Result]) -> None:
    """The wait for content and the flow of it are phases of their own, one after the other."""
    flow_ns = pytest.approx(250_000_000, abs=40_000_000)
    result = calmly(lambda: run_loop(ask(_paced)), lambda result: result.phases[-1].duration_ns == flow_ns)
    phases = {phase.name: phase for phase in result.phases}
    assert list(phases) == ["resolve", "connect", "request", "processing", "first_token", "stream"]
    assert all(phase.finished for phase in phases.values())
    first, second = phases["first_token"], phases["stream"]
    assert second.offset_ns == first.offset_ns + first.duration_ns
    assert second.duration_ns == flow_ns


def _thinks_hidden(*tokens: int) -> Script:
    visible, reasoning = tokens

    def script(asked: Asked) -> Iterable[Act]:
        text = prompt(asked)
        used = usage_of(
            completion_tokens=visible + reasoning,
            total_tokens=21 + visible + reasoning,
            completion_tokens_details={"reasoning_tokens": reasoning},
        )
        return chunked([delta(content=text[:3]), Pause(0.1), delta(content=text[3:]), stop(), used, DONE])

    return script


def test_hidden_reasoning_did_not_flow(run_loop: Runner[Result]) -> None:
    """Tokens that nobody saw come were made before the first content, and are in no rate."""
    measures = run_loop(ask(_thinks_hidden(11, 500))).measures
    assert (measures["output_tokens"], measures["reasoning_tokens"]) == (511, 500)
    assert measures["output_tokens_per_second"] == pytest.approx(10 / 0.1, rel=0.3)


def test_one_token_has_no_rate(run_loop: Runner[Result]) -> None:
    """There is no time between one token and itself."""
    assert "output_tokens_per_second" not in run_loop(ask(_thinks_hidden(1, 0))).measures


def test_what_came_at_once_did_not_flow(run_loop: Runner[Result]) -> None:
    """A whole answer in one piece says nothing of how fast it was written, and nothing of pauses in it."""
    measures = run_loop(ask(lambda asked: until_closed(b"".join(stream(asked))))).measures
    assert "first_token_seconds" in measures
    assert "output_tokens_per_second" not in measures
    assert measures["max_gap_seconds"] == 0


@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])
def test_tokens_and_names(streamed: bool, run_loop: Runner[Result]) -> None:
    """Totals with their parts inside, the model that answered, and why it ended."""

    def script(asked: Asked) -> Iterable[Act]:
        return chunked(stream(asked)) if streamed else [body(whole(prompt(asked)))]

    result = run_loop(ask(script, stream=streamed))
    names = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "served_model", "finish_reason")
    assert [result.measures[name] for name in names] == [21, 4, 12, 0, "parrot-1-2026-02-03", "stop"]
    assert result.measures["http_status"] == 200


USAGES: dict[str, tuple[dict[str, Any], tuple[int, int, int, int]]] = {
    "openai": (
        {
            "prompt_tokens": 9,
            "completion_tokens": 7,
            "total_tokens": 16,
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        (9, 0, 7, 5),
    ),
    "xai": (
        {
            "prompt_tokens": 9,
            "completion_tokens": 7,
            "total_tokens": 21,
            "completion_tokens_details": {"reasoning_tokens": 5},
        },
        (9, 0, 12, 5),
    ),
    "google": ({"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 216}, (9, 0, 207, 200)),
    "sglang": (
        {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16, "reasoning_tokens": 5},
        (9, 0, 7, 5),
    ),
    "perplexity": (
        {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16, "reasoning_tokens": 500},
        (9, 0, 507, 500),
    ),
    "deepseek": ({"prompt_tokens": 9, "completion_tokens": 7, "prompt_cache_hit_tokens": 8}, (9, 8, 7, 0)),
    "nonsense": ({"prompt_tokens": -1, "completion_tokens": "7", "total_tokens": 3}, (0, 0, 0, 0)),
    "parts-beyond-their-whole": (
        {
            "prompt_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 99},
            "completion_tokens": 3,
            "completion_tokens_details": {"reasoning_tokens": 99},
        },
        (9, 9, 3, 3),
    ),
}


@pytest.mark.parametrize(("usage", "tokens"), USAGES.values(), ids=USAGES)
def test_usage_in_the_dialects_of_compatible_servers(
    usage: dict[str, Any], tokens: tuple[int, int, int, int], run_loop: Runner[Result]
) -> None:
    """Whatever the parts are called, and whether or not they are inside their totals."""

    def script(asked: Asked) -> list[Act]:
        return [body(whole(prompt(asked), usage=usage))]

    measures = run_loop(ask(script, stream=False)).measures
    assert tuple(measures[f"{name}_tokens"] for name in ("input", "cached", "output", "reasoning")) == tokens


def test_usage_that_groq_has_in_a_field_of_its_own(run_loop: Runner[Result]) -> None:
    """Counts where there is none beside it."""
    used = {"prompt_tokens": 18, "completion_tokens": 9, "total_tokens": 27}
    last = chunk_of(x_groq={"id": "req-1", "usage": used}, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
    result = run_loop(ask(lambda asked: chunked([delta(content=prompt(asked)), last, DONE])))
    assert (said(result), result.request_id) == ("ok", "req-1")
    assert (result.measures["input_tokens"], result.measures["output_tokens"]) == (18, 9)


def test_without_usage_there_are_no_tokens(run_loop: Runner[Result]) -> None:
    """A stream that broke may have been billed, but nobody knows for what."""
    result = run_loop(ask(lambda asked: chunked([delta(content="x"), End.CLOSE])))
    assert said(result).startswith("stream_truncated")
    assert "output_tokens" not in result.measures
    assert "cost" not in result.measures
    assert "first_token_seconds" in result.measures


COSTS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...], float | None]] = {
    "price": ({"price": PRICE}, {}, (), 21e-5 + 120e-5),
    "cached-price": ({"price": {**PRICE, "cached_per_million": 1}}, {}, (), 17e-5 + 0.4e-5 + 120e-5),
    "none": ({}, {}, (), None),
    "not-asked-for": ({}, {"cost": 0.5}, (), None),
    "openrouter": ({"provider": "openrouter"}, {"cost": 0.5}, (), 0.5),
    "price-goes-first": ({"provider": "openrouter", "price": PRICE}, {"cost": 0.5}, (), 21e-5 + 120e-5),
    "litellm-header": ({"provider": "litellm"}, {}, ("x-litellm-response-cost: 0.25",), 0.25),
    "litellm-did-not-know-yet": ({"provider": "litellm"}, {"cost": 0.5}, ("x-litellm-response-cost: 0.0",), 0.5),
    "own-header": ({"cost_header": "x-cost"}, {}, ("x-cost: 0.125",), 0.125),
    "no-number": ({"cost_header": "x-cost"}, {}, ("x-cost: inf",), None),
}


@pytest.mark.parametrize(("keys", "usage", "headers", "cost"), COSTS.values(), ids=COSTS)
def test_cost(
    keys: dict[str, Any], usage: dict[str, Any], headers: tuple[str, ...], cost: float | None, run_loop: Runner[Result]
) -> None:
    """The configured price, else what the provider says, where it is known to say it."""

    def script(asked: Asked) -> Iterable[Act]:
        text = prompt(asked)
        return chunked([delta(content=text), stop(), usage_of(**usage), DONE], *headers)

    result = run_loop(ask(script, **keys))
    assert said(result) == "ok"
    assert result.measures.get("cost") == pytest.approx(cost)


def test_the_currency_is_a_label_where_a_cost_can_come() -> None:
    """A series of costs exists from the start."""
    assert loaded("http://127.0.0.1:1/v1", price={**PRICE, "currency": "EUR"}).info["currency"] == "EUR"
    assert loaded("http://127.0.0.1:1/v1", provider="openrouter").info["currency"] == "USD"
    assert "currency" not in loaded("http://127.0.0.1:1/v1").info


IDS: dict[str, tuple[dict[str, Any], tuple[str, ...], str | None]] = {
    "known-header": ({}, ("x-request-id: req_1", "cf-ray: 9a"), "req_1"),
    "the-vendor's-own": ({"provider": "openrouter"}, ("x-request-id: req_1", "X-Generation-Id: gen-2"), "gen-2"),
    "gateway": ({}, ("X-Kong-Request-Id: k-1", "cf-ray: 9a"), "k-1"),
    "configured": ({"request_id_header": "x-trace"}, ("x-request-id: req_1", "X-Trace: t-3"), "t-3"),
    "the-answer's": ({}, ("cf-ray: 9a",), "chatcmpl-1"),
    "groq's": ({}, (), "req_groq"),
}


@pytest.mark.parametrize(("keys", "headers", "request_id"), IDS.values(), ids=IDS)
def test_request_id(keys: dict[str, Any], headers: tuple[str, ...], request_id: str, run_loop: Runner[Result]) -> None:
    """What one quotes to the vendor, from the place that the vendor asks for."""

    def script(asked: Asked) -> Iterable[Act]:
        aside = [chunk_of(x_groq={"id": "req_groq"})] if request_id == "req_groq" else []
        return chunked([*stream(asked)[:-1], *aside, DONE], *headers)

    assert run_loop(ask(script, **keys)).request_id == request_id


def test_a_refused_request_has_an_id_too(run_loop: Runner[Result]) -> None:
    """That is when one needs it; without another one, the edge's is better than none."""
    refusal = body({"error": {"message": "no"}}, "cf-ray: 9a-FRA", status="500 No")
    assert run_loop(ask(lambda _asked: [refusal])).request_id == "9a-FRA"


def test_remaining_limits_are_read_from_headers(run_loop: Runner[Result]) -> None:
    """Numbers only; a vendor's own names can be told."""
    headers = (
        "x-ratelimit-limit-requests: 500",
        "x-ratelimit-remaining-requests: 499",
        "x-ratelimit-remaining-tokens: plenty",
        "x-left: 7",
    )
    measures = run_loop(ask(lambda asked: chunked(stream(asked), *headers))).measures
    assert (measures["requests_limit"], measures["requests_remaining"]) == (500, 499)
    assert "tokens_remaining" not in measures
    own = run_loop(
        ask(lambda asked: chunked(stream(asked), *headers), rate_limit_headers={"tokens_remaining": "X-Left"})
    )
    assert own.measures["tokens_remaining"] == 7


def test_how_long_to_stay_away_is_read_from_a_refusal(run_loop: Runner[Result]) -> None:
    """The scheduler keeps to it. An answer that is none of refusal asks for nothing."""
    refusal = body({"error": {"message": "no"}}, "retry-after: 30", "retry-after-ms: 29500", status="429 No")
    refused = run_loop(ask(lambda _asked: [refusal]))
    assert (refused.measures["retry_after_seconds"], refused.retry_after_ns) == (29.5, 29_500_000_000)
    answered = run_loop(ask(lambda asked: chunked(stream(asked), "retry-after: 30")))
    assert (said(answered), answered.retry_after_ns) == ("ok", 0)


def test_bytes_are_those_of_the_body(run_loop: Runner[Result]) -> None:
    """Of a stream, of a whole answer and of a refusal."""
    streamed = run_loop(ask(lambda _asked: chunked([DONE])))
    complete = run_loop(ask(lambda _asked: [body(b"{}")], stream=False))
    refused = run_loop(ask(lambda _asked: [body(b"no", status="500 No")]))
    assert [each.measures["bytes"] for each in (streamed, complete, refused)] == [len(DONE), 2, 2]


def test_an_unknown_code_is_kept_for_the_counter(run_loop: Runner[Result]) -> None:
    """From a refusal, from inside a stream, and as a reason to end."""
    moon = {"error": {"code": "moon_phase", "message": "wrong moon"}}
    refused = run_loop(ask(lambda _asked: [body(moon, status="400 No")]))
    inside = run_loop(ask(lambda _asked: chunked([ROLE, delta(content="x"), chunk_of(**moon), DONE])))
    ended = run_loop(ask(lambda asked: chunked(stream(asked, reason="moon_phase"))))
    assert [result.measures["unmapped_error"] for result in (refused, inside, ended)] == ["moon_phase"] * 3
    assert [said(result).split()[0] for result in (refused, inside, ended)] == [
        "request_rejected",
        "server_error",
        "ok",
    ]


def test_the_key_is_in_no_message(run_loop: Runner[Result]) -> None:
    """A service that says our key back to us, however cut, does not make us say it on."""
    for status, before in (("401 No", "x" * 110), ("200 OK", "")):
        document = {"error": {"message": f"{before} Incorrect API key: {KEY}", "code": "invalid_api_key"}}
        result = run_loop(ask(_always(body(document, status=status)), stream=False))
        assert said(result).startswith("auth_rejected")
        assert "canary" not in repr(result)
    spoken = run_loop(ask(lambda _asked: chunked([delta(content="x" * 75 + KEY), stop(), DONE])))
    assert said(spoken).startswith("content_mismatch nonce")
    assert "canary" not in repr(spoken)


async def _request(**keys: Any) -> Asked:
    async with serving(_streams) as site, runner() as run:
        await run(loaded(site.url + "/v1/", **keys))
        return site.asked[0]


def test_the_request(run_loop: Runner[Asked]) -> None:
    """A user's message with the nonce in front, the limit, and usage at the end."""
    asked = run_loop(_request())
    nonce = prompt(asked)
    assert asked.target == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["accept"] == "text/event-stream"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "model": "parrot-1",
        "messages": [{"role": "user", "content": f"[{nonce}] Reply with exactly: {nonce}"}],
        "max_tokens": 64,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_the_request_as_configured(run_loop: Runner[Asked]) -> None:
    """Names of fields and headers, and a patch of the body in which the nonce may stand anywhere."""
    patch = {
        "reasoning_effort": "none",
        "stream_options": {"include_obfuscation": False},
        "messages": [{"role": "user", "content": "Say {{nonce}}, exactly: {{nonce}}"}],
        "max_tokens": None,
        "grammar": 'root ::= "{{nonce}}"',
    }
    asked = run_loop(
        _request(body=patch, auth_header="x-key", token_limit_field="max_completion_tokens", max_tokens=9, prompt="Hi")
    )
    nonce = prompt(asked)
    assert asked.headers["x-key"] == KEY
    assert "authorization" not in asked.headers
    assert asked.json == {
        "model": "parrot-1",
        "messages": [{"role": "user", "content": f"Say {nonce}, exactly: {nonce}"}],
        "max_completion_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
        "reasoning_effort": "none",
        "grammar": f'root ::= "{nonce}"',
    }
    assert len(nonce) == 8


def test_null_takes_a_field_away(run_loop: Runner[Asked]) -> None:
    """Where a compatible server does not know it; the rest stays."""
    asked = run_loop(_request(body={"stream_options": None, "max_tokens": None}))
    assert asked.json.keys() == {"model", "messages", "stream"}


def test_the_nonce_is_fresh(run_loop: Runner[list[str]]) -> None:
    """Each run asks for another text, so that no cache can answer."""

    async def twice() -> list[str]:
        async with serving(_streams) as site, runner() as run:
            probe = loaded(site.url)
            results = [await run(probe), await run(probe)]
            assert [said(result) for result in results] == ["ok", "ok"]
            return [prompt(asked) for asked in site.asked]

    first, second = run_loop(twice())
    assert first != second


def _often(piece: bytes) -> list[Act]:
    return [piece, Pause(0.03)] * 100


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        (lambda _asked: [End.SILENCE], {}),
        (lambda _asked: chunked([ROLE, End.SILENCE]), {}),
        (lambda _asked: chunked([delta(content="x"), *_often(b": ping\n\n")]), {}),
        (lambda _asked: chunked(_often(delta(content="x"))), {}),
        (lambda _asked: [End.SILENCE], {"stream": False}),
    ],
    ids=["no-head", "no-content", "pings", "never-ends", "whole"],
)
def test_a_run_ends_in_time(script: Script, keys: dict[str, Any], run_loop: Runner[Result]) -> None:
    """Whatever flows or does not."""
    began = time.perf_counter()
    result = run_loop(ask(script, timeout="400ms", **keys))
    assert result.duration_ns < 2 * 10**9
    assert time.perf_counter() - began < 5
    assert result.failure is not None


MISTAKES = {
    "unknown-provider": ({"protocol": None}, '"desk" is not in the catalogue: name the `protocol`'),
    "no-endpoint": ({"endpoint": None}, '"desk" is not in the catalogue: name the `endpoint`'),
    "no-fixed-address": ({"endpoint": None, "provider": "vllm"}, '"vllm" has no fixed address'),
    "query": ({"endpoint": "http://127.0.0.1:1/v1?api-version=1"}, "is the base that paths go below"),
    "no-such-protocol": ({"protocol": "openai"}, '"openai" is none of openai-chat'),
    "no-version": ({"api_version": "v1"}, "openai-chat has no version to name"),
    "no-tokens": ({"max_tokens": 0}, "must be at least 1"),
    "variable": ({"prompt": "{{name}}"}, "only {{nonce}} can stand here, not name"),
    "limit": ({"rate_limit_headers": {"left": "x"}}, '"left" is none of requests_remaining'),
    "no-currency": ({"price": {**PRICE, "currency": ""}}, "price.currency: name one, as USD"),
    "negative-price": ({"price": {**PRICE, "input_per_million": -1}}, "must not be negative"),
}


@pytest.mark.parametrize(("keys", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_in_the_settings(keys: dict[str, Any], message: str) -> None:
    """What no run could use is refused when the file is read."""
    with pytest.raises(ConfigErrors) as caught:
        loaded(**{"endpoint": "http://127.0.0.1:1/v1", **keys})
    assert message in str(caught.value)
