"""What a step's response means for a sign-in: met, slow, or why it failed and at which step."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.classify import Audience, LoginEvidence, Verdict, login_verdict
from prober.http.expect import Missing, Subject
from prober.http.expect.markup import html_of, text_of_element
from prober.http.expect.values import Unevaluable
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.probes.judge import judge
from prober.probes.step import Reason, Step

if TYPE_CHECKING:
    from lxml.etree import _Element

    from prober.probes.flow import Session

__all__ = ["Trial"]

_NO_ERROR = range(100, 400)
_ANY_STATUS = range(100, 1000)
_OTP = re.compile(r"otp|totp|mfa|2fa|one.?time|passcode|verification.?code|(^|[-_.])code$", re.IGNORECASE)
_NO_OTP = frozenset({"hidden", "submit", "button", "checkbox", "radio", "password", "image", "reset"})
_CAPTCHAS = ("cf-turnstile", "g-recaptcha", "h-captcha")
_CAPTCHA_HOSTS = ("challenges.cloudflare.com", "google.com/recaptcha", "recaptcha.net", "hcaptcha.com")


@dataclass(slots=True, kw_only=True)
class Trial:
    """Judges the steps of one run, and remembers what a later step may bring to light about an earlier one."""

    run: Run
    reasons: tuple[Reason, ...]
    submitted: tuple[Step, Subject] | None = None
    signed_in: bool = False
    totp_sent: bool = False
    _captcha: bool = field(default=False, repr=False)

    def judge(self, step: Step, subject: Subject, session: Session) -> None:
        """Check what the step expects, and read what it extracts. Raises ProbeFailure, with the step as its phase."""
        self._captcha = self._captcha or _seen_on(subject).captcha
        if step.role == "submit":
            self.submitted = (step, subject)
        failure = self._missed(step, subject, session) or self._extract(step, subject, session)
        if failure is not None:
            raise self.explained(failure, step, subject, session)
        self.signed_in = self.signed_in or step.role == "whoami"

    def explained(self, failure: ProbeFailure, step: Step, subject: Subject | None, session: Session) -> ProbeFailure:
        """The failure by what its response shows: the user's reasons, then the signs of a sign-in that went wrong.

        Where who-am-I fails, the last submit is looked at again: if it explains the failure, it is the phase.
        """
        if subject is not None:
            for at, seen in self._suspects(step, subject):
                found = self._reason(seen, session) or self._verdict(at, seen)
                if found is not None:
                    return ProbeFailure(found.error_class, found.message, detail=found.detail, phase=at.name)
        return ProbeFailure(failure.error_class, failure.message, detail=failure.detail, phase=step.name)

    def _suspects(self, step: Step, subject: Subject) -> list[tuple[Step, Subject]]:
        own = (step, subject)
        status = subject.status or 0
        if step.role != "whoami" or self.submitted is None or status >= 500 or status == 429:
            return [own]
        return [self.submitted, own]

    def _missed(self, step: Step, subject: Subject, session: Session) -> ProbeFailure | None:
        """The failure of the step's expectation. A status that it does not name must be below 400."""
        unnamed = _ANY_STATUS if session.stopped else _NO_ERROR
        try:
            expect = step.expect.bind(session.lookup)
            judge(expect, subject, run=self.run, audience=Audience.PAGE, unnamed=unnamed)
        except ProbeFailure as failure:
            return failure
        return None

    def _extract(self, step: Step, subject: Subject, session: Session) -> ProbeFailure | None:
        if not step.extract.names:
            return None
        found = step.extract.bind(session.lookup).values(subject, redact=self.run.redactor)
        if isinstance(found, Missing):
            return _expectation(f"expected a value for {found}")
        self.run.redactor.add(found.secrets)
        session.variables.update((name, _text(value)) for name, value in found.values.items())
        return None

    def _reason(self, subject: Subject, session: Session) -> Verdict | None:
        for reason in self.reasons:
            if reason.when.bind(session.lookup).hold(subject):
                said = "; ".join(f"{check}" for check in (reason.detail,) if check)
                message = f"HTTP {subject.status}: a rule of `reasons` holds{': ' + said if said else ''}"
                detail = reason.detail or "expectation"
                return Verdict(error_class=reason.error_class, detail=detail, message=message)
        return None

    def _verdict(self, step: Step, subject: Subject) -> Verdict | None:
        """What the page says about the sign-in. Once we know who we are, pages speak of other things."""
        if self.signed_in:
            return None
        signs = _seen_on(subject)
        return login_verdict(
            LoginEvidence(
                role=step.role,
                status=subject.status or 0,
                headers=subject.headers,
                body=subject.body,
                text=signs.text,
                has_password_field=signs.password,
                has_otp_field=signs.otp,
                has_captcha=self._captcha or signs.captcha,
                oauth_error=_oauth_error(subject),
                submitted=self.submitted is not None,
                totp_sent=self.totp_sent,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What of a sign-in is to be seen on a page."""

    text: str
    password: bool = False
    otp: bool = False
    captcha: bool = False


def _seen_on(subject: Subject) -> _Signs:
    try:
        root = html_of(subject)
        text = text_of_element(root, lambda: None)
    except (Unevaluable, RecursionError):
        return _Signs(text=subject.text)
    inputs = [node for node in root.iter("input") if node.get("disabled") is None]
    return _Signs(
        text=text,
        password=any((node.get("type") or "").lower() == "password" for node in inputs),
        otp=any(map(_is_otp, inputs)),
        captcha=_has_captcha(root),
    )


def _is_otp(node: _Element) -> bool:
    if (node.get("type") or "text").lower() in _NO_OTP:
        return False
    if node.get("autocomplete") == "one-time-code":
        return True
    return any(_OTP.search(node.get(key) or "") for key in ("name", "id"))


def _has_captcha(root: _Element) -> bool:
    if any(set((node.get("class") or "").split()) & set(_CAPTCHAS) for node in root.iter("div", "span")):
        return True
    return any(host in (node.get("src") or "") for node in root.iter("script", "iframe") for host in _CAPTCHA_HOSTS)


def _oauth_error(subject: Subject) -> str | None:
    """The word of RFC 6749: in the URL's query, or in a JSON body."""
    in_url = subject.url.query.get("error")
    if in_url:
        return in_url
    if "json" not in subject.media_type:
        return None
    try:
        document = json.loads(subject.text)
    except (ValueError, RecursionError):
        return None
    error = document.get("error") if isinstance(document, Mapping) else None
    return error if isinstance(error, str) else None


def _text(value: object) -> str:
    """A variable's value as it stands in a text: JSON where it is not one already."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _expectation(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="expectation")
