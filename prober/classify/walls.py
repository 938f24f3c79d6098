"""What stands in front of a service: pages that ask whether we are a person, and pages that the edge made itself."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.linear import Bytes
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["challenge", "edge_code", "edge_page", "made_by_edge", "title_of"]

_CHALLENGE = Rule(ErrorClass.BOT_CHALLENGE, "challenge")
_WAF = Rule(ErrorClass.ACCESS_DENIED, "waf")
_EDGE = Rule(ErrorClass.UPSTREAM_ERROR, "edge")
_INTERNAL = Rule(ErrorClass.SERVER_ERROR, "internal")

_MARKING_HEADERS: Mapping[tuple[str, str], Rule] = MappingProxyType(
    {
        ("cf-mitigated", "challenge"): _CHALLENGE,
        ("x-amzn-waf-action", "challenge"): _CHALLENGE,
        ("x-amzn-waf-action", "captcha"): _CHALLENGE,
        ("x-vercel-mitigated", "challenge"): _CHALLENGE,
        ("x-vercel-mitigated", "deny"): _WAF,
    }
)
"""Headers that say it themselves, whatever the status is."""

_EDGE_CODES: Mapping[int, Rule] = MappingProxyType(
    {
        **dict.fromkeys((1005, 1006, 1007, 1008, 1010, 1012, 1020), _WAF),
        1009: Rule(ErrorClass.ACCESS_DENIED, "region"),
        1015: Rule(ErrorClass.RATE_LIMITED, "edge_rule"),
        **dict.fromkeys((1016, 1033), _EDGE),  # the origin's name, the origin's tunnel
        **dict.fromkeys((1101, 1102), _INTERNAL),  # the service's own code, run by the edge, threw or ran too long
    }
)
"""Cloudflare's codes inside a page of status 403, 409, 429 or 530."""

_CHALLENGE_STATUSES = frozenset({403, 429, 503})
_HEAD = 65_536
_TITLE = Bytes(r"<title[^>]*>([^<]*)")
_JUST_A_MOMENT = Bytes(r"<title[^>]*>\s*Just a moment")
_BLOCKED = Bytes(r"<title[^>]*>\s*Attention Required! \| Cloudflare")
_PLATFORM = Bytes(r"/cdn-cgi/challenge-platform/")
_BEACON = Bytes(r"/cdn-cgi/challenge-platform/(h/\w/)?scripts/jsd")  # is put into ordinary pages, too
_OPTIONS_SCRIPT = Bytes(r"<script[^>]*>[^<]*_cf_chl_opt")
_ASKING = Bytes(
    r"""<div[^>]*\bid=["']?(?:px-captcha|sec-if-cpt-container)\b|"""
    r"<iframe[^>]*/_Incapsula_Resource[^>]*>\s*Request unsuccessful"
)
"""What HUMAN, Akamai and Imperva ask a person by, in a page of theirs of whatever status."""
_DENIED = Bytes(r"errors(?:\.|&#46;)edgesuite(?:\.|&#46;)net")  # Akamai's own page
_CODE = Bytes(r"\berror(?:\s+code)?(?:<[^>]*>|[\s:])+(1\d{3})\b")  # with tags between the words


def challenge(status: int, headers: Mapping[str, str], text: bytes) -> Rule | None:
    """The rule for an answer that came from a wall; ``text`` is the body, if it is neither JSON nor a file."""
    for (name, value), rule in _MARKING_HEADERS.items():
        if headers.get(name, "").strip().lower() == value:
            return rule
    head = text[:_HEAD]
    if "x-datadome" in headers and (status == 403 or (status == 401 and b"captcha-delivery.com" in head)):
        return _CHALLENGE
    if _ASKING.found(head):
        return _CHALLENGE
    if status in _CHALLENGE_STATUSES:
        marked = b"_cf_chl_opt" in head or _has_platform(head) or _JUST_A_MOMENT.found(head)
        return _CHALLENGE if marked else None
    if _OPTIONS_SCRIPT.found(head) or (_JUST_A_MOMENT.found(head) and _has_platform(head)):
        return _CHALLENGE
    return None


def _has_platform(head: bytes) -> bool:
    return b"/cdn-cgi/" in head and _PLATFORM.count(head) > _BEACON.count(head)


def edge_code(code: object) -> Rule | None:
    """The rule of one of Cloudflare's 1xxx codes, or None."""
    return _EDGE_CODES.get(code) if isinstance(code, int) else None


def edge_page(status: int, headers: Mapping[str, str], text: bytes) -> tuple[Rule | None, str | None]:
    """The rule for a page that the edge made, and the code of a page that no row is about."""
    head = text[:_HEAD]
    if status == 403 and (_BLOCKED.found(head) or _DENIED.found(head)):
        return _WAF, None
    if headers.get("cf-error-type") == "52x" and not 520 <= status <= 530:  # else the status says more
        return _EDGE, None
    found = _CODE.first(head) if status in {403, 409, 429} or status >= 500 else None
    if found is None:
        return None, None
    code = int(found)
    rule = _EDGE_CODES.get(code)
    return rule, None if rule or not made_by_edge(headers) else f"cloudflare_{code}"


def made_by_edge(headers: Mapping[str, str]) -> bool:
    """Whether the headers say that the edge made the answer; a ``cf-ray`` alone says only that it passed there."""
    return (
        "cf-error-type" in headers or "cf-error-origin" in headers or headers.get("server", "").lower() == "cloudflare"
    )


def title_of(text: bytes) -> str | None:
    """The title of an HTML page, or None."""
    found = _TITLE.first(text[:_HEAD])
    return None if found is None else found[:300].decode("utf-8", "replace").strip()
