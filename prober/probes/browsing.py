"""What every probe in a browser needs: its turn with a tab, what that tab is, and what it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from prober.browser.failure import browser_failure
from prober.browser.prepare import prepare
from prober.browser.wish import Wish
from prober.http.settings import Deadlines, Redirects, Tls
from prober.model.network import TlsKey
from prober.model.setting import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.browser.record import Record
    from prober.http.settings import HttpSettings
    from prober.model.browser import Tab
    from prober.model.run import Run
    from prober.probes.client_profile import ClientProfile

__all__ = ["SETTLE", "TO_CAPTURE", "TO_TELL", "TO_TELL_SECONDS", "browser_mistakes", "open_tab", "prepared", "wish_of"]

SETTLE = Duration(500_000_000)
"""How long a page is watched, or rests, where nothing is said."""
TO_TELL = 0.2
TO_TELL_SECONDS = 1.0
"""This share of a run's time, and so much at most, is kept back to see what the page looked like when it failed."""
TO_CAPTURE = 0.6
"""This share of what is left then is for the picture: one that does not come must not cost the verdict."""

_LEASE_SECONDS = 10.0  # beyond the run's own time: closing it takes less
_OF_THE_BROWSER = {"ip": "auto", "redirects": Redirects(), "deadlines": Deadlines()}


def browser_mistakes(settings: HttpSettings) -> Iterator[tuple[str, str]]:
    """Key and reason of what a browser decides by itself, or does not know. Nothing is passed over in silence."""
    for key, default in _OF_THE_BROWSER.items():
        if getattr(settings, key) != default:
            yield key, "does not go with `engine: browser`"
    if settings.tls != Tls(insecure=settings.tls.insecure, ca_file=settings.tls.ca_file):
        yield "tls", "only `insecure` and `ca_file` go with `engine: browser`"
    if settings.proxy is not None and URL(settings.proxy).user is not None:
        yield "proxy", "a user in it does not go with `engine: browser`"
    if settings.proxy is not None and settings.tls.ca_file is not None:
        yield "proxy", "does not go with `ca_file` and `engine: browser`"


async def open_tab(settings: HttpSettings, run: Run) -> None:
    """Wait for this run's turn with the browser, and have the tab closed afterwards. This is no part of the run."""
    if run.browser is None:
        raise browser_failure("there is no browser in this process")
    run.deadline_verdict = lambda: browser_failure("the browser was busy with other pages, or did not start in time")
    run.tab = await run.browser.tab(seconds=run.timeout_ns / 1e9 + _LEASE_SECONDS, proxy=settings.proxy)
    run.afterwards.append(run.tab.close)


def wish_of(settings: HttpSettings, run: Run, *, client: ClientProfile, home: URL) -> Wish:
    """The tab that these settings ask for; their headers are for the origin of ``home``."""
    tls = settings.tls
    return Wish(
        origin=str(home.origin()),
        headers=settings.headers,
        user_agent=None if client == "desktop" else client.user_agent,
        is_mobile=client in {"ios", "android"},
        is_insecure=tls.insecure is not None,
        trust=None if tls.ca_file is None else run.network.tls_context(TlsKey(ca_file=tls.ca_file)),
        most_bytes=settings.limits.body,
    )


async def prepared(tab: Tab, wish: Wish, run: Run) -> Record:
    """The record of the tab, which is ready now; only from here on does the run's time count."""
    record = await prepare(tab, wish)
    deadline_ns = run.deadline_ns
    run.begin()
    run.deadline_ns = deadline_ns
    return record
