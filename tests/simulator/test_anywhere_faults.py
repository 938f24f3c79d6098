"""Faults that every surface can have, seen through raw sockets on both event loops."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator import serve
from prober.simulator.errors import ERRORS
from tests.simulator.company import FAST, FREE_KEY, KEY, RawAnswer, against, raw, request_bytes, sign_in

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator
    from tests.conftest import Runner

PAGE = ("web", "/")
API = ("models", "/v1/models")


def _visited(
    surface_path: tuple[str, str],
    *faults: dict[str, object],
    headers: str = "",
    key: str = KEY,
    patience: float = 5.0,
    **how: Any,
) -> RawAnswer:
    surface, path = surface_path

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        return await raw(simulator, request_bytes(path, headers=headers, key=key), patience=patience)

    answer: RawAnswer = against(visit, faults={surface: list(faults)}, **how)
    return answer


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ({"status": 500}, 500, b"text/plain", b""),
        ({"status": 503, "body": "busy"}, 503, b"text/plain", b"busy"),
        ({"status": 200, "body": {"a": [1]}}, 200, b"application/json", b'{"a":[1]}'),
        ({"status": 200, "body": []}, 200, b"application/json", b"[]"),
        ({"status": 404, "body": "<h1>Gone</h1>"}, 404, b"text/html", b"<h1>Gone</h1>"),
        ({"status": 599, "headers": {"X-Why": "a b"}}, 599, b"text/plain", b""),
        (
            {"status": 200, "body": "x", "headers": {"content-type": "text/event-stream"}},
            200,
            b"text/event-stream",
            b"x",
        ),
    ],
)
@pytest.mark.parametrize("where", [PAGE, API])
def test_a_status_with_any_body(
    where: tuple[str, str], fault: dict[str, object], status: int, content_type: bytes, body: bytes
) -> None:
    """Status, type and body are as told, on a page and on the API."""
    answer = _visited(where, {"fault": "status", **fault})
    assert (answer.status, answer.body) == (status, body)
    assert b"content-type: " + content_type in answer.head.lower()
    for name, value in dict(fault.get("headers", {})).items():  # type: ignore[call-overload]  # a mapping where given
        assert f"{name}: {value}".lower().encode() in answer.head.lower()


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_every_named_error_is_sent_as_it_stands(name: str) -> None:
    """Status, headers and body of the data file, byte by byte; only the request's id is its own."""
    answer = _visited(API, {"fault": "error", "error": name})
    known = ERRORS[name]
    body = re.sub(rb"req_[0-9a-f]{32}", b"req_sim%d" % known.status, answer.body)
    assert (answer.status, body) == (known.status, known.body)
    lines = {tuple(line.lower().split(b": ", 1)) for line in answer.head.split(b"\r\n")[1:]}
    expected = {**known.headers, "content-type": known.content_type}
    assert {(k.lower().encode(), v.lower().encode()) for k, v in expected.items()} <= lines
    if known.content_type == "application/json":
        assert json.loads(body) == known.json


def test_named_errors_are_the_providers_own() -> None:
    """The literal bodies of the reference, as they were seen."""
    assert ERRORS["gemini.bad_key"].json == {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com",
                    "metadata": {"service": "generativelanguage.googleapis.com"},
                }
            ],
        }
    }
    assert ERRORS["azure.content_filter"].json == {
        "error": {
            "message": "The response was filtered",
            "type": None,
            "param": "prompt",
            "code": "content_filter",
            "status": 400,
        }
    }
    assert ERRORS["vllm.unauthorized"].json == {"error": "Unauthorized"}
    assert ERRORS["llama_cpp.loading"].json == {
        "error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}
    }
    assert ERRORS["ollama.busy"].json == {"error": "server busy, please try again.  maximum pending requests exceeded"}


@pytest.mark.parametrize(("fault", "status"), [({}, 403), ({"status": 429}, 429), ({"status": 202}, 202)])
def test_a_challenge_says_so_in_its_header(fault: dict[str, object], status: int) -> None:
    """The one header that Cloudflare promises, whatever the status."""
    answer = _visited(PAGE, {"fault": "challenge", **fault})
    assert answer.status == status
    assert b"cf-mitigated: challenge" in answer.head.lower()
    assert b"<title>Just a moment...</title>" in answer.body


def test_html_instead_of_json() -> None:
    """200 and the web app's page, on the API."""
    answer = _visited(API, {"fault": "html"})
    assert answer.status == 200
    assert b"content-type: text/html" in answer.head.lower()
    assert b"<title>Parrot</title>" in answer.body


def test_a_redirect_to_the_sign_in_page() -> None:
    """302 with a Location."""
    answer = _visited(API, {"fault": "redirect_to_login"})
    assert answer.status == 302
    assert b"location: /login\r\n" in answer.head.lower() + b"\r\n"


@pytest.mark.parametrize(
    ("where", "body"),
    [
        (API, b'{"error":{"message":"Rate limit reached'),
        (("session", "/api/me"), b'{"detail": "API rate limit exceeded"}'),
        (PAGE, b"<!DOCTYPE html>"),
    ],
)
def test_a_rate_limit_says_when_to_come_back(where: tuple[str, str], body: bytes) -> None:
    """429 in the manner of the surface, with Retry-After in whole seconds."""
    answer = _visited(where, {"fault": "rate_limit", "retry_after": 6.5})
    assert answer.status == 429
    assert b"retry-after: 7" in answer.head.lower()
    assert answer.body.startswith(body)


@pytest.mark.parametrize("where", [PAGE, API])
@pytest.mark.parametrize(
    ("fault", "ended", "share"),
    [
        ({"fault": "stall"}, "silence", 0.0),
        ({"fault": "stall", "after": "head"}, "silence", 0.5),
        ({"fault": "reset"}, "reset", 0.0),
        ({"fault": "reset", "after": 3}, "reset", 0.5),
        ({"fault": "truncate"}, "eof", 0.5),
    ],
    ids=["stall", "stall in body", "reset", "reset in body", "truncate"],
)
def test_a_whole_answer_breaks(
    where: tuple[str, str], fault: dict[str, object], ended: str, share: float, run_loop: Runner[RawAnswer]
) -> None:
    """Nothing comes, or half of what the Content-Length promises; then silence, a reset, or the end."""
    whole = _visited(where, run=run_loop)
    answer = _visited(where, fault, run=run_loop, patience=5.0 if share else 0.3)
    assert answer.ended == ended
    assert len(answer.body) == int(len(whole.body) * share)
    assert (f"content-length: {len(whole.body)}".encode() in answer.head.lower()) is (share > 0)


def test_a_stall_may_end() -> None:
    """After its seconds the whole answer is there."""
    began = time.perf_counter()
    answer = _visited(PAGE, {"fault": "stall", "seconds": 0.05}, {"fault": "stall", "after": "head", "seconds": 0.05})
    assert time.perf_counter() - began >= 0.1
    assert answer.body.endswith(b"</html>")


def test_latency_comes_before_the_head() -> None:
    """At least its seconds, at most those of the jitter more."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> list[float]:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            async with http.get(simulator.url) as response:
                assert response.status == 200
            times.append(time.perf_counter() - began)
        return times

    times = against(visit, faults={"web": [{"fault": "latency", "seconds": 0.03, "jitter": 0.03}]})
    assert min(times) >= 0.03
    assert max(times) - min(times) > 0.001


def test_half_of_a_gzipped_body() -> None:
    """HTTP says it is whole, gzip says it is not."""
    answer = _visited(PAGE, {"fault": "cut_gzip"})
    assert b"content-encoding: gzip" in answer.head.lower()
    assert f"content-length: {len(answer.body)}".encode() in answer.head.lower()
    decoder = zlib.decompressobj(wbits=31)
    assert decoder.decompress(answer.body).startswith(b"<!DOCTYPE html>")
    assert not decoder.eof
    with pytest.raises(EOFError):
        gzip.decompress(answer.body)


@pytest.mark.parametrize("where", [PAGE, API])
def test_one_big_header(where: tuple[str, str]) -> None:
    """Longer than the 8190 bytes that clients allow by default."""
    assert (
        b"X-Padding: " + b"x" * 9000 + b"\r\n" in _visited(where, {"fault": "big_header", "size": 9000}).head + b"\r\n"
    )


def test_a_big_header_on_a_stream() -> None:
    """Streams have heads too."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        body = {"model": "parrot-2", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        return await raw(simulator, request_bytes("/v1/chat/completions", method="POST", body=body))

    answer = against(visit, faults={"chat": [{"fault": "big_header"}]})
    assert b"x" * 16_384 in answer.head
    assert answer.events.endswith(b"data: [DONE]\n\n")


IPHONE = "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15\r\n"
ANDROID = "User-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36\r\n"
DESKTOP = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) axios/1.7\r\n"


@pytest.mark.parametrize(
    ("limit", "struck"),
    [
        ("desktop", {DESKTOP, ""}),
        ("ios", {IPHONE}),
        (["ios", "android"], {IPHONE, ANDROID}),
    ],
    ids=str,
)
def test_a_fault_may_be_limited_to_a_client(limit: object, struck: set[str]) -> None:
    """The phone app works while the desktop page does not, and the other way round."""
    fault = {"fault": "status", "status": 503, "client": limit}
    found = {agent for agent in (DESKTOP, IPHONE, ANDROID, "") if _visited(PAGE, fault, headers=agent).status == 503}
    assert found == struck


@pytest.mark.parametrize(("account", "struck"), [("free", {FREE_KEY}), ("paid", {KEY})])
def test_a_fault_may_be_limited_to_accounts(account: str, struck: set[str]) -> None:
    """Whose key it is decides."""
    fault = {"fault": "status", "status": 503, "account": account}
    assert {key for key in (FREE_KEY, KEY, "sk-nobody") if _visited(API, fault, key=key).status == 503} == struck


def test_a_fault_may_be_limited_to_a_free_account_s_session() -> None:
    """Whoever is signed in counts as well as whose key it is."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> int:
        await sign_in(simulator.url, http, email="free@parrot.example", password="parrot-free-password")
        async with http.get(f"{simulator.url}/api/me") as response:
            return response.status

    assert against(visit, faults={"session": [{"fault": "status", "status": 418, "account": "free"}]}) == 418
    assert against(visit, faults={"session": [{"fault": "status", "status": 418, "account": "paid"}]}) == 200


@pytest.mark.parametrize(
    ("limit", "struck"),
    [
        ({"path": "/assets/*"}, {"/assets/app.css"}),
        ({"path": "/"}, {"/"}),
        ({"method": "POST"}, set()),
        ({"method": "GET"}, {"/", "/assets/app.css"}),
    ],
    ids=str,
)
def test_a_fault_may_be_limited_to_paths_and_methods(limit: dict[str, object], struck: set[str]) -> None:
    """A broken CDN is not a broken page."""
    fault = {"fault": "status", "status": 503, **limit}
    assert {path for path in ("/", "/assets/app.css") if _visited(("web", path), fault).status == 503} == struck


def test_probability_is_a_share_of_requests() -> None:
    """Some fail, some do not; by the seed always the same."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> list[int]:
        found = []
        for _ in range(60):
            async with http.get(f"{simulator.url}/assets/boot.js") as response:
                found.append(response.status)
        return found

    faults = {"web": [{"fault": "status", "status": 503, "probability": 0.3}]}
    found = against(visit, faults=faults)
    assert 5 <= found.count(503) <= 35
    assert against(visit, faults=faults) == found


def test_one_provider_s_fault_is_not_the_other_s() -> None:
    """Faults are set by provider."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> list[int]:
        found = []
        for url in simulator.urls.values():
            async with http.get(f"{url}/login") as response:
                found.append(response.status)
        return found

    fault = {"fault": "status", "status": 503}
    assert against(visit, faults={"login": [fault]}) == [503, 200]
    assert against(visit, faults={"magpie/login": [fault]}) == [200, 503]


def test_a_stalled_connection_ends_with_its_client(run_loop: Runner[None]) -> None:
    """A handler that waits for ever is gone as soon as nobody listens."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        before = len(asyncio.all_tasks())
        _reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
        writer.write(request_bytes("/"))
        await asyncio.sleep(0.05)
        assert len(asyncio.all_tasks()) > before
        writer.close()
        await asyncio.sleep(0.1)
        assert len(asyncio.all_tasks()) == before

    against(visit, faults={"web": [{"fault": "stall"}]}, run=run_loop)


def test_the_simulator_stops_while_streams_hang(run_loop: Runner[float]) -> None:
    """Shutting down does not wait for those who wait for ever."""

    async def main() -> float:
        async with serve.running(FAST) as simulator:
            simulator.faults.replace({"web": [{"fault": "stall"}]})
            _, writer = await asyncio.open_connection(simulator.host, simulator.port)
            writer.write(request_bytes("/"))
            await asyncio.sleep(0.05)
            began = time.perf_counter()
        stopped = time.perf_counter()
        writer.close()
        return stopped - began

    assert run_loop(main()) < 5


def test_an_answer_to_head_has_no_body_to_break() -> None:
    """A fault of the body leaves HEAD alone."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        return await raw(simulator, request_bytes("/", method="HEAD"), quiet=0.1)

    answer = against(visit, faults={"web": [{"fault": "truncate"}]})
    assert (answer.status, answer.body) == (200, b"")
