"""The JSON API: what the pages show, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from prober.sinks.document import Document, seconds, timestamp, to_json
from prober.web.answers import VIEWS, answer
from prober.web.pace import joined
from prober.web.stories import incident_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prober.model.probe import Probe
    from prober.model.run import Result
    from prober.sinks.history import Past
    from prober.web.views import Views

__all__ = ["incidents", "probe", "probe_document", "probes"]

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


async def probes(request: web.Request) -> web.StreamResponse:
    """A list of all probes, in the order of the configuration."""
    views = request.app[VIEWS]

    async def make() -> bytes:
        return await joined(_listed(probe_document(views, each) for each in views.probes()))

    return await answer(request, request.path, make, headers=_HEADERS)


async def probe(request: web.Request) -> web.StreamResponse:
    """One probe with its history, the newest run first."""
    views = request.app[VIEWS]
    name = request.match_info["name"]
    found = next((each for each in views.probes() if each.name == name), None)
    if found is None:
        raise web.HTTPNotFound(text=f"there is no probe {name!r}")

    async def make() -> bytes:
        history = [*_history(views.history.runs(name), views.history.failures(name))]
        return _encoded(probe_document(views, found) | {"history": history}).encode()

    return await answer(request, f"/api/v1/probes/{name}", make, headers=_HEADERS)


async def incidents(request: web.Request) -> web.StreamResponse:
    """All incidents: open ones first, then the newest first."""
    views = request.app[VIEWS]

    async def make() -> bytes:
        now_ns = views.clock.wall_ns()
        return await joined(_listed(incident_json(incident, now_ns) for incident in views.incidents.all()))

    return await answer(request, request.path, make, headers=_HEADERS)


def probe_document(views: Views, each: Probe) -> Document:
    """The object of a probe as ``check --format json`` has it, with its state, last success and next run."""
    success_ns = views.history.last_success_ns(each.name)
    next_run = views.next_run(each.name)
    return to_json(each, views.history.last(each.name)) | {
        "state": views.states.probe_state(each.name).value,
        "last_success_at": None if success_ns is None else timestamp(success_ns),
        "next_run_at": None if next_run is None else timestamp(round(next_run * 1e9)),
    }


def _history(runs: tuple[Past, ...], failures: tuple[Result, ...]) -> Iterator[Document]:
    """Every run that is kept. Phase, message and request id are known of the last failures only."""
    whole = {failure.started_at_ns: failure for failure in failures}
    for run in runs:
        result = whole.get(run.started_at_ns)
        failure = None if result is None else result.failure
        yield {
            "result": run.outcome.value,
            "error_class": None if run.error_class is None else run.error_class.value,
            "fault": None if run.fault is None else run.fault.value,
            "detail": run.detail,
            "phase": None if failure is None else failure.phase,
            "message": None if failure is None else failure.message,
            "started_at": timestamp(run.started_at_ns),
            "duration_seconds": seconds(run.duration_ns),
            "first_token_seconds": None if run.first_token_ns is None else seconds(run.first_token_ns),
            "http_status": run.http_status,
            "request_id": None if result is None else result.request_id,
        }


def _encoded(document: object) -> str:
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _listed(documents: Iterable[Document]) -> Iterator[str]:
    """A JSON list, one object a line."""
    between = "[\n"
    for document in documents:
        yield between + _encoded(document)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"
