"""Why a sign-in failed, when a step's own check has failed: from what the page shows and how it answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from prober.classify.codes.oauth import SIGN_IN_ERRORS
from prober.classify.linear import Phrases
from prober.classify.login_trouble_words import CSRF, OOPS
from prober.classify.login_words import CODE, CREDENTIALS, LOCKED
from prober.classify.status import Audience, status_rule
from prober.classify.verdict import Rule, Verdict, printable
from prober.classify.walls import challenge, edge_page
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

__all__ = ["LoginEvidence", "login_verdict"]

_CREDENTIALS = Rule(ErrorClass.AUTH_REJECTED, "bad_credentials")
_LOCKED_OUT = Rule(ErrorClass.AUTH_REJECTED, "locked_out")
_MFA_REQUIRED = Rule(ErrorClass.AUTH_REJECTED, "mfa_required")
_MFA_REJECTED = Rule(ErrorClass.AUTH_REJECTED, "mfa_rejected")
_SIGN_IN_ERROR = Rule(ErrorClass.SERVER_ERROR, "sign_in_error")
_PAGE_ERROR = Rule(ErrorClass.SERVER_ERROR, "page_error")
_NOT_SIGNED_IN = Rule(ErrorClass.CONTENT_MISMATCH, "not_signed_in")
_CSRF = Rule(ErrorClass.UNEXPECTED_RESPONSE, "csrf")
_CHALLENGE = Rule(ErrorClass.BOT_CHALLENGE, "challenge")

_READ = 20_000
_CSRF_STATUSES = frozenset({400, 403, 419, 422})
_EDGE_STATUSES = frozenset({403, 409, 429})
_SAME = str.maketrans({"\u2019": "'", "\u200c": None, "\u200d": None, "\u00a0": " ", "_": " "})  # the last of codes


def _phrases(words: Mapping[str, tuple[str, ...]]) -> Phrases:
    return Phrases(pattern for patterns in words.values() for pattern in patterns)


_SAYS_CREDENTIALS = _phrases(CREDENTIALS)
_SAYS_LOCKED = _phrases(LOCKED)
_SAYS_CODE = _phrases(CODE)
_SAYS_CSRF = _phrases(CSRF)
_SAYS_OOPS = _phrases(OOPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEvidence:
    """The last answer of a step whose check failed.

    ``text`` is the visible text, without scripts and styles. ``submitted`` says that credentials have been sent in this
    run, ``totp_sent`` that a one-time code has, ``only_code`` that this step has sent nothing else. ``has_captcha``
    includes a captcha seen on an earlier page of the run. ``oauth_error`` is the word in the JSON body or in the URL's
    query; ``sent_back`` says that a redirect has led to the page on which one signs in. ``script_status`` is what
    scripts of the page were answered with, where a browser has sent the form: a refusal of what they sent, or failure.
    """

    role: Literal["submit", "whoami"] | None
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    text: str = field(default="", repr=False)
    has_password_field: bool = False
    has_otp_field: bool = False
    has_captcha: bool = False
    oauth_error: str | None = None
    submitted: bool = False
    totp_sent: bool = False
    only_code: bool = False
    sent_back: bool = False
    script_status: int | None = None


def login_verdict(evidence: LoginEvidence) -> Verdict | None:
    """Why the sign-in failed, or None where no rule says: then the step's own expectation has failed, no more."""
    text = evidence.text[:_READ].translate(_SAME).encode("utf-8", "replace").decode().lower()
    text = " ".join(text.split())
    for read in (_wall, _oauth, _words, _of_role):
        if found := read(evidence, text):
            rule, seen = found
            message = f"HTTP {evidence.status}, {printable(seen)}: {DETAILS[rule.detail]}"
            return Verdict(error_class=rule.error_class, detail=rule.detail, message=message)
    return None


_Found = tuple[Rule, str] | None


def _wall(evidence: LoginEvidence, _text: str) -> _Found:
    headers = {name.lower(): value for name, value in evidence.headers.items()}
    if rule := challenge(evidence.status, headers, evidence.body):
        return rule, "a wall in front"
    if evidence.status in _EDGE_STATUSES and (refused := edge_page(evidence.status, headers, evidence.body)[0]):
        return refused, "a page of the edge"  # which never saw what was sent
    return (status_rule(429, Audience.PAGE), "too many requests") if evidence.status == 429 else None


def _oauth(evidence: LoginEvidence, _text: str) -> _Found:
    rule = SIGN_IN_ERRORS.get(evidence.oauth_error or "")
    return (rule, f"OAuth error {evidence.oauth_error}") if rule else None


def _words(evidence: LoginEvidence, text: str) -> _Found:
    """What the page says, in words; before anything was sent it cannot speak about our credentials."""
    if evidence.status in _CSRF_STATUSES and (said := _SAYS_CSRF.first(text)):
        return _CSRF, f"“{said}”"
    if said := _SAYS_LOCKED.first(text):
        return _LOCKED_OUT, f"“{said}”"
    if evidence.status >= 500:
        return _failed_by_itself(evidence)
    return _refusal(evidence, text) if evidence.role or evidence.submitted else None


def _refusal(evidence: LoginEvidence, text: str) -> _Found:
    if evidence.totp_sent and (said := _SAYS_CODE.first(text)):
        return _MFA_REJECTED, f"“{said}”"
    if said := _SAYS_CREDENTIALS.first(text):
        return _CREDENTIALS, f"“{said}”"
    return None


def _failed_by_itself(evidence: LoginEvidence) -> _Found:
    """A 5xx is the sign-in service's at a submit, the page's before it; later steps follow the table of statuses."""
    if evidence.role == "submit":
        return _SIGN_IN_ERROR, "after the form was sent"
    return (_PAGE_ERROR, "on the way to the form") if evidence.role is None and not evidence.submitted else None


def _of_role(evidence: LoginEvidence, text: str) -> _Found:
    if evidence.status >= 500:
        return None
    if evidence.has_captcha:
        return _CHALLENGE, "a captcha"
    match evidence.role:
        case "submit":
            return _after_submit(evidence, text)
        case "whoami" if evidence.status in {401, 403}:
            return _NOT_SIGNED_IN, "the page is not for us"
        case "whoami" if evidence.has_password_field or evidence.sent_back:
            return _NOT_SIGNED_IN, "the sign-in page again"
    return None


def _after_submit(evidence: LoginEvidence, text: str) -> _Found:
    code_again = evidence.has_otp_field and not evidence.has_password_field
    is_code = evidence.only_code or (evidence.totp_sent and code_again)
    refused = (_MFA_REJECTED if is_code else _CREDENTIALS, "the form was refused")
    if evidence.status in {401, 403}:
        return refused
    if said := _SAYS_OOPS.first(text):
        return _SIGN_IN_ERROR, f"“{said}”"
    if told := _told_to_scripts(evidence.script_status or 0, refused):
        return told
    if evidence.has_password_field:
        return _MFA_REJECTED if evidence.only_code else _CREDENTIALS, "the password field again"
    if evidence.has_otp_field:
        return (_MFA_REJECTED, "the code field again") if evidence.totp_sent else (_MFA_REQUIRED, "a code field")
    return None


def _told_to_scripts(status: int, refused: tuple[Rule, str]) -> _Found:
    """What the answer to a page's script says, where the page does not."""
    if status >= 500:
        return _SIGN_IN_ERROR, f"HTTP {status} to a script of the page"
    if status in {401, 403}:
        return refused
    return (status_rule(429, Audience.PAGE), "too many requests of a script") if status == 429 else None
