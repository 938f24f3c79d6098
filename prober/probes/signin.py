"""What a step's response means for a sign-in: met, slow, or why it failed and at which step."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from yarl import URL

from prober.classify import Audience, LoginEvidence, Verdict, login_verdict
from prober.http.expect import Missing, Subject
from prober.http.expect.document import document_of
from prober.http.expect.values import Unevaluable
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.model.template import variables
from prober.probes.judge import judge
from prober.probes.reason import Reason
from prober.probes.signs import captcha_on, shows_form, signs_of
from prober.probes.step import Step
from prober.probes.texts import texts_in

if TYPE_CHECKING:
    from prober.probes.session import Session

__all__ = ["Trial"]

_NO_ERROR = range(100, 400)
_ANY_STATUS = range(100, 1000)
_PASSWORD = re.compile(r"pass|pw|secret|pin\b|key\b", re.IGNORECASE)
_SAYS_NOTHING = frozenset(
    {"status", "duration", "bytes", "redirects", "certificate_days", "http_version", "content_type"}
)
"""What may be just as expected of the sign-in page."""
_SECRET = re.compile(rf"{_PASSWORD.pattern}|code", re.IGNORECASE)

_Role = Literal["submit", "whoami"] | None


@dataclass(slots=True, kw_only=True)
class Trial:
    """Judges the steps of one run, and remembers what a later step may bring to light about an earlier one.

    ``codes`` are the names of one-time codes, ``forms`` those of the fields of each form that signs in. ``signs_in``
    says that the journey has a sign-in at all.
    """

    run: Run
    reasons: tuple[Reason, ...]
    codes: frozenset[str] = frozenset()
    forms: tuple[frozenset[str], ...] = ()
    signs_in: bool = True
    signed_in: bool = False
    _submitted: tuple[Step, Subject] | None = field(default=None, init=False)
    _code_sent: bool = field(default=False, init=False)
    _captcha: bool = field(default=False, init=False)
    _script_status: int | None = field(default=None, init=False)
    _sign_in_pages: set[URL] = field(default_factory=set, init=False)

    def judge(self, step: Step, subject: Subject, session: Session) -> None:
        """Check what the step expects, and read what it extracts. Raises ProbeFailure, with the step as its phase."""
        if self.signs_in and not self.signed_in:
            self._captcha = self._captcha or captcha_on(subject)
            self._code_sent = self._code_sent or bool(self.codes and self.codes & step.reads())
            if _role(step) == "submit":
                self._submitted, self._script_status = (step, subject), session.script_status
            elif self._submitted is None and step.role is None:
                self._sign_in_pages.add(subject.url.with_query(None))
        failure = self._missed(step, subject, session)
        if failure is None and session.unready is not None:
            failure = _expectation(session.unready)
        failure = failure or self._extract(step, subject, session) or self._nobody(step, subject)
        if failure is not None:
            raise self.explained(failure, step, subject, session)
        self.signed_in = self.signed_in or step.role == "whoami"

    def explained(self, failure: ProbeFailure, step: Step, subject: Subject | None, session: Session) -> ProbeFailure:
        """The failure by what its response shows: the user's reasons, then the signs of a sign-in that went wrong.

        Where who-am-I fails, or the page after a submit is not the one that was expected, that submit is looked at
        again: if it explains the failure, it is the phase.
        """
        if subject is not None:
            sent = failure.detail != "page_changed"
            for at, seen, role in self._suspects(step, subject, session, sent=sent):
                found = self._reason(seen, session) or self._verdict(at, seen, role)
                if found is not None:
                    return ProbeFailure(found.error_class, found.message, detail=found.detail, phase=at.name)
            if failure.detail == "expectation" and _asks_json(step) and not _is_json(subject):
                failure = ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, failure.message, detail="not_json")
            if step.basic is not None and failure.detail == "unauthorized":
                failure = ProbeFailure(failure.error_class, failure.message, detail="bad_credentials")
        return ProbeFailure(failure.error_class, failure.message, detail=failure.detail, phase=step.name)

    def _suspects(
        self, step: Step, subject: Subject, session: Session, *, sent: bool
    ) -> list[tuple[Step, Subject, _Role]]:
        """The steps whose response may explain the failure, and what they were to the sign-in.

        A submit that was not sent, since its form is not there, is none: its page is only a page. Who-am-I is one,
        where it is refused and brings the credentials itself.
        """
        own = (step, subject, _role(step) if sent else None)
        if self._submitted is None:
            refused = subject.status in {401, 403} and _brings_credentials(step, session)
            return [(step, subject, "submit") if refused and step.role == "whoami" else own]
        submit = (*self._submitted, _role(self._submitted[0]))
        if subject is self._submitted[1]:
            return [submit]
        status = subject.status or 0
        if step.role != "whoami" or status >= 500 or status == 429:
            return [own]
        return [submit, own]

    def _missed(self, step: Step, subject: Subject, session: Session) -> ProbeFailure | None:
        """The failure of the step's expectation. A status that it does not name must be below 400."""
        unnamed = _ANY_STATUS if session.stopped else _NO_ERROR
        try:
            expect = step.expect.bind(session.lookup)
            judge(expect, subject, run=self.run, audience=Audience.PAGE, unnamed=unnamed)
        except ProbeFailure as failure:
            return failure.with_traceback(None)  # its frames refer to it: they would stay until the collector comes
        return None

    def _extract(self, step: Step, subject: Subject, session: Session) -> ProbeFailure | None:
        if not step.extract.names:
            return None
        found = step.extract.bind(session.lookup).values(subject, redact=self.run.redactor)
        if isinstance(found, Missing):
            return _expectation(f"expected a value for {found}")
        session.keep_secret(found.secrets)
        session.found.update((name, _text(value)) for name, value in found.values.items())
        return None

    def _nobody(self, step: Step, subject: Subject) -> ProbeFailure | None:
        """The failure of a who-am-I that the sign-in page answers, and that expects nothing of what is said."""
        asked = {check.query.name for check in step.expect.checks if not check.slow}
        if step.role != "whoami" or step.extract.names or step.expect.error_class or asked - _SAYS_NOTHING:
            return None
        if not (shows_form(subject, self.forms) or (self._sent_back(subject) and signs_of(subject).password)):
            return None  # a page on which one changes one's password is none on which one signs in
        return ProbeFailure(ErrorClass.CONTENT_MISMATCH, "the sign-in page again", detail="not_signed_in")

    def _reason(self, subject: Subject, session: Session) -> Verdict | None:
        for reason in self.reasons:
            if reason.when.bind(session.lookup).hold(subject):
                default = "sign_in_error" if reason.error_class is ErrorClass.SERVER_ERROR else "expectation"
                detail = reason.detail or default
                message = f"HTTP {subject.status}: a rule of `reasons` holds: {DETAILS[detail]}"
                return Verdict(error_class=reason.error_class, detail=detail, message=message)
        return None

    def _verdict(self, step: Step, subject: Subject, role: _Role) -> Verdict | None:
        """What the page says about the sign-in. Once we know who we are, pages speak of other things."""
        if self.signed_in or not self.signs_in:
            return None
        signs = signs_of(subject)
        return login_verdict(
            LoginEvidence(
                role=role,
                status=subject.status or 0,
                headers=subject.headers,
                body=subject.body,
                text=signs.text,
                has_password_field=signs.password and (role != "submit" or _gives(step, _SECRET)),
                has_otp_field=signs.otp,
                has_captcha=self._captcha or captcha_on(subject),
                oauth_error=_oauth_error(subject),
                submitted=self._submitted is not None,
                totp_sent=self._code_sent,
                only_code=bool(self.codes & step.reads()) and not _gives(step, _PASSWORD),
                script_status=self._script_status if role == "submit" else None,
                sent_back=self._sent_back(subject),
            )
        )

    def _sent_back(self, subject: Subject) -> bool:
        return subject.redirects > 0 and subject.url.with_query(None) in self._sign_in_pages


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


def _gives(step: Step, what: re.Pattern[str]) -> bool:
    """Whether a submit gives that: after one that only says who one is, the field for a password is no refusal."""
    if step.click is not None:
        return True  # what was filled in before it
    named = [*step.reads(), *step.fields, *(step.data or ()), *texts_in(step.json)]
    return any(what.search(name) for name in named)


def _brings_credentials(step: Step, session: Session) -> bool:
    """Whether a request carries credentials of the configuration, and not what a sign-in has left."""
    if step.basic is not None:
        return True
    return step.bearer is not None and not set(variables(step.bearer)) & session.found.keys()


def _role(step: Step) -> _Role:
    """What the step is to the sign-in: to ask for a token is to submit credentials."""
    return step.role or ("submit" if step.oauth2 is not None else None)


def _asks_json(step: Step) -> bool:
    return step.json is not None or step.expect.asks("jsonpath") or step.extract.asks("jsonpath")


def _is_json(subject: Subject) -> bool:
    try:
        document_of(subject)
    except Unevaluable:
        return False
    return True


def _text(value: object) -> str:
    """A variable's value as it stands in a text: JSON where it is not one already."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _expectation(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="expectation")
