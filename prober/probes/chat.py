"""The kind ``chat``: asks a model a question and waits for the whole answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from yarl import URL

from prober.http.client import Client
from prober.http.expect import Expect
from prober.http.settings import Deadlines, HttpSettings, HttpUrl, RedirectsTo
from prober.model.probe import BUCKETS_CHAT, Common, Kind
from prober.model.secret import Secret
from prober.model.setting import Duration, SettingErrors, setting
from prober.model.template import fill, variables
from prober.probes.answer import Jury
from prober.probes.bill import Price, note_answer
from prober.probes.conversation import Answered, Conversation
from prober.probes.http import TRANSPORT_PHASES
from prober.probes.judge import expecting
from prober.providers import PROTOCOLS
from prober.providers.catalogue import Provider, catalogue
from prober.providers.protocol import Ask

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["DEFAULT_PROMPT", "KIND", "ChatDeadlines", "ChatProbe", "ask"]

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
class ChatProbe(HttpSettings):
    """The settings of ``kind: chat``."""

    model: str = setting("The model's name, or the deployment's.")
    endpoint: HttpUrl | None = setting("The API's base with its version segment; from the catalogue.", default=None)
    protocol: str | None = setting(f"What the API speaks: {', '.join(PROTOCOLS)}; from the catalogue.", default=None)
    api_key: Secret | None = setting("The key, by reference. Without one no key is sent.", default=None)
    auth_header: str | None = setting("Header that carries the key instead of the protocol's own.", default=None)
    token_limit_field: str | None = setting("Name of the request's field for max_tokens.", default=None)
    prompt: str = setting("The question. {{nonce}} is fresh in each run and must come back.", default=DEFAULT_PROMPT)
    max_tokens: int = setting("Limit of output tokens; reasoning counts.", default=64)
    stream: bool = setting("Ask for a stream.", default=True)
    deadlines: ChatDeadlines = setting("How long each part may take.", factory=ChatDeadlines)
    expect: Expect = setting("Checks of the visible text, and `model`.", factory=Expect)
    body: Mapping[str, object] = setting("Merged into the request's body.", factory=dict)
    price: Price | None = setting("Prices, for the cost of a run.", default=None)
    vendor: Provider = field(default_factory=Provider)

    def __post_init__(self) -> None:
        """Refuse what no run could use."""
        if self.protocol is not None and self.protocol not in PROTOCOLS:
            raise SettingErrors.one(f"{self.protocol!r} is none of {', '.join(PROTOCOLS)}", "protocol")
        if self.max_tokens < 1:
            raise SettingErrors.one("must be at least 1", "max_tokens")
        unknown = set(variables(self.prompt)) - {"nonce"}
        if unknown:
            raise SettingErrors.one(f"only {{{{nonce}}}} can stand here, not {min(unknown)}", "prompt")


def _prepare(settings: ChatProbe, common: Common) -> ChatProbe:
    """The settings with what the catalogue knows of the provider."""
    known = catalogue().get(common.provider)
    provider = known or Provider()
    endpoint = settings.endpoint or (HttpUrl(provider.endpoint) if provider.endpoint else None)
    if endpoint is None:
        said = f"{common.provider!r} has no fixed address" if known else f"{common.provider!r} is not in the catalogue"
        raise SettingErrors.one(f"{said}: name the `endpoint`, as http://127.0.0.1:8000/v1", "provider")
    if settings.protocol is None and known is None:
        raise SettingErrors.one(f"{common.provider!r} is not in the catalogue: name the `protocol`", "provider")
    deadlines = settings.deadlines
    if settings.stream and deadlines.first_byte is None:  # no head is no content either
        deadlines = replace(deadlines, first_byte=deadlines.first_token)
    return replace(
        settings,
        deadlines=deadlines,
        endpoint=endpoint,
        protocol=settings.protocol or provider.protocol,
        auth_header=settings.auth_header or provider.auth_header,
        token_limit_field=settings.token_limit_field or provider.token_limit_field,
        headers={**provider.headers, **settings.headers},
        vendor=provider,
    )


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
        token_limit_field=settings.token_limit_field,
        body=_filled(settings.body, nonce),
    )


def _filled(body: Mapping[str, object], nonce: str) -> dict[str, object]:
    return {key: fill(value, lambda _name: nonce) if isinstance(value, str) else value for key, value in body.items()}


async def ask(settings: ChatProbe, run: Run) -> None:
    """Ask the question, measure the answer and judge it."""
    assert settings.protocol is not None
    protocol = PROTOCOLS[settings.protocol]
    nonce = secrets.token_hex(4)
    conversation = Conversation(
        run=run,
        protocol=protocol,
        limits=settings.limits,
        wants_stream=settings.stream,
        first_ns=settings.deadlines.first_token,
        idle_ns=settings.deadlines.idle,
    )
    jury = Jury(
        run=run,
        protocol=protocol,
        expect=settings.expect,
        wants_stream=settings.stream,
        nonce=nonce if "nonce" in variables(settings.prompt) else None,
    )
    with expecting(settings.expect, run):
        client = Client(settings, run, to=RedirectsTo("same-origin"))
        answered = Answered()
        try:
            await conversation.hold(client, protocol.request(_ask(settings, nonce)), answered)
            jury.judge(answered)
        finally:
            note_answer(answered, run, vendor=settings.vendor, price=settings.price)


def _info(settings: ChatProbe) -> Mapping[str, str]:
    info = {
        "protocol": settings.protocol or "",
        "model": settings.model,
        "target": URL(settings.endpoint or "").host or "",
    }
    return info if settings.price is None else {**info, "currency": settings.price.currency}


KIND = Kind(
    name="chat",
    doc="Asks a model a question and waits for the whole answer.",
    settings=ChatProbe,
    run=ask,
    phases=(*TRANSPORT_PHASES, "first_token", "stream", "expect"),
    slow=("first_byte", "first_token", "first_visible_token", "max_gap"),
    buckets=BUCKETS_CHAT,
    prepare=_prepare,
    info=_info,
)
