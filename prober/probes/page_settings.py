"""The settings of ``kind: page``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prober.http.expect import Expect
from prober.http.settings import HttpUrl
from prober.model.setting import Duration, SettingError, refuse, setting
from prober.probes.asset import IgnoredUrl
from prober.probes.bearer import AuthorizedSettings
from prober.probes.browsing import SETTLE, browser_mistakes
from prober.probes.client_profile import ClientProfile
from prober.probes.document import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PageProbe", "Trouble"]

Trouble = Literal["blank", "exception", "failed_request"]
_FAIL_ON: tuple[Trouble, ...] = ("blank", "exception", "failed_request")
_ONLY_IN_A_BROWSER: Mapping[str, object] = {"ready": None, "settle": SETTLE, "fail_on": _FAIL_ON}
_NOT_IN_A_BROWSER: Mapping[str, object] = {"assets": "critical"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProbe(AuthorizedSettings):
    """The settings of ``kind: page``."""

    url: HttpUrl = setting("The page.")
    client: ClientProfile = setting(
        "Who asks: desktop, ios, android, or a User-Agent.", default=ClientProfile("desktop")
    )
    engine: Literal["http", "browser"] = setting(
        "How the page is loaded: http fetches the document and its assets; browser opens it in Chromium.",
        default="http",
    )
    assets: Extent = setting(
        "What engine http loads with the document: critical is stylesheets and scripts; all adds images, fonts, icons, "
        "frames and what stylesheets name.",
        default="critical",
    )
    allow_broken: int = setting("So many assets may fail.", default=0)
    ignore: tuple[IgnoredUrl, ...] = setting(
        "Regular expressions: assets whose URL holds one of them are not loaded, or do not count.", default=()
    )
    ready: str | None = setting("Engine browser: CSS selector of what must come to be seen on the page.", default=None)
    settle: Duration = setting(
        "Engine browser: how long the page is watched after it has loaded and is ready.", default=SETTLE
    )
    fail_on: tuple[Trouble, ...] = setting(
        "Engine browser: what fails the page: nothing painted, an exception, a request to its own site that fails.",
        default=_FAIL_ON,
    )
    expect: Expect = setting("What the page must be; the status 2xx where it is not named.", factory=Expect)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        refuse([*self.header_mistakes(), *(SettingError(said, (key,)) for key, said in self._mistakes())])

    def _mistakes(self) -> Iterator[tuple[str, str]]:
        """Nothing that is asked for is passed over in silence: an engine refuses what it does not know."""
        if self.allow_broken < 0:
            yield "allow_broken", "must not be negative"
        others = _ONLY_IN_A_BROWSER if self.engine == "http" else _NOT_IN_A_BROWSER
        for key, default in others.items():
            if getattr(self, key) != default:
                yield key, f"does not go with `engine: {self.engine}`"
        if self.engine == "browser":
            yield from browser_mistakes(self)
