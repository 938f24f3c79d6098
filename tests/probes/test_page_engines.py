"""The simulator's page under both engines: each reports what it can see."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from prober.browser.host import HostBrowser
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings
from tests.browser.lab import ENVIRONMENT
from tests.calm import acalmly
from tests.probes.pages import run_page, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Result

ENGINES = ("http", "browser")
FAULTS: Mapping[str, tuple[list[dict[str, object]], str, str]] = {
    "none": ([], "ok", "ok"),
    "missing script": (
        [{"fault": "missing_asset", "asset": "boot.js"}],
        "content_mismatch asset_broken assets",
        "content_mismatch request_failed assets",
    ),
    "script answered by index.html": (
        [{"fault": "wrong_type_asset", "asset": "app.js"}],
        "content_mismatch asset_wrong_type assets",
        "content_mismatch asset_wrong_type assets",
    ),
    "missing stylesheet": (
        [{"fault": "missing_asset", "asset": "app.css"}],
        "content_mismatch asset_broken assets",
        "content_mismatch request_failed assets",
    ),
    "empty script": (
        [{"fault": "empty_asset", "asset": "app.js"}],
        "content_mismatch asset_empty assets",
        "content_mismatch asset_empty assets",
    ),
    "slow font": (
        [{"fault": "slow_asset", "asset": "text.woff2", "seconds": 30}],
        "response_timeout total assets",
        "response_timeout total assets",
    ),
    "blank page": ([{"fault": "blank"}], "ok", "content_mismatch blank settle"),
    "exception": ([{"fault": "script_error"}], "ok", "content_mismatch script_error assets"),
    "status": (
        [{"fault": "status", "status": 503}],
        "server_error unavailable processing",
        "server_error unavailable processing",
    ),
    "challenge": (
        [{"fault": "challenge"}],
        "bot_challenge challenge processing",
        "bot_challenge challenge processing",
    ),
    "reset": ([{"fault": "reset"}], "connection_reset reset processing", "connection_reset reset processing"),
    "truncated": (
        [{"fault": "truncate"}],
        "stream_truncated body_truncated transfer",
        "stream_truncated body_truncated transfer",
    ),
    "stalled": (
        [{"fault": "stall"}],
        "response_timeout header_timeout processing",
        "response_timeout header_timeout processing",
    ),
}


def _fits(verdict: str, result: Result) -> bool:
    return said(result) == verdict


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Result]:
    """Every fault under both engines."""
    folder = tmp_path_factory.mktemp("engines")

    async def main() -> dict[tuple[str, str], Result]:
        found = {}
        async with running(SimulatorSettings()) as simulator, HostBrowser(ENVIRONMENT) as browser:

            async def meet(engine: str) -> Result:
                more = {"assets": "all"} if engine == "http" else {"settle": "100ms"}
                url = f"{simulator.url}/"
                return await run_page(folder, url, engine=engine, browser=browser, timeout="2s", **more)

            for name, (faults, *verdicts) in FAULTS.items():
                simulator.faults.replace({"web": faults})
                for engine, verdict in zip(ENGINES, verdicts, strict=True):
                    found[name, engine] = await acalmly(partial(meet, engine), partial(_fits, verdict))
        return found

    return asyncio.run(main())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FAULTS)
def test_each_engine_reports_what_it_can_see(results: dict[tuple[str, str], Result], name: str, engine: str) -> None:
    """Below the page both say the same; what only a person would notice, only the browser does."""
    result = results[name, engine]
    assert said(result) == FAULTS[name][1 + ENGINES.index(engine)], result.failure


def test_both_engines_weigh_the_page_alike(results: dict[tuple[str, str], Result]) -> None:
    """The browser asks for no favicon, and counts the heads of answers as well."""
    over_http, in_browser = (results["none", engine].measures for engine in ENGINES)
    for kind in ("document", "style", "script", "font", "image"):
        assert over_http[f"requests_{kind}"] == in_browser[f"requests_{kind}"], kind
    assert (over_http["requests_icon"], in_browser.get("requests_icon")) == (1, None)
    assert isinstance(over_http["page_bytes"], int)
    assert isinstance(in_browser["page_bytes"], int)
    assert 0.5 < over_http["page_bytes"] / in_browser["page_bytes"] <= 1
