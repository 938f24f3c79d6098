"""The kind ``page``: a web page as a person's client asks for it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from yarl import URL

from prober.classify import Audience
from prober.http.client import Client
from prober.http.message import Request
from prober.http.settings import RedirectsTo
from prober.model.probe import Kind
from prober.probes.bearer import authorized, token_before, token_credentials
from prober.probes.browsing import open_tab
from prober.probes.client_profile import ACCEPT_PAGE
from prober.probes.document import assets_of
from prober.probes.http import TRANSPORT_PHASES, sends_key
from prober.probes.judge import SUCCESS, expecting, judge
from prober.probes.loader import Visit
from prober.probes.page_assets import load_assets
from prober.probes.page_browser import run_in_browser
from prober.probes.page_settings import PageProbe
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["KIND"]

_LARGE = 64 << 10  # characters of a document; to read a longer one would hold the loop


async def _before(settings: PageProbe, run: Run) -> None:
    see_to_token = token_before(settings)
    if see_to_token is not None:
        await see_to_token(run)
    if settings.engine == "browser":
        await open_tab(settings, run)


async def _run(settings: PageProbe, run: Run) -> None:
    await (run_in_browser(settings, run) if settings.engine == "browser" else _run_over_http(settings, run))


async def _run_over_http(settings: PageProbe, run: Run) -> None:
    client = Client(settings, run, to=RedirectsTo("same-origin" if sends_key(settings) else "any"))
    headers = {"User-Agent": settings.client.user_agent, "Accept-Language": "en"}
    request = Request(url=URL(settings.url), headers=settings.headers, defaults={"Accept": ACCEPT_PAGE, **headers})
    with expecting(settings.expect, run):
        response = await client.fetch(request)
        run.measures["ttfb_seconds"] = response.first_byte_ns / 1e9
        subject = subject_of(response, run)
        judge(settings.expect, subject, run=run, audience=Audience.PAGE)
        visit = Visit(
            settings=settings,
            run=run,
            jar=client.jar,
            home=request.url.origin(),
            page=subject.url,
            seclusion=client.seclusion,
            headers=headers,
            ignore=settings.ignore,
            deep=settings.assets == "all",
        )
        extent = settings.assets if response.status in SUCCESS else "none"
        small = len(subject.text) < _LARGE
        assets = assets_of(subject, extent) if small else await asyncio.to_thread(assets_of, subject, extent)
        await load_assets(assets, visit, allowed=settings.allow_broken)


KIND = Kind(
    name="page",
    doc="A web page, as a person's client loads it.",
    settings=PageProbe,
    run=authorized(_run),
    phases=(*TRANSPORT_PHASES, "assets", "settle", "expect"),
    slow=("first_byte", "ttfb", "fcp", "lcp", "load"),
    info=lambda settings: {"target": URL(settings.url).host or "", "engine": settings.engine},
    credentials=token_credentials,
    before=lambda settings: partial(_before, settings) if settings.engine == "browser" else token_before(settings),
)
