"""The simulator's own routes, which no fault strikes: faults, scenario, health."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from prober.simulator.errors import encoded
from prober.simulator.faults.document import FaultError, FaultErrors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.simulator.faults.store import Faults
    from prober.simulator.scenario import Stage

__all__ = ["add_control"]


def add_control(app: web.Application, faults: Faults, stage: Stage) -> None:
    """Add ``/-/faults``, ``/-/scenario`` and ``/healthz``."""

    async def read(_: web.Request) -> web.Response:
        return _json(faults.document)

    async def replace(request: web.Request) -> web.Response:
        try:
            faults.replace(_strict(await request.read()))
        except FaultErrors as refused:
            errors = [{"path": error.path, "message": error.message} for error in refused.errors]
            return _json({"errors": errors}, status=400)
        return _json(faults.document)

    async def clear(_: web.Request) -> web.Response:
        faults.clear()
        return _json(faults.document)

    async def scenario(_: web.Request) -> web.Response:
        return _json(stage.described())

    async def health(_: web.Request) -> web.Response:
        return _json({"status": "ok"})

    app.router.add_get("/-/faults", read)
    app.router.add_put("/-/faults", replace)
    app.router.add_delete("/-/faults", clear)
    app.router.add_get("/-/scenario", scenario)
    app.router.add_get("/healthz", health)


def _json(value: object, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=encoded(value), content_type="application/json")


def _strict(body: bytes) -> object:
    """The JSON value of the body; a key that comes twice, or a number that JSON does not know, is a mistake."""
    try:
        return json.loads(body, object_pairs_hook=_unique, parse_constant=_no_number)
    except FaultErrors:
        raise
    except (ValueError, RecursionError) as error:
        raise FaultErrors([FaultError("", f"is not JSON: {error}")]) from None


def _unique(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise FaultErrors([FaultError(name, "comes twice")])
        found[name] = value
    return found


def _no_number(constant: str) -> object:
    raise ValueError(f"{constant} is no number of JSON")
