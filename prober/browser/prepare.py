"""A fresh tab made ready for one load: what it is, what it sends, what it tells us."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from prober.browser.failure import browser_failure
from prober.browser.record import Record
from prober.browser.trust import vouch
from prober.browser.vitals import OBSERVER, WORLD
from prober.http.client import USER_AGENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.browser.wish import Wish
    from prober.model.browser import Tab

__all__ = ["prepare"]

_KEPT_BYTES = 32 << 20  # of answers, in the page's process, so that the document's can be asked for
_PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}


async def prepare(tab: Tab, wish: Wish) -> Record:
    """The record of what the tab will do. All commands go out at once."""
    tree = await tab.ask("Page.getFrameTree")
    record = Record(tree["frameTree"]["frame"]["id"])
    record.listen(tab)
    async with asyncio.TaskGroup() as group:
        for method, parameters in _commands(tab, wish).items():
            group.create_task(_asked(tab, method, parameters))
    if wish.headers:
        _add_headers(tab, wish.headers)
    if wish.trust is not None:
        vouch(tab, wish.trust, record)
    return record


async def _asked(tab: Tab, method: str, parameters: Mapping[str, Any]) -> None:
    try:
        await tab.ask(method, **parameters)
    except LookupError as refused:
        raise browser_failure(f"the browser refused {refused.args[0]}") from None


def _commands(tab: Tab, wish: Wish) -> dict[str, dict[str, Any]]:
    commands: dict[str, dict[str, Any]] = {
        "Page.enable": {},
        "Runtime.enable": {},
        "Log.enable": {},
        "Network.enable": {"maxTotalBufferSize": _KEPT_BYTES, "maxResourceBufferSize": wish.most_bytes},
        "Page.addScriptToEvaluateOnNewDocument": {"source": OBSERVER, "worldName": WORLD},
        "Emulation.setUserAgentOverride": {
            "userAgent": wish.user_agent or f"{tab.user_agent} {USER_AGENT}",
            "acceptLanguage": "en",
        },
    }
    if wish.is_mobile:
        commands["Emulation.setDeviceMetricsOverride"] = _PHONE
        commands["Emulation.setTouchEmulationEnabled"] = {"enabled": True}
    if wish.is_insecure:
        commands["Security.setIgnoreCertificateErrors"] = {"ignore": True}
    if wish.trust is not None:
        commands["Security.enable"] = {}
        commands["Security.setOverrideCertificateErrors"] = {"override": True}
    if wish.headers:
        commands["Fetch.enable"] = {"patterns": [{"urlPattern": f"{wish.origin}/*"}]}
    return commands


def _add_headers(tab: Tab, headers: Mapping[str, str]) -> None:
    """Put our headers on every request to our own origin. Chromium takes them off again where a redirect leads away."""
    names = {name.lower() for name in headers}
    ours = [{"name": name, "value": value} for name, value in headers.items()]

    def go_on(event: Mapping[str, Any]) -> None:
        theirs = event["request"]["headers"].items()
        kept = [{"name": name, "value": value} for name, value in theirs if name.lower() not in names]
        tab.tell("Fetch.continueRequest", requestId=event["requestId"], headers=[*kept, *ours])

    tab.hear("Fetch.requestPaused", go_on)
