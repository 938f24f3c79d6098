"""Models, embeddings, moderation, images and video jobs, in their wire formats."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import struct
from array import array
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from prober.simulator.pictures import picture, video
from tests.simulator.company import KEY, against, data_of, raw, request_bytes

if TYPE_CHECKING:
    from prober.simulator.serve import Simulator

HEADERS = {"Authorization": f"Bearer {KEY}"}


async def _call(
    simulator: Simulator, http: aiohttp.ClientSession, method: str, path: str, body: object = None, **how: Any
) -> tuple[int, Any]:
    async with http.request(method, f"{simulator.url}/v1{path}", json=body, headers=HEADERS, **how) as response:
        return response.status, await response.json()


def _answer(method: str, path: str, body: object = None, **how: Any) -> tuple[int, Any]:
    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> tuple[int, Any]:
        return await _call(simulator, http, method, path, body)

    found: tuple[int, Any] = against(visit, **how)
    return found


def test_models_are_listed_with_the_end_of_their_life() -> None:
    """``shutdown_date`` is there for the model that has one."""
    status, answer = _answer("GET", "/models")
    assert (status, answer["object"]) == (200, "list")
    listed = {model["id"]: model for model in answer["data"]}
    assert {"parrot-2", "parrot-2-thinking", "parrot-1", "parrot-embedding-1"} <= listed.keys()
    assert listed["parrot-1"]["shutdown_date"] == "2027-01-31"
    assert "shutdown_date" not in listed["parrot-2"]
    assert _answer("GET", "/models/parrot-1")[1].keys() == {"id", "object", "created", "owned_by", "shutdown_date"}


@pytest.mark.parametrize("path", ["/models", "/models/parrot-2"])
def test_models_need_a_key(path: str) -> None:
    """401 in the API's format."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> int:
        return (await raw(simulator, request_bytes(f"/v1{path}", key=None))).status

    assert against(visit) == 401


def test_an_unknown_model_is_404() -> None:
    """With the code that says so."""
    status, answer = _answer("GET", "/models/parrot-9")
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("texts", ["ping", ["ping", "pong"], [1, 2, 3], [[1, 2], [3]]], ids=str)
def test_embeddings_are_unit_vectors(texts: object) -> None:
    """1536 finite floats of length 1, the same ones for the same text."""
    body = {"model": "parrot-embedding-1", "input": texts}
    status, answer = _answer("POST", "/embeddings", body)
    assert status == 200
    assert answer["usage"]["prompt_tokens"] == answer["usage"]["total_tokens"] > 0
    for index, each in enumerate(answer["data"]):
        assert (each["object"], each["index"], len(each["embedding"])) == ("embedding", index, 1536)
        assert math.isclose(math.hypot(*each["embedding"]), 1.0)
    assert _answer("POST", "/embeddings", body)[1]["data"] == answer["data"]


def test_embeddings_in_base64_are_the_same_floats() -> None:
    """Little-endian single precision, and as many as asked for."""
    body = {"model": "parrot-embedding-1", "input": "ping", "dimensions": 8}
    floats = _answer("POST", "/embeddings", body)[1]["data"][0]["embedding"]
    packed = _answer("POST", "/embeddings", {**body, "encoding_format": "base64"})[1]["data"][0]["embedding"]
    assert list(struct.unpack("<8f", base64.b64decode(packed))) == list(array("f", floats))


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 5000}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"model": "parrot-2"}, "model"),
    ],
    ids=str,
)
def test_a_wrong_embedding_request_is_refused(change: dict[str, object], param: str) -> None:
    """400 with the parameter."""
    status, answer = _answer("POST", "/embeddings", {"model": "parrot-embedding-1", "input": "x", **change})
    assert (status, answer["error"]["param"]) == (400, param)


@pytest.mark.parametrize(("text", "flagged"), [("hello", False), ("I will kill you", True)])
def test_moderation_flags_violence(text: str, flagged: bool) -> None:
    """A result with all categories; the model may be left out."""
    status, answer = _answer("POST", "/moderations", {"input": text})
    (result,) = answer["results"]
    assert (status, result["flagged"], result["categories"]["violence"]) == (200, flagged, flagged)
    assert len(result["categories"]) == len(result["category_scores"]) == 13
    assert answer["model"] == "parrot-moderation-1"


def test_moderation_needs_texts() -> None:
    """400 otherwise."""
    assert _answer("POST", "/moderations", {"input": [3]})[0] == 400


MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff\xe0", "webp": b"RIFF"}


@pytest.mark.parametrize("kind", MAGIC)
def test_an_image_is_a_picture_of_its_kind(kind: str) -> None:
    """Base64 of a file of that format, with usage."""
    body = {"model": "parrot-image-1", "prompt": "grey", "output_format": kind, "quality": "low", "n": 2}
    status, answer = _answer("POST", "/images/generations", body)
    assert (status, len(answer["data"])) == (200, 2)
    assert base64.b64decode(answer["data"][0]["b64_json"]).startswith(MAGIC[kind])
    assert (answer["size"], answer["quality"], answer["output_format"]) == ("1024x1024", "low", kind)
    assert answer["usage"]["total_tokens"] == answer["usage"]["input_tokens"] + 2 * 272


def test_images_stream_partially() -> None:
    """Named events: partial images, then the completed one with usage."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> bytes:
        body = {"model": "parrot-image-1", "prompt": "grey", "stream": True, "partial_images": 2, "quality": "low"}
        return (await raw(simulator, request_bytes("/v1/images/generations", method="POST", body=body))).events

    events = against(visit)
    names = [line for line in events.decode().splitlines() if line.startswith("event: ")]
    assert names == ["event: image_generation.partial_image"] * 2 + ["event: image_generation.completed"]
    partial, _, completed = data_of(events)
    assert (partial["type"], partial["partial_image_index"]) == ("image_generation.partial_image", 0)
    assert completed["usage"]["output_tokens"] == 272
    assert base64.b64decode(completed["b64_json"]).startswith(MAGIC["png"])


@pytest.mark.parametrize("stream", [False, True])
def test_an_image_may_end_in_an_error_object(stream: bool) -> None:
    """With status 200, as a chunk or as the whole answer."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> bytes:
        body = {"model": "parrot-image-1", "prompt": "grey", "stream": stream}
        return (await raw(simulator, request_bytes("/v1/images/generations", method="POST", body=body))).events

    fault = {"fault": "error_chunk", "after": "head", "done": False}
    assert b'{"error":{"message":"The server had an error' in against(visit, faults={"images": [fault]})


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": ""}, "prompt"),
        ({"size": "1x1"}, "size"),
        ({"n": 0}, "n"),
        ({"quality": "best"}, "quality"),
        ({"response_format": "url"}, "response_format"),
        ({"partial_images": 4}, "partial_images"),
    ],
    ids=str,
)
def test_a_wrong_image_request_is_refused(change: dict[str, object], param: str) -> None:
    """400 with the parameter; GPT image models do not take a response format."""
    body = {"model": "parrot-image-1", "prompt": "x", **change}
    status, answer = _answer("POST", "/images/generations", body)
    assert (status, answer["error"]["param"]) == (400, param)


def test_images_may_be_withheld_from_free_accounts() -> None:
    """As on the last day of March 2025."""
    fault = {"fault": "status", "status": 403, "account": "free", "body": {"error": {"message": "not now"}}}

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> list[int]:
        found = []
        for key in (KEY, "sk-parrot-free-key"):
            body = {"model": "parrot-image-1", "prompt": "x"}
            url, headers = f"{simulator.url}/v1/images/generations", {"Authorization": f"Bearer {key}"}
            async with http.post(url, json=body, headers=headers) as response:
                found.append(response.status)
        return found

    assert against(visit, faults={"images": [fault]}) == [200, 403]


async def _job(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
    body = {"model": "parrot-video-1", "prompt": "a calm sea", "seconds": "4", "size": "1280x720"}
    status, job = await _call(simulator, http, "POST", "/videos", body)
    assert status == 200
    return job


async def _polled(simulator: Simulator, http: aiohttp.ClientSession, id_: str, *, seconds: float = 3.0) -> list[Any]:
    """The states of a job until it ends or time is up."""
    seen: list[Any] = []
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        _, job = await _call(simulator, http, "GET", f"/videos/{id_}")
        seen.append(job)
        if job["status"] in {"completed", "failed"}:
            break
        await asyncio.sleep(0.01)
    return seen


def test_a_video_goes_from_the_queue_to_the_file() -> None:
    """queued, in_progress, completed; progress never falls; the file is an MP4; then it is deleted."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        job = await _job(simulator, http)
        assert job["id"].startswith("video_")
        assert (job["object"], job["status"], job["progress"], job["error"]) == ("video", "queued", 0, None)
        assert (await _call(simulator, http, "GET", f"/videos/{job['id']}/content"))[0] == 404
        seen = await _polled(simulator, http, job["id"])
        assert [state["status"] for state in seen] == sorted(
            (state["status"] for state in seen), key=["queued", "in_progress", "completed"].index
        )
        assert seen[-1]["status"] == "completed"
        progress = [state["progress"] for state in seen]
        assert progress == sorted(progress)
        assert progress[-1] == 100
        url = f"{simulator.url}/v1/videos/{job['id']}/content"
        async with http.get(url, headers=HEADERS) as response:
            whole = await response.read()
            assert (response.status, response.content_type, whole[4:8]) == (200, "video/mp4", b"ftyp")
        async with http.get(url, headers={**HEADERS, "Range": "bytes=0-99"}) as response:
            assert (response.status, await response.read()) == (206, whole[:100])
            assert response.headers["Content-Range"] == f"bytes 0-99/{len(whole)}"
        async with http.get(url, headers={**HEADERS, "Range": "bytes=9999999-"}) as response:
            assert response.status == 416
        async with http.get(url, headers={**HEADERS, "Range": "lines=1-2"}) as response:
            assert (response.status, await response.read()) == (200, whole)
        async with http.get(url, headers=HEADERS, params={"variant": "thumbnail"}) as response:
            assert response.content_type == "image/webp"
        async with http.get(url, headers=HEADERS, params={"variant": "hologram"}) as response:
            assert response.status == 400
        assert (await _call(simulator, http, "GET", "/videos"))[1]["data"][0]["id"] == job["id"]
        deleted = await _call(simulator, http, "DELETE", f"/videos/{job['id']}")
        assert deleted == (200, {"id": job["id"], "object": "video.deleted", "deleted": True})
        assert (await _call(simulator, http, "GET", f"/videos/{job['id']}"))[0] == 404

    against(visit)


def test_a_video_may_be_ordered_by_a_form() -> None:
    """The API takes multipart as well as JSON."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        form = aiohttp.FormData({"model": "parrot-video-1", "prompt": "x"}, default_to_multipart=True)
        async with http.post(f"{simulator.url}/v1/videos", data=form, headers=HEADERS) as response:
            assert (await response.json())["seconds"] == "4"

    against(visit)


@pytest.mark.parametrize("state", ["queued", "in_progress"])
def test_a_job_may_be_stuck(state: str) -> None:
    """It is taken on and never leaves its state."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        job = await _job(simulator, http)
        return (await _polled(simulator, http, job["id"], seconds=0.2))[-1]

    assert against(visit, faults={"video": [{"fault": "job_stuck", "state": state}]})["status"] == state


def test_a_job_may_fail() -> None:
    """HTTP stays 200; the error is in the job."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        job = await _job(simulator, http)
        return (await _polled(simulator, http, job["id"]))[-1]

    job = against(visit, faults={"video": [{"fault": "job_failed", "code": "moderation_blocked", "message": "no"}]})
    assert (job["status"], job["error"]) == ("failed", {"code": "moderation_blocked", "message": "no"})


def test_a_job_may_be_slow() -> None:
    """Ten times the time."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        job = await _job(simulator, http)
        return (await _polled(simulator, http, job["id"], seconds=0.15))[-1]

    assert against(visit, faults={"video": [{"fault": "slow_job", "times": 10}]})["status"] == "queued"


@pytest.mark.parametrize(
    ("change", "param"),
    [({"prompt": ""}, "prompt"), ({"seconds": "5"}, "seconds"), ({"size": "1x1"}, "size"), ({"fps": 3}, "fps")],
    ids=str,
)
def test_a_wrong_video_request_is_refused(change: dict[str, object], param: str) -> None:
    """400 with the parameter."""
    status, answer = _answer("POST", "/videos", {"model": "parrot-video-1", "prompt": "x", **change})
    assert (status, answer["error"]["param"]) == (400, param)


@pytest.mark.parametrize("size", [(1024, 1024), (1, 1), (17, 5)], ids=str)
def test_pictures_say_their_size(size: tuple[int, int]) -> None:
    """In the place where each format has it."""
    width, height = size
    assert struct.unpack(">II", picture("png", width, height)[16:24]) == size
    jpeg = picture("jpeg", width, height)
    frame = jpeg.index(b"\xff\xc0")
    assert struct.unpack(">HH", jpeg[frame + 5 : frame + 9]) == (height, width)
    assert jpeg.endswith(b"\xff\xd9")
    webp = picture("webp", width, height)
    assert webp[8:16] == b"WEBPVP8L"
    bits = int.from_bytes(webp[21:25], "little")
    assert (bits & 0x3FFF) + 1 == width
    assert (bits >> 14 & 0x3FFF) + 1 == height
    assert struct.unpack("<I", webp[4:8])[0] == len(webp) - 8


def test_the_video_is_made_of_boxes() -> None:
    """Their lengths add up to the file."""
    content, names, at = video("1280x720", "4"), [], 0
    while at < len(content):
        size, name = struct.unpack(">I4s", content[at : at + 8])
        names.append(name)
        at += size
    assert (at, names) == (len(content), [b"ftyp", b"moov", b"mdat"])


def test_json_is_compact_utf_8() -> None:
    """What vendors send, and not Python's ASCII."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> bytes:
        body = {"model": "parrot-2", "messages": [{"role": "user", "content": "Reply with exactly: Grüße"}]}
        return (await raw(simulator, request_bytes("/v1/chat/completions", method="POST", body=body))).body

    body = against(visit)
    assert "Grüße".encode() in body
    assert json.loads(body)["object"] == "chat.completion"
    assert b'", "' not in body
