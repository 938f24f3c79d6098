"""Every protocol: what is asked, how a good answer is read, and the 32 acceptance cases of the API sheet."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from prober.providers import PROTOCOLS
from tests.calm import calmly
from tests.providers.asking import KEY, ask, loaded, runner, said
from tests.providers.openai_speech import DONE, chunk_of, usage_of
from tests.providers.speech import SPEECHES, Speech, event
from tests.providers.wire import Act, Asked, End, Pause, Script, body, chunked, head, serving

if TYPE_CHECKING:
    from prober.model.run import Result
    from tests.conftest import Runner

EVERY = pytest.mark.parametrize("speech", SPEECHES.values(), ids=str)
SHORT = {"first_token": "200ms", "idle": "200ms"}
Play = Callable[[Speech, str], Iterable[Act]]


def run_of(speech: Speech, script: Script, **keys: Any) -> Any:
    """A run of this protocol against a script."""
    return ask(script, path=speech.path, **{"protocol": speech.protocol, **keys})


def streaming(speech: Speech, play: Play, *fields: str) -> Script:
    """The script of a stream that is made of the text that was asked for."""
    return lambda asked: chunked(play(speech, speech.text(asked)), *fields, kind=speech.kind)


def always(response: bytes) -> Script:
    """The script of one response, whatever was asked."""
    return lambda _asked: [response]


def test_every_protocol_is_spoken_here() -> None:
    """A new protocol needs a speech, and has all these tests."""
    assert SPEECHES.keys() == PROTOCOLS.keys()


@EVERY
@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])
def test_a_good_answer(speech: Speech, streamed: bool, run_loop: Runner[Result]) -> None:
    """Text, tokens, model and reason are read, and the request goes where it should."""
    targets = []

    def script(asked: Asked) -> Iterable[Act]:
        targets.append(asked.target)
        text = speech.text(asked)
        return chunked(speech.stream(text), kind=speech.kind) if streamed else [body(speech.whole(text, speech.stop))]

    result = run_loop(run_of(speech, script, stream=streamed, expect={"model": "parrot-1"}))
    assert said(result) == "ok", result.failure
    assert targets == [speech.target if streamed else speech.whole_target]
    tokens = tuple(result.measures[f"{name}_tokens"] for name in ("input", "cached", "output", "reasoning"))
    assert tokens == speech.usage
    assert result.measures["finish_reason"] == speech.stop
    assert result.measures["served_model"] == "parrot-1-2026-02-03"
    assert ("first_token_seconds" in result.measures) is streamed
    assert "unmapped_error" not in result.measures


@EVERY
def test_reasoning_is_content_and_not_visible(speech: Speech, run_loop: Runner[Result]) -> None:
    """The first token may be a thought; the first visible one comes later."""

    def play(speech: Speech, text: str) -> list[Act]:
        thoughts: list[Act] = [*speech.opening, Pause(0.05), speech.think("Hm"), Pause(0.15)]
        return [*thoughts, speech.say(text), *speech.close(speech.stop)]

    wanted = {"first_token_seconds": 0.05, "first_visible_token_seconds": 0.2}

    def times(result: Result) -> dict[str, Any]:
        return {name: result.measures.get(name) for name in wanted}

    near = pytest.approx(wanted, abs=0.04)
    result = calmly(lambda: run_loop(run_of(speech, streaming(speech, play))), lambda result: times(result) == near)
    assert said(result) == "ok", result.failure
    assert times(result) == near
    assert "Hm" not in repr(result)


@dataclass(frozen=True, slots=True)
class Case:
    """An acceptance case of the API sheet, section 14, by its number: what is played, and what must be said."""

    number: int
    play: Callable[[Speech], Script]
    says: str
    only: frozenset[str] = frozenset(SPEECHES)
    settings: tuple[tuple[str, Any], ...] = ()


CHATS = frozenset({"openai-chat", "azure-openai"})
OPENAI = CHATS | {"openai-responses"}
SSE = frozenset(SPEECHES) - {"ollama"}


def flows(number: int, play: Play, says: str, *, only: frozenset[str] = frozenset(SPEECHES), **settings: Any) -> Case:
    """A case of a stream."""
    return Case(number, lambda speech: streaming(speech, play), says, only, tuple(settings.items()))


def refuses(
    number: int, status: str, document: Any, says: str, *fields: str, only: frozenset[str] = frozenset(SPEECHES)
) -> Case:
    """A case of a refusal: JSON, or a page."""
    kind = "text/html" if isinstance(document, bytes) else "application/json"
    response = body(document, *fields, status=status, kind=kind)
    return Case(number, lambda _speech: always(response), says, only)


def fed(*pieces: bytes) -> Play:
    """A stream of these pieces after the opening."""
    return lambda speech, _text: [*speech.opening, *pieces]


def _pinging(speech: Speech, _text: str) -> list[Act]:
    pings: list[Act] = [speech.ping, Pause(0.02)]
    return [*speech.opening, *pings * 50]


def _stalls(speech: Speech, text: str) -> list[Act]:
    return [*speech.opening, speech.say(text[:3]), End.SILENCE]


def _resets(speech: Speech, text: str) -> list[Act]:
    return [*speech.opening, speech.say(text[:3]), End.RESET]


def _unended(speech: Speech, text: str) -> list[Act]:
    return [*speech.opening, speech.say(text)]


def _fails(speech: Speech, text: str) -> list[Act]:
    return [*speech.opening, speech.say(text[:3]), speech.error, End.SILENCE]


def _thinks_to_the_limit(speech: Speech, _text: str) -> list[Act]:
    return [*speech.opening, speech.think("Hm"), *speech.close(speech.length)]


def _raw_error(speech: Speech, text: str) -> list[Act]:
    raw = b'{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded.",\n'
    raw += b'    "status": "UNAVAILABLE"\n  }\n}\n'
    return [*speech.opening, speech.say(text[:3]), raw[:40], Pause(0.02), raw[40:], End.SILENCE]


def _split_crlf(speech: Speech, text: str) -> list[Act]:
    data = b"".join(speech.stream(text))
    data = data.replace(b"\n", b"\r\n") if speech.kind == "text/event-stream" else data
    acts: list[Act] = []
    for start in range(0, len(data), 61):
        acts += [data[start : start + 61], Pause(0.001)]
    return acts


def _long_line(speech: Speech, text: str) -> list[Act]:
    first = speech.say(text[:3])
    padded = first.replace(b"{", b'{"obfuscation":"' + b"A" * 3_000_000 + b'",', 1)
    return [*speech.opening, padded, speech.say(text[3:]), *speech.close(speech.stop)]


def _gzip_cut(speech: Speech) -> Script:
    def script(asked: Asked) -> Iterable[Act]:
        packed = gzip.compress(b"".join(speech.stream(speech.text(asked))))
        return chunked([packed[:-20]], "Content-Encoding: gzip", kind=speech.kind)

    return script


def _sign_in(_speech: Speech) -> Script:
    def script(asked: Asked) -> list[Act]:
        if asked.target == "/login":
            return [body(b"<!doctype html><title>Sign in</title>", kind="text/html")]
        return [head("Location: /login", "Content-Length: 0", status="302 Found")]

    return script


_WALL = b"<!doctype html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
_LIMIT = {"error": {"message": "Could not finish the message because max_tokens or model output limit was reached.",
                    "type": "invalid_request_error"}}  # fmt: skip
_GEMINI_KEY = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}
_GEMINI_BUSY = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
_PER_MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
_PER_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}


def _exhausted(*details: Any, message: str = "You exceeded your current quota.") -> dict[str, Any]:
    return {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": list(details)}}


def _credit(message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}, "request_id": "req_1"}


def _only(*names: str) -> frozenset[str]:
    return frozenset(names)


_ANTHROPIC, _GEMINI, _INTERACTIONS = _only("anthropic"), _only("gemini"), _only("gemini-interactions")

_RATE, _BILLING, _CAPACITY = (
    "rate_limited rate_limit processing us",
    "quota_exhausted billing processing us",
    "overloaded capacity processing target",
)
_429 = "429 Too Many Requests"

CASES = (
    flows(1, lambda speech, text: speech.stream(text), "ok"),
    flows(2, _pinging, "response_timeout first_token first_token target", deadlines=SHORT),
    flows(3, _stalls, "stream_stalled idle stream target", deadlines=SHORT),
    flows(4, _resets, "connection_reset reset stream unknown"),
    flows(5, _unended, "stream_truncated no_terminator stream unknown"),
    flows(6, lambda _speech, _text: [DONE], "empty_response lone_done stream target",
          only=OPENAI | {"gemini-interactions"}),
    flows(7, lambda speech, text: [*_fails(speech, text)[:-1], DONE], "rate_limited ramp stream us",
          only=_only("openai-chat")),
    flows(8, fed(chunk_of(error={"code": 429, "message": "x", "metadata": {"error_type": "rate_limit_exceeded"}})),
          "rate_limited rate_limit stream us", only=CHATS),
    flows(9, _fails, "server_error error_event stream target", only=_only("openai-responses")),
    flows(9, fed(event("response.failed", type="response.failed", response={
              "status": "failed", "error": {"code": "rate_limit_exceeded", "message": "no"}})),
          "rate_limited rate_limit stream us", only=_only("openai-responses")),
    flows(10, _fails, "overloaded capacity stream target", only=_ANTHROPIC),
    flows(11, _raw_error, "overloaded capacity stream target", only=SSE),
    flows(12, _thinks_to_the_limit, "output_truncated length stream us"),
    refuses(13, "400 Bad Request", _LIMIT, "output_truncated output_limit processing us", only=OPENAI),
    refuses(14, _429, {"error": {"code": "rate_limit_exceeded", "message": "Rate limit reached"}}, _RATE, only=OPENAI),
    refuses(14, _429, {"error": {"type": "insufficient_quota", "code": "credit_balance_exhausted"}}, _BILLING,
            only=OPENAI),
    refuses(14, _429, {"error": {"code": "429", "message": "System is experiencing high demand"}}, _CAPACITY,
            only=OPENAI),
    refuses(14, _429, {"type": "error", "error": {"type": "rate_limit_error", "message": "no"}}, _RATE,
            only=_ANTHROPIC),
    refuses(14, _429, {"type": "error", "error": {"type": "rate_limit_error", "message": "no",
            "details": {"error_code": "contract_spend_limit_reached"}}},
            "quota_exhausted usage_limit processing us", only=_ANTHROPIC),
    refuses(14, "529 Overloaded", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            _CAPACITY, only=_ANTHROPIC),
    refuses(14, _429, _exhausted(_PER_MINUTE), _RATE, only=_GEMINI),
    refuses(14, _429, _exhausted(_PER_DAY), "quota_exhausted daily_quota processing us", only=_GEMINI),
    refuses(14, _429, _exhausted(message="The service is temporarily out of capacity."), _CAPACITY, only=_GEMINI),
    refuses(14, _429, {"error": {"code": "rate_limit_exceeded", "message": "no"}}, _RATE, only=_INTERACTIONS),
    refuses(14, _429, {"error": {"code": "quota_exceeded", "message": "no"}},
            "quota_exhausted daily_quota processing us", only=_INTERACTIONS),
    refuses(14, "503 No", {"error": {"code": "service_unavailable", "message": "no"}}, _CAPACITY, only=_INTERACTIONS),
    refuses(14, "503 No", {"error": "server busy, please try again.  maximum pending requests exceeded"}, _CAPACITY,
            only=_only("ollama")),
    refuses(15, "400 Bad Request", _credit("Your credit balance is too low to access the Anthropic API."), _BILLING,
            only=_ANTHROPIC),
    refuses(15, "400 Bad Request", _credit("You have reached your specified API usage limits."),
            "quota_exhausted spend_limit processing us", only=_ANTHROPIC),
    refuses(16, "400 Bad Request", _GEMINI_KEY, "auth_rejected invalid_key processing us",
            only=_only("gemini", "gemini-interactions")),
    refuses(17, "401 Unauthorized", {"error": "Unauthorized"}, "auth_rejected unauthorized processing us"),
    refuses(18, "503 Service Unavailable", [_GEMINI_BUSY], _CAPACITY, only=_GEMINI),
    refuses(19, "200 OK", b"<!doctype html><title>Welcome</title>", "unexpected_response html transfer target"),
    refuses(20, "403 Forbidden", _WALL, "bot_challenge challenge processing unknown", "cf-mitigated: challenge"),
    refuses(21, _429, _WALL, "bot_challenge challenge processing unknown", "cf-mitigated: challenge"),
    refuses(22, "524 ", b"<title>524: A timeout occurred</title>", "upstream_error edge_read_timeout processing target",
            "server: cloudflare", "cf-error-type: 52x"),
    refuses(23, "503 No", {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
            "overloaded loading processing target"),
    Case(24, lambda speech: streaming(speech, Speech.stream, "X-Policy: " + "x" * 9000), "ok"),
    flows(25, _split_crlf, "ok"),
    flows(26, _long_line, "ok"),
    # 27, jobs: not a chat
    flows(28, lambda speech, text: [*speech.stream(text)[:-2], usage_of(), DONE], "ok", only=CHATS),
    Case(29, _gzip_cut, "stream_truncated body_truncated stream unknown"),
    Case(30, _sign_in, "unexpected_response html transfer target"),
    # 31, status pages: not a chat
    flows(32, lambda speech, text: speech.stream(text), "content_mismatch served_model expect target",
          expect={"model": "owl-1"}),
)  # fmt: skip

ROWS = {
    f"{number:02}-{speech.protocol}-{index}": (case, speech)
    for index, case in enumerate(CASES)
    for number, speech in ((case.number, SPEECHES[name]) for name in sorted(case.only))
}


@pytest.mark.parametrize(("case", "speech"), ROWS.values(), ids=ROWS)
def test_acceptance(case: Case, speech: Speech, run_loop: Runner[Result]) -> None:
    """Class, detail, phase and fault of each case, on every protocol that it applies to."""
    result = run_loop(run_of(speech, case.play(speech), **dict(case.settings)))
    assert said(result) == case.says, result.failure


@EVERY
def test_an_error_inside_a_stream(speech: Speech, run_loop: Runner[Result]) -> None:
    """The protocol's own error, while the status stays 200 and the socket open."""
    assert said(run_loop(run_of(speech, streaming(speech, _fails)))) == speech.error_says


@EVERY
@pytest.mark.parametrize("streamed", [True, False], ids=["stream", "whole"])
def test_a_filtered_answer(speech: Speech, streamed: bool, run_loop: Runner[Result]) -> None:
    """The provider's word for it is known, and it is our prompt."""
    if speech.filtered is None:
        assert speech.protocol in {"gemini-interactions", "ollama"}
        return
    reason = speech.filtered

    def script(_asked: Asked) -> Iterable[Act]:
        return (
            chunked([*speech.opening, *speech.close(reason)], kind=speech.kind)
            if streamed
            else [body(speech.whole("", reason))]
        )

    result = run_loop(run_of(speech, script, stream=streamed))
    assert said(result).split()[0] == "content_filtered"
    assert said(result).split()[-1] == "us"


@EVERY
def test_a_whole_answer_that_is_none(speech: Speech, run_loop: Runner[Result]) -> None:
    """Too short, without text, of another text, not asked for, without its reason."""
    cases: list[tuple[Any, str, bool]] = [
        (speech.whole("Hel", speech.length), "output_truncated length transfer us", False),
        (speech.whole("", speech.stop), "empty_response no_text transfer target", False),
        (speech.whole("Hello", speech.stop), "content_mismatch nonce expect target", False),
        (speech.whole("Hello", speech.stop), "unexpected_response not_streamed transfer target", True),
        ({"object": "nothing"}, "unexpected_response missing_field transfer target", False),
        ({}, "unexpected_response missing_field transfer target", False),
    ]
    for document, says, streamed in cases:
        result = run_loop(run_of(speech, always(body(document)), stream=streamed))
        assert said(result) == says, (document, result.failure)


@EVERY
def test_it_can_be_asked_for_another_limit_field(speech: Speech, run_loop: Runner[Asked]) -> None:
    """Wherever the protocol has its limit."""

    async def asked() -> Asked:
        async with serving(lambda _asked: [body({})]) as site, runner() as run:
            await run(loaded(site.url + speech.path, protocol=speech.protocol, token_limit_field="cap", max_tokens=77))
            return site.asked[0]

    sent = run_loop(asked())
    assert '"cap": 77' in str(sent.json).replace("'", '"')
    assert "': 64" not in str(sent.json)


KEYS = {
    "openai-chat": ("authorization", f"Bearer {KEY}"),
    "openai-responses": ("authorization", f"Bearer {KEY}"),
    "azure-openai": ("api-key", KEY),
    "anthropic": ("x-api-key", KEY),
    "gemini": ("x-goog-api-key", KEY),
    "gemini-interactions": ("x-goog-api-key", KEY),
    "ollama": ("authorization", f"Bearer {KEY}"),
}


@EVERY
def test_the_key_is_where_the_vendor_wants_it(speech: Speech, run_loop: Runner[list[Asked]]) -> None:
    """By default, as a bearer token, in a header of a gateway's own, or nowhere."""

    async def asked() -> list[Asked]:
        async with serving(lambda _asked: [body({})]) as site, runner() as run:
            for keys in ({}, {"auth_header": "Authorization"}, {"auth_header": "X-Gate"}, {"api_key": None}):
                await run(loaded(site.url, protocol=speech.protocol, **keys))
            return site.asked

    default, bearer, gate, none = run_loop(asked())
    name, value = KEYS[speech.protocol]
    assert default.headers[name] == value
    assert bearer.headers["authorization"] == f"Bearer {KEY}"
    assert gate.headers["x-gate"] == KEY
    assert KEY not in str(none.headers)
    assert all(KEY not in each.target for each in (default, bearer, gate))


def test_litellm_s_interactions_are_flat(run_loop: Runner[Result]) -> None:
    """Its proxy puts the interaction's fields into the event, and the whole answer into the last one."""
    speech = SPEECHES["gemini-interactions"]

    def play(_speech: Speech, text: str) -> list[Act]:
        steps = [{"type": "model_output", "content": [{"type": "text", "text": text}]}]
        last = {"event_type": "interaction.completed", "id": "r", "model": "parrot-1", "status": "completed"}
        return [
            event("x", event_type="interaction.created", id="r", status="in_progress"),
            event("x", steps=steps, **last),
            DONE,
        ]

    result = run_loop(run_of(speech, streaming(speech, play)))
    assert said(result) == "ok"
    assert (result.measures["served_model"], result.request_id) == ("parrot-1", "r")


def test_interactions_may_name_outputs(run_loop: Runner[Result]) -> None:
    """The form before there were steps, which some models keep to."""
    speech = SPEECHES["gemini-interactions"]

    def play(asked: Asked) -> list[Act]:
        outputs = [{"type": "thought", "signature": "x"}, {"type": "text", "text": speech.text(asked)}]
        return [body({"id": "r", "status": "completed", "outputs": outputs})]

    result = run_loop(run_of(speech, play, stream=False))
    assert said(result) == "ok"


@pytest.mark.parametrize(
    "failed",
    [{"error": {"code": "quota_exceeded"}}, {"errors": [{"code": "quota_exceeded"}, {"code": "other"}]}],
    ids=["error", "errors"],
)
def test_an_interaction_says_why_it_failed(failed: dict[str, Any], run_loop: Runner[Result]) -> None:
    """In the event that ends it, in one error or in a list of them."""
    last = event(
        "interaction.completed", event_type="interaction.completed", interaction={"status": "failed", **failed}
    )
    speech = SPEECHES["gemini-interactions"]
    result = run_loop(run_of(speech, streaming(speech, lambda _speech, _text: [last])))
    assert said(result) == "quota_exhausted daily_quota stream us"


def test_an_http_error_may_be_framed_as_a_stream(run_loop: Runner[Result]) -> None:
    """LiteLLM answers a stream that did not begin with an HTTP error whose body is an event."""
    event_of_error = b'data: {"error": {"message": "no credit", "type": "insufficient_quota", "code": "429"}}\n\n'
    response = body(event_of_error, status="429 Too Many Requests", kind="text/event-stream")
    result = run_loop(run_of(SPEECHES["openai-chat"], always(response)))
    assert said(result) == "quota_exhausted billing processing us", result.failure
    assert result.failure is not None
    assert "data:" not in result.failure.message


MODELS = {
    ("gemini", "gemini-x"): "/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
    ("gemini", "models/gemini-x"): "/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
    ("gemini", "tunedModels/my-x"): "/v1beta/tunedModels/my-x:streamGenerateContent?alt=sse",
    ("gemini", "what is?"): "/v1beta/models/what%20is%3F:streamGenerateContent?alt=sse",
    (
        "azure-openai",
        "my/deployment?",
    ): "/openai/deployments/my%2Fdeployment%3F/chat/completions?api-version=2024-10-21",
}


@pytest.mark.parametrize(("protocol", "model", "target"), [(*key, target) for key, target in MODELS.items()], ids=str)
def test_a_model_in_a_path(protocol: str, model: str, target: str, run_loop: Runner[Asked]) -> None:
    """As the vendor names it, and whatever is in its name."""

    async def asked() -> Asked:
        async with serving(always(body({}))) as site, runner() as run:
            versions = {"api_version": "2024-10-21"} if protocol == "azure-openai" else {}
            await run(loaded(site.url + SPEECHES[protocol].path, protocol=protocol, model=model, **versions))
            return site.asked[0]

    assert run_loop(asked()).target == target


VERSIONS = {
    ("anthropic", None): ("anthropic-version", "2023-06-01"),
    ("anthropic", "2026-10-21"): ("anthropic-version", "2026-10-21"),
    ("gemini-interactions", None): ("api-revision", "2026-05-20"),
    ("gemini-interactions", "2027-01-01"): ("api-revision", "2027-01-01"),
}


@pytest.mark.parametrize(
    ("protocol", "version", "header"), [(*key, header) for key, header in VERSIONS.items()], ids=str
)
def test_a_version_in_a_header(
    protocol: str, version: str | None, header: tuple[str, str], run_loop: Runner[Asked]
) -> None:
    """The default, or the one that is asked for."""

    async def asked() -> Asked:
        async with serving(always(body({}))) as site, runner() as run:
            await run(loaded(site.url, protocol=protocol, api_version=version))
            return site.asked[0]

    name, value = header
    assert run_loop(asked()).headers[name] == value


@EVERY
@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_no_sampling_is_asked_for(speech: Speech, version: str, run_loop: Runner[Asked]) -> None:
    """Anthropic's later version refuses it even at its default, and reasoning models of others do."""

    async def asked() -> Asked:
        async with serving(always(body({}))) as site, runner() as run:
            versions = {"api_version": version} if PROTOCOLS[speech.protocol].versioned else {}
            await run(loaded(site.url, protocol=speech.protocol, **versions))
            return site.asked[0]

    assert not {"temperature", "top_p", "top_k", "topP", "topK"} & set(str(run_loop(asked()).json).split("'"))
