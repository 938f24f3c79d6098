"""What is wrong with the answer to an asset, and what many of these come to for the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from multidict import CIMultiDictProxy
from yarl import URL

from prober.classify import Answer, Audience, answer
from prober.http.expect.charset import media_type
from prober.model.errors import FAULTS, ErrorClass, Fault, ProbeFailure
from prober.probes.asset import HTML_TYPES, Asset, is_html, wrong_type
from prober.probes.reference import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.secret import Redactor

__all__ = ["Seen", "broken", "excused", "failure_among", "mismatch", "problem_of"]

_NAMED = 3  # in the message; all are counted
_LONGEST = 60  # characters of a path
_EXCUSED = frozenset({ErrorClass.RATE_LIMITED, ErrorClass.BOT_CHALLENGE})
"""What an error status may mean beside a broken asset: we ask too often, or a wall takes us for a bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The answer to an asset: ``kept`` is the begin of its body, ``size`` the whole of it when decoded."""

    url: URL
    status: int
    headers: CIMultiDictProxy[str]
    kept: bytes = field(repr=False)
    size: int
    wire_bytes: int


def problem_of(asset: Asset, seen: Seen) -> ProbeFailure | None:
    """What is wrong with this answer; None if a browser could use it."""
    if seen.status >= 400:
        given = Answer(status=seen.status, headers=seen.headers, body=seen.kept)
        return excused(given) or mismatch(str(seen.status), "asset_broken")
    nosniff = seen.headers.get("X-Content-Type-Options", "").strip().lower() == "nosniff"
    seen_type = media_type(seen.headers.get("Content-Type"))
    if seen.size == 0 and asset.kind != "frame":
        return mismatch("empty", "asset_empty")
    if wrong_type(asset, seen_type, seen.kept, nosniff=nosniff):
        is_page_by_its_begin = seen_type not in HTML_TYPES and is_html("", seen.kept)
        return mismatch("HTML" if is_page_by_its_begin else seen_type or "of no type", "asset_wrong_type")
    return None


def excused(given: Answer) -> ProbeFailure | None:
    """The failure of an error status that does not mean a broken asset: we ask too often, or a wall is in front."""
    verdict = answer(given, Audience.PAGE)
    if verdict is None or verdict.error_class not in _EXCUSED:
        return None
    return ProbeFailure(verdict.error_class, str(given.status), detail=verdict.detail)


def broken(failure: ProbeFailure, detail: str = "asset_broken") -> ProbeFailure:
    """What an exchange that failed means for the asset: broken, unless the trouble may be ours, or our network's.

    A host that cannot even be asked for is named by the page, and not by our configuration.
    """
    if failure.detail == "config":
        return mismatch(failure.message, detail)
    fault = FAULTS[failure.error_class]
    if fault in {Fault.US, Fault.NETWORK} or failure.error_class is ErrorClass.RESPONSE_TIMEOUT:
        return failure
    return mismatch(failure.message, detail)


def mismatch(said: str, detail: str) -> ProbeFailure:
    """The failure of an answer that is not what the page needs, said in a word or two."""
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, said, detail=detail)


def failure_among(
    failures: Mapping[Asset, ProbeFailure], *, of: str, allowed: int, page: URL, redactor: Redactor
) -> ProbeFailure | None:
    """What these failures come to, ``of`` so many assets; None if no more failed than allowed.

    Trouble of our own is told as such. While every failure is one that may be our network's, or a mere delay, the page
    is not called broken for it.
    """
    ours = [failure for failure in failures.values() if failure.error_class is ErrorClass.PROBER_ERROR]
    if ours:
        return ours[0]
    if len(failures) <= allowed:
        return None
    worst = next((one for one in failures.values() if one.error_class is ErrorClass.CONTENT_MISMATCH), None)
    telling = worst or next(iter(failures.values()))
    named = [_said(asset, failure, page, redactor) for asset, failure in failures.items()]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    message = f"{len(named)} of {of} failed: {', '.join(named[:_NAMED])}{more}"
    return ProbeFailure(telling.error_class, message, detail=telling.detail, phase="assets")


def _said(asset: Asset, failure: ProbeFailure, page: URL, redactor: Redactor) -> str:
    path = redactor(path_of(asset.url, page))
    return f"{path if len(path) <= _LONGEST else '…' + path[1 - _LONGEST :]} ({failure.message})"
