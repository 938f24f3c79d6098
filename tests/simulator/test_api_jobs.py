"""Jobs beside OpenAI's videos: Gemini's interactions in the background, and Veo's operations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.company import KEY, against
from tests.simulator.tongues import NONCE, exactly

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

HEADERS = {"x-goog-api-key": KEY}
VEO = "/v1beta/models/parrot-video-1:predictLongRunning"


async def _call(http: aiohttp.ClientSession, method: str, url: str, body: object = None) -> tuple[int, Any]:
    async with http.request(method, url, json=body, headers=HEADERS) as response:
        return response.status, await response.json()


def test_an_interaction_in_the_background() -> None:
    """In progress, then whole; another one cancelled; neither is anybody else's."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        place = f"{simulator.url}/v1beta/interactions"
        body = {"model": "parrot-2", "input": exactly(), "background": True}
        status, made = await _call(http, "POST", place, body)
        assert (status, made["status"], made["steps"]) == (200, "in_progress", [])
        _, early = await _call(http, "GET", f"{place}/{made['id']}")
        assert (early["status"], early["steps"]) == ("in_progress", [])
        await asyncio.sleep(0.05)
        _, late = await _call(http, "GET", f"{place}/{made['id']}")
        assert late["steps"][-1]["content"] == [{"type": "text", "text": NONCE}]
        _, other = await _call(http, "POST", place, body)
        _, cancelled = await _call(http, "POST", f"{place}/{other['id']}/cancel")
        assert cancelled["status"] == "cancelled"
        _, whole = await _call(http, "POST", place, {"model": "parrot-2", "input": exactly()})
        status, refused = await _call(http, "POST", f"{place}/{whole['id']}/cancel")
        assert (status, refused["error"]["code"]) == (400, "invalid_request")
        async with http.get(f"{place}/{whole['id']}", headers={"x-goog-api-key": "sk-parrot-free-key"}) as response:
            assert response.status == 404

    against(visit)


def test_an_interaction_in_the_background_fails() -> None:
    """With the fault's error."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        place = f"{simulator.url}/v1beta/interactions"
        _, made = await _call(http, "POST", place, {"model": "parrot-2", "input": exactly(), "background": True})
        await asyncio.sleep(0.05)
        _, failed = await _call(http, "GET", f"{place}/{made['id']}")
        assert (failed["status"], failed["errors"][0]["code"]) == ("failed", "server_error")

    against(visit, faults={"chat": [{"fault": "job_failed"}]})


def test_an_interaction_that_is_not_stored_is_gone() -> None:
    """It cannot be read again."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        place = f"{simulator.url}/v1beta/interactions"
        _, made = await _call(http, "POST", place, {"model": "parrot-2", "input": exactly(), "store": False})
        status, _ = await _call(http, "GET", f"{place}/{made['id']}")
        assert status == 404

    against(visit)


async def _operation(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
    body = {"instances": [{"prompt": "grey"}], "parameters": {"durationSeconds": 4, "aspectRatio": "9:16"}}
    status, made = await _call(http, "POST", simulator.url + VEO, body)
    assert (status, made.keys()) == (200, {"name"})
    _, early = await _call(http, "GET", f"{simulator.url}/v1beta/{made['name']}")
    assert early == {"name": made["name"], "done": False}
    await asyncio.sleep(0.12)
    _, operation = await _call(http, "GET", f"{simulator.url}/v1beta/{made['name']}")
    assert operation["done"] is True
    return operation


def test_veo_makes_a_video() -> None:
    """An operation that is done has the place of a file, of which a part can be fetched."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        operation = await _operation(simulator, http)
        (sample,) = operation["response"]["generateVideoResponse"]["generatedSamples"]
        headers = {**HEADERS, "Range": "bytes=4-7"}
        async with http.get(sample["video"]["uri"], headers=headers) as response:
            assert (response.status, await response.read()) == (206, b"ftyp")
        async with http.get(sample["video"]["uri"]) as response:
            assert response.status == 403

    against(visit)


def test_veo_s_filter_takes_videos_away() -> None:
    """Done, no sample, and a count of what is gone; OpenAI's job fails with a code."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        videos = (await _operation(simulator, http))["response"]["generateVideoResponse"]
        assert videos["raiMediaFilteredCount"] == 1
        assert "generatedSamples" not in videos
        bearer = {"Authorization": f"Bearer {KEY}"}
        order = {"model": "parrot-video-1", "prompt": "grey"}
        async with http.post(f"{simulator.url}/v1/videos", json=order, headers=bearer) as response:
            job = await response.json()
        await asyncio.sleep(0.12)
        async with http.get(f"{simulator.url}/v1/videos/{job['id']}", headers=bearer) as response:
            assert (await response.json())["error"]["code"] == "moderation_blocked"

    against(visit, faults={"video": [{"fault": "filtered"}]})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", VEO, {}, 400),
        ("POST", VEO, {"instances": [{"prompt": ""}]}, 400),
        ("POST", VEO, {"instances": [{"prompt": "x"}], "parameters": {"durationSeconds": "x"}}, 400),
        ("POST", VEO.replace("video-1", "2"), {"instances": [{"prompt": "x"}]}, 404),
        ("GET", "/v1beta/models/parrot-video-1/operations/nothing", None, 404),
    ],
)
def test_veo_refuses(method: str, path: str, body: object, status: int) -> None:
    """In Gemini's words."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        found, answer = await _call(http, method, simulator.url + path, body)
        assert (found, answer["error"]["code"]) == (status, status)

    against(visit)
