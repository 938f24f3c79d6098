"""The kind ``page``: a web page as a person's client asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Self

from yarl import URL

from prober.classify import Audience
from prober.http.client import USER_AGENT, Client
from prober.http.expect import Expect
from prober.http.message import Request
from prober.http.settings import HttpUrl, RedirectsTo
from prober.model.probe import Kind
from prober.model.setting import SettingErrors, setting
from prober.probes.asset import IgnoredUrl
from prober.probes.bearer import AuthorizedSettings, authorized, token_before, token_credentials
from prober.probes.document import Extent, assets_of
from prober.probes.http import TRANSPORT_PHASES, sends_key
from prober.probes.judge import SUCCESS, expecting, judge
from prober.probes.loader import Visit
from prober.probes.page_assets import load_assets
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.run import Run

__all__ = ["ACCEPT_PAGE", "CLIENTS", "KIND", "ClientProfile", "PageProbe"]

ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

CLIENTS: Mapping[str, str] = MappingProxyType(
    {
        "desktop": f"Mozilla/5.0 (X11; Linux x86_64) {USER_AGENT}",
        "ios": f"Mozilla/5.0 (iPhone; CPU iPhone OS like Mac OS X) Mobile {USER_AGENT}",
        "android": f"Mozilla/5.0 (Linux; Android; Mobile) {USER_AGENT}",
    }
)
"""The User-Agent of each client profile. They name the platform, for sites that differ by it, and say who we are."""


class ClientProfile(str):
    """``desktop``, ``ios``, ``android``, or a User-Agent."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, raw: object) -> Self:
        """The profile. Raises SettingErrors."""
        if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
            raise SettingErrors.one("must be desktop, ios, android, or a User-Agent")
        if raw not in CLIENTS and raw.isalpha():
            raise SettingErrors.one(f"{raw!r} is neither desktop, ios, android nor a User-Agent")
        return cls(raw)

    @classmethod
    def json_schema(cls) -> Mapping[str, object]:
        """A text."""
        return {"type": "string", "examples": list(CLIENTS)}

    @property
    def user_agent(self) -> str:
        """What is sent as User-Agent."""
        return CLIENTS.get(self, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe(AuthorizedSettings):
    """The settings of ``kind: page``."""

    url: HttpUrl = setting("The page.")
    client: ClientProfile = setting(
        "Who asks: desktop, ios, android, or a User-Agent.", default=ClientProfile("desktop")
    )
    engine: Literal["http"] = setting(
        "How the page is loaded: http fetches the document and its assets.", default="http"
    )
    assets: Extent = setting(
        "What is loaded with the document: critical is stylesheets and scripts; all adds images, fonts, icons, frames "
        "and what stylesheets name.",
        default="critical",
    )
    allow_broken: int = setting("So many assets may fail.", default=0)
    ignore: tuple[IgnoredUrl, ...] = setting(
        "Regular expressions: assets whose URL holds one of them are not loaded.", default=()
    )
    expect: Expect = setting("What the page must be; the status 2xx where it is not named.", factory=Expect)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.allow_broken < 0:
            raise SettingErrors.one("must not be negative", "allow_broken")


async def _run(settings: PageProbe, run: Run) -> None:
    client = Client(settings, run, to=RedirectsTo("same-origin" if sends_key(settings) else "any"))
    headers = {"User-Agent": settings.client.user_agent, "Accept-Language": "en"}
    request = Request(url=URL(settings.url), headers={"Accept": ACCEPT_PAGE, **headers, **settings.headers})
    with expecting(settings.expect, run):
        response = await client.fetch(request)
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
        assets = assets_of(subject, settings.assets) if response.status in SUCCESS else ()
        await load_assets(assets, visit, allowed=settings.allow_broken)


KIND = Kind(
    name="page",
    doc="A web page, as a person's client loads it.",
    settings=PageProbe,
    run=authorized(_run),
    phases=(*TRANSPORT_PHASES, "assets", "expect"),
    slow=("first_byte", "load"),
    info=lambda settings: {"target": URL(settings.url).host or "", "engine": settings.engine},
    credentials=token_credentials,
    before=token_before,
)
