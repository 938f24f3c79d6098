"""Veo: videos as Gemini's long-running operations, from ``:predictLongRunning`` through polling to the file."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from prober.simulator.api import api_headers, api_json, find_model
from prober.simulator.company import Video
from prober.simulator.dialects import GEMINI, Trouble
from prober.simulator.download import download
from prober.simulator.exchange import Route
from prober.simulator.faults.answers import Filtered
from prober.simulator.jobs import progress
from prober.simulator.pictures import video

if TYPE_CHECKING:
    from aiohttp import web

    from prober.simulator.exchange import Exchange

__all__ = ["ROUTES"]

_INTERNAL = 13
"""What gRPC calls an internal error."""
_RESPONSE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
_SECONDS = (4, 6, 8)
_SIZES = {"9:16": "720x1280", "16:9": "1280x720"}


async def _predict(exchange: Exchange) -> web.Response:
    account = exchange.customer()
    model = find_model(exchange, exchange.request.match_info["id"], "video")
    body = await exchange.json_object()
    match body.get("instances"):
        case [{"prompt": str(prompt)}] if prompt:
            pass
        case _:
            raise GEMINI.refusal(Trouble.INVALID, "instances must have one object with a prompt.")
    given = body.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    seconds = parameters.get("durationSeconds", _SECONDS[-1])
    if seconds not in _SECONDS:
        raise GEMINI.refusal(Trouble.INVALID, f"durationSeconds must be one of {_SECONDS}.")
    made = Video(
        id=secrets.token_hex(8),
        model=model.id,
        prompt=prompt,
        seconds=str(seconds),
        size=_SIZES.get(str(parameters.get("aspectRatio")), _SIZES["16:9"]),
        created_at=int(time.time()),
        started=exchange.now(),
    )
    exchange.company.videos.put(made.id, made)
    return api_json(exchange, account, {"name": _name(made)})


def _name(job: Video) -> str:
    return f"models/{job.model}/operations/{job.id}"


def _found(exchange: Exchange) -> Video:
    found = exchange.company.videos.get(exchange.request.match_info["operation"])
    if found is None:
        raise GEMINI.refusal(Trouble.NOT_FOUND, "The operation")
    return found


async def _poll(exchange: Exchange) -> web.Response:
    account, job = exchange.customer(), _found(exchange)
    pace = exchange.company.pace
    at = progress(
        exchange, started=job.started, queue_seconds=pace.video_queue_seconds, run_seconds=pace.video_run_seconds
    )
    operation: dict[str, object] = {"name": _name(job), "done": at.status in {"completed", "failed"}}
    if at.failure:
        operation["error"] = {"code": _INTERNAL, "message": at.failure.message}
    elif at.status == "completed":
        operation["response"] = {"@type": _RESPONSE, "generateVideoResponse": _videos(exchange, job)}
    return api_json(exchange, account, operation)


def _videos(exchange: Exchange, job: Video) -> dict[str, object]:
    """Where the video is, or that the filter took it away."""
    if exchange.fault(Filtered):
        reason = "The prompt could not be submitted. It may violate our usage guidelines."
        return {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [reason]}
    place = f"{exchange.request.url.origin()}{exchange.prefix}/v1beta/files/{job.id}:download?alt=media"
    return {"generatedSamples": [{"video": {"uri": place}}]}


async def _content(exchange: Exchange) -> web.Response:
    account, job = exchange.customer(), _found(exchange)
    return download(exchange, "video/mp4", video(job.size, job.seconds), api_headers(exchange, account))


ROUTES = tuple(
    Route(method=method, path=f"/{version}/{path}", surfaces=("video",), handler=handler, dialect=GEMINI)
    for version in ("v1beta", "v1")
    for method, path, handler in (
        ("POST", "models/{id:[^:/]+}:predictLongRunning", _predict),
        ("GET", "models/{id:[^:/]+}/operations/{operation}", _poll),
        ("GET", "files/{operation}:download", _content),
    )
)
