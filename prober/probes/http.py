"""The kind ``http``: one request, judged by what is expected of its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from yarl import URL

from prober.classify import Audience
from prober.http.client import Client
from prober.http.expect import Expect
from prober.http.message import Request
from prober.http.settings import Basic, HttpSettings, HttpUrl, RedirectsTo
from prober.model.probe import Kind
from prober.model.secret import Secret
from prober.model.setting import SettingError, refuse, setting
from prober.probes.bearer import AuthorizedSettings, authorized, token_before, token_credentials
from prober.probes.judge import expecting, judge
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model.run import Run

__all__ = ["KIND", "TRANSPORT_PHASES", "HttpProbe", "sends_key"]

TRANSPORT_PHASES = ("resolve", "connect", "tls", "request", "processing", "transfer")
"""The phases that every probe over HTTP records."""

_HARMLESS = frozenset(
    {"accept", "accept-language", "accept-encoding", "user-agent", "content-type", "cache-control", "pragma", "host"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProbe(AuthorizedSettings):
    """The settings of ``kind: http``."""

    url: HttpUrl = setting("What is requested.")
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = setting(
        "The request's method.", default="GET"
    )
    body: str | None = setting("The request's body, as it is.", default=None)
    json: Mapping[str, object] | tuple[object, ...] | None = setting("The request's body, as JSON.", default=None)
    basic: Basic | None = setting("User and password for basic authentication.", default=None)
    bearer: Secret | None = setting("Token for the Authorization header.", default=None)
    expect: Expect = setting("What the answer must be; the status 2xx where it is not named.", factory=Expect)

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[SettingError]:
        yield from self.header_mistakes()
        if self.body is not None and self.json is not None:
            yield SettingError("give either `body` or `json`", ("json",))
        if self.basic is not None and self.bearer is not None:
            yield SettingError("give either `basic` or `bearer`", ("bearer",))
        if self.auth is not None and (self.basic is not None or self.bearer is not None):
            yield SettingError("give either `auth`, `basic` or `bearer`", ("auth",))

    def request(self) -> Request:
        """The request as the settings describe it."""
        headers: dict[str, str] = {}
        body = (self.body or "").encode()
        if self.json is not None:
            headers["Content-Type"] = "application/json"
            headers["Accept"] = "application/json"
            body = json.dumps(self.json).encode()
        if self.basic is not None:
            headers["Authorization"] = self.basic.header()
        if self.bearer is not None:
            headers["Authorization"] = f"Bearer {self.bearer.reveal()}"
        given = {name.lower() for name in self.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        return Request(url=URL(self.url), method=self.method, headers={**headers, **self.headers}, body=body)


def sends_key(settings: HttpSettings) -> bool:
    """Whether the configured headers may hold a key: any that is not known to be harmless."""
    return any(name.lower() not in _HARMLESS for name in settings.headers)


async def _run(settings: HttpProbe, run: Run) -> None:
    keyed = sends_key(settings) or settings.basic is not None or settings.bearer is not None
    client = Client(settings, run, to=RedirectsTo("same-origin" if keyed else "any"))
    with expecting(settings.expect, run):
        response = await client.fetch(settings.request())
        judge(settings.expect, subject_of(response, run), run=run, audience=Audience.PAGE)


KIND = Kind(
    name="http",
    doc="One request, judged by what is expected of its answer.",
    settings=HttpProbe,
    run=authorized(_run),
    phases=(*TRANSPORT_PHASES, "expect"),
    slow=("first_byte",),
    info=lambda settings: {"target": URL(settings.url).host or ""},
    credentials=token_credentials,
    before=token_before,
)
