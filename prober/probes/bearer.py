"""A bearer token for the requests of a probe: fetched before a run, outside its time, and kept while it is good."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from prober.classify import EVIDENCE, Answer, Audience, answer, failure_of
from prober.classify.codes.oauth import OAUTH_ERRORS
from prober.http.client import Client
from prober.http.settings import HttpSettings, HttpUrl, RedirectsTo
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.probe import Credentials
from prober.model.setting import SettingErrors, setting
from prober.model.template import variables
from prober.probes.oauth import OAuth2, json_object, token_request
from prober.probes.rotation import Rotations
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prober.http.expect import Subject
    from prober.model.run import Run

__all__ = ["Auth", "AuthorizedSettings", "Tokens", "authorized", "token_before", "token_credentials"]

_KEPT = 20_000
_PHASE = "token"
_DEFAULT_SECONDS = 60  # for an answer that does not say how long its token is good
_MARGIN_SECONDS = 60
_HOLD_NS = 3600 * 10**9
_FAILURES: tuple[type[BaseException], ...] = (ProbeFailure, *EVIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How the probe's requests are authorized."""

    oauth2: OAuth2 = setting(
        "A bearer token of this OAuth 2 server; fetched before the run, and kept while it is good."
    )

    def __post_init__(self) -> None:
        """Refuse what only a step could fill in."""
        for text in self.oauth2.texts():
            if variables(text):
                raise SettingErrors.one(
                    "there are no {{variables}} here: they belong to the steps of a login", "oauth2"
                )
        try:
            HttpUrl.from_setting(self.oauth2.token_url)
        except SettingErrors as errors:
            raise errors.under("oauth2", "token_url") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedSettings(HttpSettings):
    """The keys of everything that speaks HTTP, and ``auth``."""

    auth: Auth | None = setting("Authorize the requests by a token that is fetched before the run.", default=None)


S = TypeVar("S", bound=AuthorizedSettings)


@dataclass(slots=True)
class _Token:
    """A token until shortly before its end, on the monotonic clock. The lock lets one run fetch it for all.

    ``attempts`` counts how often it was asked for; ``failure`` is what the last one came to.
    """

    lock: asyncio.Lock
    value: str | None = None
    good_until_ns: int = 0
    attempts: int = 0
    failure: tuple[ErrorClass, str, str | None] | None = None


class Tokens:
    """The tokens of this process by the request that they answer; the longest unused goes when there are too many."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Token] = OrderedDict()

    def of(self, asked: OAuth2) -> _Token:
        """That of one request."""
        digest = asked.digest()
        token = self._kept.setdefault(digest, _Token(asyncio.Lock()))
        self._kept.move_to_end(digest)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return token


def token_before(settings: AuthorizedSettings) -> Callable[[Run], Awaitable[None]] | None:
    """What is done before a run: see that there is a token. For ``Kind.before``."""
    return None if settings.auth is None else partial(_see_to_token, settings, settings.auth.oauth2)


def authorized(run_kind: Callable[[S, Run], Awaitable[None]]) -> Callable[[S, Run], Awaitable[None]]:
    """The same kind's run with the token in its headers. One that is refused is not used again."""

    async def run_with_token(settings: S, run: Run) -> None:
        if settings.auth is None:
            await run_kind(settings, run)
            return
        token = run.memory.of(Tokens).of(settings.auth.oauth2)
        headers = {name: value for name, value in settings.headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {token.value}"
        run.redactor.add([token.value or ""])
        try:
            await run_kind(replace(settings, headers=headers), run)
        except ProbeFailure as failure:
            if failure.error_class is ErrorClass.AUTH_REJECTED:
                token.good_until_ns = 0
            raise

    return run_with_token


def token_credentials(settings: AuthorizedSettings) -> Credentials | None:
    """What the token's server would count wrong attempts of. For ``Kind.credentials``."""
    if settings.auth is None or not (sent := settings.auth.oauth2.credentials()):
        return None
    told = "\0".join([settings.auth.oauth2.token_url, *sent])
    return Credentials(digest=hashlib.blake2b(told.encode(), digest_size=16).hexdigest(), hold_ns=_HOLD_NS)


async def _see_to_token(settings: AuthorizedSettings, asked: OAuth2, run: Run) -> None:
    token = run.memory.of(Tokens).of(asked)
    attempts = token.attempts
    async with token.lock:
        if token.value is not None and token.good_until_ns > run.clock.monotonic_ns():
            return
        if token.failure is None or token.attempts == attempts:
            await _ask_for(token, settings, asked, run)
        if token.failure is not None:  # of this attempt, or of the one for which this run has waited
            error_class, said, detail = token.failure
            raise ProbeFailure(error_class, said, detail=detail, phase=_PHASE)


async def _ask_for(token: _Token, settings: AuthorizedSettings, asked: OAuth2, run: Run) -> None:
    """Fetch the token, or note why there is none."""
    run.phase_name = _PHASE
    run.deadline_verdict = partial(_late, run)
    began_ns = run.clock.monotonic_ns()
    try:
        document = await _fetched(settings, asked, run)
    except _FAILURES as error:
        failure = failure_of(error, run.phase_name)
        token.failure = (failure.error_class, f"no token for the run: {failure.message}", failure.detail)
    else:
        token.failure = None
        token.value = str(document["access_token"])
        token.good_until_ns = began_ns + _lifetime_ns(document.get("expires_in"))
    token.attempts += 1


def _late(run: Run) -> ProbeFailure:
    failure = failure_of(TimeoutError(), run.phase_name)
    said = f"no token for the run within its {run.timeout_ns / 1e9:g} s"
    return ProbeFailure(failure.error_class, said, detail=failure.detail, phase=_PHASE)


def _lifetime_ns(expires_in: object) -> int:
    """How long the token is used: to a minute before its end, or a tenth of its life if that is less."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit():
        expires_in = int(expires_in[:12])
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not 0 < expires_in < 10**9:
        expires_in = _DEFAULT_SECONDS
    return int((expires_in - min(_MARGIN_SECONDS, expires_in / 10)) * 1e9)


async def _fetched(settings: AuthorizedSettings, asked: OAuth2, run: Run) -> dict[str, object]:
    """The answer of the token's server. Its connection is made as the probe's, without the probe's headers."""
    http = HttpSettings(
        tls=settings.tls,
        proxy=settings.proxy,
        ip=settings.ip,
        limits=settings.limits,
        deadlines=settings.deadlines,
    )
    client = Client(http, run, to=RedirectsTo("none"))
    if asked.grant != "refresh_token":
        return _judged(subject_of(await client.fetch(token_request(asked)), run))
    rotations = run.memory.of(Rotations)
    rotation = rotations.of(asked)
    async with rotation.lock:
        run.redactor.add([rotation.token.reveal()] if rotation.token else [])
        subject = subject_of(await client.fetch(token_request(asked, refresh_token=rotation.token)), run)
        await rotations.note(rotation, subject)
    return _judged(subject)


def _judged(subject: Subject) -> dict[str, object]:
    """The token's answer as an object. Raises ProbeFailure for anything else, by what it says."""
    document = dict(json_object(subject))
    status = subject.status or 0
    said = document.get("error")
    if isinstance(said, str) and said in OAUTH_ERRORS:
        rule = OAUTH_ERRORS[said]
        message = f"HTTP {status}, OAuth error {said}: {DETAILS[rule.detail]}"
        raise ProbeFailure(rule.error_class, message, detail=rule.detail)
    verdict = answer(Answer(status=status, headers=subject.headers, body=subject.body), Audience.API)
    if verdict is not None:
        raise ProbeFailure(verdict.error_class, verdict.message, detail=verdict.detail)
    token = document.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        detail = "missing_field" if document else "not_json"
        raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, f"HTTP {status} without an access_token", detail=detail)
    return document
