"""The kind ``chat``: asks a model a question and waits for the whole answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from yarl import URL

from prober.http.client import Client
from prober.http.expect import Expect
from prober.http.settings import Deadlines, HttpUrl, RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.probe import BUCKETS_CHAT, Common, Kind
from prober.model.secret import Secret
from prober.model.setting import Duration, SettingErrors, setting
from prober.model.spending import Budget, Spending
from prober.model.template import fill, variables
from prober.probes.answer import Jury
from prober.probes.bearer import AuthorizedSettings, authorized, token_before, token_credentials
from prober.probes.bill import Price, at_most, currency_of, note_answer
from prober.probes.conversation import Answered, Conversation
from prober.probes.http import TRANSPORT_PHASES
from prober.probes.judge import expecting
from prober.probes.preflight import Preflight
from prober.providers import PROTOCOLS
from prober.providers.catalogue import LIMITS, Provider, catalogue
from prober.providers.protocol import Ask, combined

if TYPE_CHECKING:
    from prober.http.cookies import Jar
    from prober.model.run import Run

__all__ = ["DEFAULT_PROMPT", "KIND", "ChatDeadlines", "ChatProbe", "ask"]

DEFAULT_PROMPT = "[{{nonce}}] Reply with exactly: {{nonce}}"

_FROM_CATALOGUE = (
    "protocol",
    "endpoint",
    "auth_header",
    "token_limit_field",
    "api_version",
    "request_id_header",
    "rate_limit_headers",
    "cost_header",
    "status_page",
)


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
    deadlines: ChatDeadlines = setting("How long each part may take.", factory=ChatDeadlines)
    expect: Expect = setting("Checks of the visible text, and `model`.", factory=Expect)
    body: Mapping[str, object] = setting("Merged into the request's body; null takes a field away.", factory=dict)
    price: Price | None = setting("Prices, for the cost of a run.", default=None)
    budget: Budget | None = setting("What the probe may spend in a day of UTC.", default=None)
    preflight: bool = setting("Ask once a day when the model is shut down, where the API tells.", default=False)
    request_id_header: str | None = setting("Header with the id that the vendor wants to be told.", default=None)
    rate_limit_headers: Mapping[str, str] = setting(f"Headers of {', '.join(LIMITS)}.", factory=dict)
    cost_header: str | None = setting("Header with the cost of an answer in US dollars.", default=None)
    status_page: HttpUrl | None = setting("Where the vendor tells of incidents.", default=None)
    vendor: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        """Refuse what no run could use."""
        if self.protocol is not None and self.protocol not in PROTOCOLS:
            raise SettingErrors.one(f"{self.protocol!r} is none of {', '.join(PROTOCOLS)}", "protocol")
        if self.auth is not None and self.api_key is not None:
            raise SettingErrors.one("give either `api_key` or `auth`", "auth")
        if "?" in (self.endpoint or "") or "#" in (self.endpoint or ""):
            raise SettingErrors.one("is the base that paths go below: leave out what comes from ? on", "endpoint")
        if self.max_tokens < 1:
            raise SettingErrors.one("must be at least 1", "max_tokens")
        unknown = set(variables(self.prompt)) - {"nonce"}
        if unknown:
            raise SettingErrors.one(f"only {{{{nonce}}}} can stand here, not {min(unknown)}", "prompt")
        for name in self.rate_limit_headers:
            if name not in LIMITS:
                raise SettingErrors.one(f"{name!r} is none of {', '.join(LIMITS)}", "rate_limit_headers", name)


def _prepare(settings: ChatProbe, common: Common) -> ChatProbe:
    """The settings with what the catalogue knows of the provider."""
    known = catalogue().get(common.provider)
    vendor = _vendor(settings, known or Provider())
    if vendor.endpoint is None:
        said = f"{common.provider!r} has no fixed address" if known else f"{common.provider!r} is not in the catalogue"
        raise SettingErrors.one(f"{said}: name the `endpoint`, as http://127.0.0.1:8000/v1", "provider")
    if vendor.protocol is None:
        raise SettingErrors.one(f"{common.provider!r} is not in the catalogue: name the `protocol`", "provider")
    if settings.api_version is not None and not PROTOCOLS[vendor.protocol].versioned:
        raise SettingErrors.one(f"{vendor.protocol} has no version to name", "api_version")
    if settings.budget and settings.budget.cost_per_day is not None and currency_of(settings.price, vendor) is None:
        raise SettingErrors.one("nobody knows what a run costs: give a `price`", "budget", "cost_per_day")
    deadlines = settings.deadlines
    if settings.stream and deadlines.first_byte is None:  # no head is no content either
        deadlines = replace(deadlines, first_byte=deadlines.first_token)
    return replace(
        settings,
        **{name: getattr(vendor, name) for name in _FROM_CATALOGUE},
        deadlines=deadlines,
        headers=_headers(vendor.headers, settings.headers),
        body=combined(vendor.body, settings.body),
        vendor=vendor,
    )


def _vendor(settings: ChatProbe, known: Provider) -> Provider:
    """The provider with the probe's own word on it. Names of fields are of no use to another protocol."""
    if settings.protocol not in {None, known.protocol}:
        known = replace(known, token_limit_field=None, auth_header=None, api_version=None)
    own = {name: value for name in _FROM_CATALOGUE if (value := getattr(settings, name))}
    if settings.endpoint is None and known.endpoint is not None:
        own["endpoint"] = HttpUrl(known.endpoint)
    return replace(known, **own)


def _headers(known: Mapping[str, str], own: Mapping[str, str]) -> Mapping[str, str]:
    """The provider's headers and the probe's; of two spellings of one name the probe's counts."""
    given = {name.lower() for name in own}
    return {**{name: value for name, value in known.items() if name.lower() not in given}, **own}


def _ask(settings: ChatProbe, nonce: str) -> Ask:
    assert settings.endpoint is not None
    return Ask(
        endpoint=settings.endpoint,
        model=settings.model,
        prompt=fill(settings.prompt, lambda _name: nonce),
        max_tokens=settings.max_tokens,
        stream=settings.stream,
        api_key=settings.api_key,
        auth_header=settings.auth_header,
        api_version=settings.api_version,
        token_limit_field=settings.token_limit_field,
        body={key: _filled(value, nonce) for key, value in settings.body.items()},
    )


def _filled(value: object, nonce: str) -> object:
    """A value of the body with the nonce in every text that asks for it."""
    match value:
        case str():
            return fill(value, lambda _name: nonce)
        case list():
            return [_filled(item, nonce) for item in value]
        case dict():
            return {key: _filled(item, nonce) for key, item in value.items()}
    return value


async def ask(settings: ChatProbe, run: Run, *, nonce: str | None = None, jar: Jar | None = None) -> None:
    """Ask the question, measure the answer and judge it. ``nonce`` and ``jar`` are those of a journey around it."""
    assert settings.protocol is not None
    protocol = PROTOCOLS[settings.protocol]
    nonce = nonce or secrets.token_hex(4)
    conversation = Conversation(
        run=run,
        protocol=protocol,
        limits=settings.limits,
        wants_stream=settings.stream,
        first_ns=settings.deadlines.first_token,
        idle_ns=settings.deadlines.idle,
        keeps=settings.expect.asks("raw"),
    )
    jury = Jury(
        run=run,
        protocol=protocol,
        expect=settings.expect,
        wants_stream=settings.stream,
        nonce=nonce if "nonce" in variables(settings.prompt) else None,
    )
    question = _ask(settings, nonce)
    preflight = Preflight(run=run, settings=settings, protocol=protocol, ask=question)
    if settings.preflight:
        run.afterwards.append(preflight)
    with expecting(settings.expect, run):
        client = Client(settings, run, jar=jar, to=RedirectsTo("same-origin"))
        answered = Answered()
        try:
            await conversation.hold(client, protocol.request(question), answered)
            jury.judge(answered)
        except ProbeFailure as failure:
            preflight.missing = failure.error_class is ErrorClass.MODEL_MISSING
            raise
        finally:
            note_answer(answered, run, vendor=settings.vendor, price=settings.price)


def _info(settings: ChatProbe) -> Mapping[str, str]:
    info = {
        "protocol": settings.protocol or "",
        "model": settings.model,
        "target": URL(settings.endpoint or "").host or "",
    }
    currency = currency_of(settings.price, settings.vendor)
    return info if currency is None else {**info, "currency": currency}


def _spending(settings: ChatProbe) -> Spending:
    used = at_most(settings.prompt, settings.max_tokens)
    return Spending(
        tokens=used.input + used.output,
        cost=None if settings.price is None else settings.price.of(used),
        currency=currency_of(settings.price, settings.vendor),
        budget=settings.budget,
    )


KIND = Kind(
    name="chat",
    doc="Asks a model a question and waits for the whole answer.",
    settings=ChatProbe,
    run=authorized(ask),
    phases=(*TRANSPORT_PHASES, "first_token", "stream", "expect"),
    slow=("first_byte", "first_token", "first_visible_token", "max_gap"),
    buckets=BUCKETS_CHAT,
    prepare=_prepare,
    info=_info,
    credentials=token_credentials,
    before=token_before,
    spending=_spending,
)
