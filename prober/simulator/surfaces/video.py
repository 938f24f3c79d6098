"""Video jobs: ``/v1/videos``, from submit through polling to the file."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from prober.simulator.api import api_headers, api_json, choice, find_model
from prober.simulator.company import Video
from prober.simulator.dialects import OPENAI
from prober.simulator.download import download
from prober.simulator.errors import ApiError
from prober.simulator.exchange import Route
from prober.simulator.faults.answers import Filtered
from prober.simulator.faults.jobs import JobFailed
from prober.simulator.jobs import Progress, progress
from prober.simulator.pictures import picture, video

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_PARAMETERS = ("model", "prompt", "seconds", "size", "input_reference")
_SECONDS = ("4", "8", "12")
_SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
_BLOCKED = JobFailed(code="moderation_blocked", message="Your request was blocked by our moderation system.")
_EXPIRY_SECONDS = 3600


async def _create(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    if exchange.request.content_type == "application/json":
        body: Mapping[str, object] = await exchange.json_object()
    else:
        body = dict(await exchange.request.post())
    for name in body:
        if name not in _PARAMETERS:
            raise ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    model = find_model(exchange, body.get("model"), "video")
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise ApiError(400, "Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    made = Video(
        id=f"video_{secrets.token_hex(16)}",
        model=model.id,
        prompt=prompt,
        seconds=choice(body, "seconds", _SECONDS),
        size=choice(body, "size", _SIZES),
        created_at=int(time.time()),
        started=exchange.now(),
    )
    exchange.company.videos.put(made.id, made)
    return api_json(exchange, account, _state(exchange, made))


def _found(exchange: Exchange) -> Video:
    id_ = exchange.request.match_info["id"]
    found = exchange.company.videos.get(id_)
    if found is None:
        raise ApiError(404, f"Video with id '{id_}' not found.", param="id")
    return found


def _progress(exchange: Exchange, job: Video) -> Progress:
    pace = exchange.company.pace
    at = progress(
        exchange, started=job.started, queue_seconds=pace.video_queue_seconds, run_seconds=pace.video_run_seconds
    )
    filtered = at.status == "completed" and exchange.fault(Filtered)
    return Progress("failed", 0, _BLOCKED) if filtered else at


def _state(exchange: Exchange, job: Video) -> dict[str, object]:
    at = _progress(exchange, job)
    completed = at.status == "completed"
    return {
        "id": job.id,
        "object": "video",
        "created_at": job.created_at,
        "status": at.status,
        "completed_at": int(time.time()) if completed else None,
        "error": {"code": at.failure.code, "message": at.failure.message} if at.failure else None,
        "expires_at": job.created_at + _EXPIRY_SECONDS if completed else None,
        "model": job.model,
        "progress": at.percent,
        "prompt": job.prompt,
        "remixed_from_video_id": None,
        "seconds": job.seconds,
        "size": job.size,
    }


async def _poll(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    return api_json(exchange, account, _state(exchange, _found(exchange)))


async def _list(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    data = [_state(exchange, job) for job in exchange.company.videos]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return api_json(exchange, account, {"object": "list", "data": data, **ends, "has_more": False})


async def _content(exchange: Exchange) -> web.Response:
    account, job = exchange.customer(), _found(exchange)
    if _progress(exchange, job).status != "completed":
        raise ApiError(404, "Video is not ready yet, use GET /v1/videos/{video_id} to check status.")
    match exchange.request.query.get("variant", "video"):
        case "video":
            return download(exchange, "video/mp4", video(job.size, job.seconds), api_headers(exchange, account))
        case "thumbnail":
            image = picture("webp", 360, 640)
            return download(exchange, "image/webp", image, api_headers(exchange, account))
        case other:
            raise ApiError(400, f"Invalid value: '{other}'.", param="variant", code="invalid_value")


async def _delete(exchange: Exchange) -> web.Response:
    account, job = exchange.customer(), _found(exchange)
    exchange.company.videos.drop(job.id)
    return api_json(exchange, account, {"id": job.id, "object": "video.deleted", "deleted": True})


_ONE = "/v1/videos/{id}"
ROUTES = (
    Route(method="POST", path="/v1/videos", surfaces=("video",), handler=_create, dialect=OPENAI),
    Route(method="GET", path="/v1/videos", surfaces=("video",), handler=_list, dialect=OPENAI),
    Route(method="GET", path=_ONE, surfaces=("video",), handler=_poll, dialect=OPENAI),
    Route(method="DELETE", path=_ONE, surfaces=("video",), handler=_delete, dialect=OPENAI),
    Route(method="GET", path=f"{_ONE}/content", surfaces=("video",), handler=_content, dialect=OPENAI),
)
