"""The kind ``chat``: asks a model a question and waits for the whole answer."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from yarl import URL

from prober.config.errors import shown, suggestion
from prober.http.client import Client
from prober.http.settings import HttpUrl, RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.probe import BUCKETS_CHAT, Common, Kind
from prober.model.setting import SettingErrors
from prober.model.spending import Spending
from prober.model.template import variables
from prober.probes.answer import Jury
from prober.probes.asking import asked
from prober.probes.bearer import authorized, token_before, token_credentials
from prober.probes.bill import at_most, currency_of, note_answer
from prober.probes.chat_settings import ChatProbe
from prober.probes.conversation import Conversation
from prober.probes.http import TRANSPORT_PHASES
from prober.probes.judge import expecting
from prober.probes.preflight import Preflight
from prober.probes.reading import Answered
from prober.providers import PROTOCOLS
from prober.providers.catalogue import Provider, catalogue
from prober.providers.protocol import combined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.http.cookies import Jar
    from prober.model.run import Run

__all__ = ["KIND", "ChatProbe", "ask"]

_FROM_CATALOGUE = (
    "protocol",
    "endpoint",
    "auth_header",
    "token_limit_field",
    "api_version",
    "end_marker",
    "request_id_header",
    "rate_limit_headers",
    "cost_header",
    "reports_cost",
    "status_page",
)


def _prepare(settings: ChatProbe, common: Common) -> ChatProbe:
    """The settings with what the catalogue knows of the provider."""
    known = catalogue().get(common.provider)
    vendor = _vendor(settings, known or _stranger(settings.protocol))
    if vendor.endpoint is None or vendor.protocol is None:
        raise SettingErrors.one(_unsaid(common.provider, vendor, catalogue()), "provider")
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


def _unsaid(name: str, vendor: Provider, known: Mapping[str, Provider]) -> str:
    """What the probe must say itself, since nobody else does."""
    said = f"{shown(name)} has no fixed address" if name in known else f"{shown(name)} is not in the catalogue"
    if not name:
        said = "no provider of the catalogue is named"
    lacking = ["`protocol`"] if vendor.protocol is None else []
    lacking += ["`endpoint`, as http://127.0.0.1:8000/v1"] if vendor.endpoint is None else []
    hint = "" if name in known else _meant(name, known)
    return f"{said}: name the {' and the '.join(lacking)}{hint}"


def _meant(word: str, options: Iterable[str]) -> str:
    """The option that was probably meant, as the end of a sentence."""
    meant = suggestion(word, options)
    return f"; did you mean {meant}?" if meant else ""


def _stranger(protocol: str | None) -> Provider:
    """What is known of a provider that the catalogue lacks: who speaks Anthropic's protocol names limits as they do."""
    if protocol == "anthropic":
        return Provider(rate_limit_headers=catalogue()[protocol].rate_limit_headers)
    return Provider()


def _vendor(settings: ChatProbe, known: Provider) -> Provider:
    """The provider with the probe's own word on it."""
    known = known.speaking(settings.protocol)
    own = {name: value for name in _FROM_CATALOGUE if (value := getattr(settings, name)) is not None}
    if settings.endpoint is None and known.endpoint is not None:
        own["endpoint"] = HttpUrl(known.endpoint)
    return replace(known, **own)


def _headers(known: Mapping[str, str], own: Mapping[str, str]) -> Mapping[str, str]:
    """The provider's headers and the probe's; of two spellings of one name the probe's counts."""
    given = {name.lower() for name in own}
    return {**{name: value for name, value in known.items() if name.lower() not in given}, **own}


async def ask(settings: ChatProbe, run: Run, *, nonce: str | None = None, jar: Jar | None = None) -> None:
    """Ask the question, measure the answer and judge it. ``nonce`` and ``jar`` are those of a journey around it."""
    assert settings.protocol is not None
    protocol = PROTOCOLS[settings.protocol]
    if settings.end_marker == "optional":
        protocol = replace(protocol, ends_with_body=True)
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
    question = asked(settings, nonce)
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
    more = {"currency": currency_of(settings.price, settings.vendor), "status_page": settings.status_page}
    return info | {name: value for name, value in more.items() if value}


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
