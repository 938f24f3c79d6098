"""``prober record``: a login configuration for the form on a page, to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import uvloop
from yarl import URL

from prober.classify import EVIDENCE, failure_of
from prober.cli.output import show
from prober.http.client import Client
from prober.http.message import Request
from prober.http.network import HostNetwork
from prober.http.settings import HttpSettings, HttpUrl
from prober.model.clock import Clock
from prober.model.errors import ProbeFailure
from prober.model.run import Run
from prober.model.setting import SettingErrors
from prober.probes.client_profile import ACCEPT_PAGE, ClientProfile
from prober.probes.recording import NoForm, recorded
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from prober.http.expect import Subject

__all__ = ["record"]

_TIMEOUT_NS = 20 * 10**9
_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, *EVIDENCE)


def _url(_ctx: click.Context, _param: click.Parameter, value: str) -> URL:
    try:
        return URL(HttpUrl.from_setting(value))
    except SettingErrors as errors:
        raise click.BadParameter(str(errors)) from None


@click.command()
@click.argument("url", callback=_url)
def record(url: URL) -> None:
    """Print a configuration for the sign-in form of a page.

    It is ready but for who you are. Nothing is filled in and nothing is sent: the page is fetched as a browser does.
    """
    try:
        page = uvloop.run(_fetched(url))
        show(recorded(page), newline=False)
    except NoForm as reason:
        raise click.ClickException(f"{url}: {reason}") from None
    except _FAILURES as error:
        failure = failure_of(error, None)
        raise click.ClickException(f"{url}: {failure.error_class}: {failure.message}") from None


async def _fetched(url: URL) -> Subject:
    """The page, after redirects. Raises like the client."""
    headers = {"User-Agent": ClientProfile("desktop").user_agent, "Accept": ACCEPT_PAGE, "Accept-Language": "en"}
    async with HostNetwork() as network:
        run = Run(clock=Clock(), network=network, timeout_ns=_TIMEOUT_NS)
        client = Client(HttpSettings(), run)
        response = await client.fetch(Request(url=url, headers=headers), follow=10)
        if response.status >= 400:
            raise NoForm(f"it answers with status {response.status}")
        return subject_of(response, run)
