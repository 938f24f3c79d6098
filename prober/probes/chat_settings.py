"""The settings of ``kind: chat``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prober.config.errors import shown, suggestion
from prober.http.expect import Expect
from prober.http.settings import Deadlines, HttpUrl
from prober.model.secret import Secret
from prober.model.setting import Duration, SettingError, refuse, setting
from prober.model.spending import Budget
from prober.model.template import variables
from prober.probes.bearer import AuthorizedSettings
from prober.probes.bill import Price
from prober.providers import PROTOCOLS
from prober.providers.catalogue import LIMITS, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT_PROMPT", "ChatDeadlines", "ChatProbe"]

DEFAULT_PROMPT = "[{{nonce}}] Reply with exactly: {{nonce}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDeadlines(Deadlines):
    """How long each part of an answer may take."""

    first_token: Duration | None = setting(
        "From the request to the first content of any kind, reasoning included.", default=Duration(20 * 10**9)
    )
    idle: Duration | None = setting(
        "Between two contents of a stream; pings and comments are none.", default=Duration(15 * 10**9)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatProbe(AuthorizedSettings):
    """The settings of ``kind: chat``."""

    model: str = setting("The model's name, or the deployment's.")
    endpoint: HttpUrl | None = setting("The API's base with its version segment; from the catalogue.", default=None)
    protocol: str | None = setting(f"What the API speaks: {', '.join(PROTOCOLS)}; from the catalogue.", default=None)
    api_key: Secret | None = setting("The key, by reference. Without one no key is sent.", default=None)
    auth_header: str | None = setting("Header that carries the key instead of the protocol's own.", default=None)
    api_version: str | None = setting("Version that the request names, where the protocol has one.", default=None)
    token_limit_field: str | None = setting("Name of the request's field for max_tokens.", default=None)
    prompt: str = setting("The question. {{nonce}} is fresh in each run and must come back.", default=DEFAULT_PROMPT)
    max_tokens: int = setting("Limit of output tokens; reasoning counts.", default=64)
    stream: bool = setting("Ask for a stream.", default=True)
    end_marker: Literal["required", "optional"] | None = setting(
        "Whether a stream needs the protocol's end marker, or a finish reason is enough; required unless the catalogue"
        " knows better.",
        default=None,
    )
    deadlines: ChatDeadlines = setting("How long each part may take.", factory=ChatDeadlines)
    expect: Expect = setting("Checks of the visible text, and `model`.", factory=Expect)
    body: Mapping[str, object] = setting("Merged into the request's body; null takes a field away.", factory=dict)
    price: Price | None = setting("Prices, for the cost of a run.", default=None)
    budget: Budget | None = setting("What the probe may spend in a day of UTC.", default=None)
    preflight: bool = setting("Ask once a day when the model is shut down, where the API tells.", default=False)
    request_id_header: str | None = setting("Header with the id that the vendor wants to be told.", default=None)
    rate_limit_headers: Mapping[str, str] | None = setting(f"Headers of {', '.join(LIMITS)}.", default=None)
    cost_header: str | None = setting("Header with the cost of an answer in US dollars.", default=None)
    reports_cost: bool | None = setting("Whether an answer's usage names its cost in US dollars.", default=None)
    status_page: HttpUrl | None = setting("Where the vendor tells of incidents.", default=None)
    vendor: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        """Refuse what no run could use."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[SettingError]:
        yield from self.header_mistakes()
        if self.protocol is not None and self.protocol not in PROTOCOLS:
            meant = suggestion(self.protocol, PROTOCOLS)
            hint = f"; did you mean {meant}?" if meant else ""
            yield SettingError(f"{shown(self.protocol)} is none of {', '.join(PROTOCOLS)}{hint}", ("protocol",))
        if self.auth is not None and self.api_key is not None:
            yield SettingError("give either `api_key` or `auth`", ("auth",))
        if "?" in (self.endpoint or "") or "#" in (self.endpoint or ""):
            yield SettingError("is the base that paths go below: leave out what comes from ? on", ("endpoint",))
        if self.max_tokens < 1:
            yield SettingError("must be at least 1", ("max_tokens",))
        if others := set(variables(self.prompt)) - {"nonce"}:
            yield SettingError(f"only {{{{nonce}}}} can stand here, not {min(others)}", ("prompt",))
        for name in self.rate_limit_headers or ():
            if name not in LIMITS:
                yield SettingError(f"{shown(name)} is none of {', '.join(LIMITS)}", ("rate_limit_headers", name))
