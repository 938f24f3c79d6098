"""A refresh token that rotates outlives the process that got it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.app.composition import App
from prober.config import load
from prober.probes import KINDS
from tests.probes.journeys import in_lab
from tests.probes.test_oauth import REFRESH, first_refresh_token

if TYPE_CHECKING:
    from pathlib import Path

    from prober.config import Config
    from prober.model.probe import Probe
    from prober.model.run import Result
    from tests.probes.journeys import Lab


class _First:
    """A sink that waits for a result."""

    def __init__(self) -> None:
        self.result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:
        """Nothing of it matters here."""

    def record(self, _probe: Probe, result: Result) -> None:
        if not self.result.done():
            self.result.set_result(result)

    def skip(self, probe: Probe, reason: str) -> None:
        """Nothing of it matters here."""


async def _first_result(config: Config, data: Path) -> Result:
    """What the first run of a fresh process comes to."""
    app, first = App(config, reload=lambda _sources: config, data_dir=data), _First()
    app.add_sink(first)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(app.serve(host="127.0.0.1", port=0, listening=lambda _url: None))
        result = await first.result
        app.stop()
    return result


def test_a_restart_goes_on_with_the_token_that_is_good_now(tmp_path: Path) -> None:
    """The configured one is spent in the first run: seen again, it would be refused."""

    async def work(lab: Lab) -> list[Result]:
        lab.config(REFRESH, kind="login", REFRESH="any")
        path = tmp_path / "probes.yaml"
        path.write_text(path.read_text().replace("interval: 60s", "interval: 500ms").replace("timeout: 5s", ""))
        env = {**lab.env, "REFRESH": await first_refresh_token(lab)}
        config = load(path, kinds=KINDS, env=env)
        return [await _first_result(config, tmp_path / "data") for _ in range(2)]

    assert [result.failure for result in in_lab(tmp_path, work)] == [None, None]
