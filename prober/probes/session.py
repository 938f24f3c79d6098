"""Cookies, variables and the last response: what one step of a journey leaves to the next."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from typing import TYPE_CHECKING

from prober.http.client import Client
from prober.http.cookies import Jar
from prober.http.settings import RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.template import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prober.http.expect import Subject
    from prober.http.settings import HttpSettings
    from prober.model.run import Run

__all__ = ["BUILT_IN", "Session"]

BUILT_IN = frozenset({"pkce.verifier", "pkce.challenge", "random.state", "random.nonce", "now", "uuid", "nonce"})
"""The variables that every flow has, fresh in each run."""

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def _built_in(run: Run) -> dict[str, str]:
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return {
        "pkce.verifier": verifier,
        "pkce.challenge": challenge,  # RFC 7636, S256
        "random.state": secrets.token_urlsafe(16),
        "random.nonce": secrets.token_urlsafe(16),
        "now": str(run.started_at_ns // 10**9),
        "uuid": str(uuid.uuid4()),
        "nonce": secrets.token_hex(4),
    }


class Session:
    """A browser's memory during one run, or longer: ``jar`` and ``found``, what steps extracted, may be handed on.

    ``last`` is the last response, ``page`` the last one that was a page; ``stopped`` says that a redirect was held back
    by ``until``, ``sent`` that the present step has sent something, ``unready`` what did not come to be seen after it,
    ``script_status`` what scripts of the page were answered with in it.
    """

    __slots__ = (
        "_given",
        "_own",
        "client",
        "found",
        "jar",
        "last",
        "page",
        "run",
        "script_status",
        "secrets",
        "sent",
        "stopped",
        "unready",
    )

    def __init__(self, settings: HttpSettings, run: Run, variables: Mapping[str, str]) -> None:
        self.run = run
        self.jar = Jar(limit=settings.limits.cookies)
        self.client = Client(settings, run, jar=self.jar, to=RedirectsTo("any"))
        self.found: dict[str, str] = {}
        self.secrets: set[str] = set()
        self.last: Subject | None = None
        self.page: Subject | None = None
        self.sent = False
        self.stopped = False
        self.unready: str | None = None
        self.script_status: int | None = None
        self._given = variables
        self._own = _built_in(run)

    def resume(self, jar: Jar, found: Mapping[str, str], secret: Iterable[str]) -> None:
        """Go on with what an earlier run left."""
        self.jar = self.client.jar = jar
        self.found.update(found)
        self.keep_secret(secret)

    def start_over(self) -> None:
        """Forget cookies and responses, as a browser that is opened anew."""
        self.jar = self.client.jar = self.jar.emptied()
        self.found.clear()
        self.last = self.page = None
        self.stopped = False

    def keep_secret(self, values: Iterable[str]) -> None:
        """See that these are shown nowhere."""
        fresh = set(values)
        self.secrets |= fresh
        self.run.redactor.add(fresh)

    def take(self, subject: Subject) -> None:
        """Take note of a response."""
        self.last = subject
        if not self.stopped and subject.media_type in _PAGES and subject.text.strip():
            self.page = subject

    def seen(self) -> Subject:
        """The last response. Raises ProbeFailure, ours, where there is none yet."""
        if self.last is None:
            raise ProbeFailure(ErrorClass.PROBER_ERROR, "there is no response yet to look at", detail="config")
        return self.last

    def lookup(self, name: str) -> str:
        """The value of a variable. Raises KeyError where a step that was skipped would have set it."""
        for variables in (self.found, self._given):
            if name in variables:
                return variables[name]
        return self._own[name]

    def filled(self, text: str) -> str:
        """The text with its variables. Raises ProbeFailure, ours, for one that is not set."""
        try:
            return fill(text, self.lookup)
        except KeyError as missing:
            raise ProbeFailure(
                ErrorClass.PROBER_ERROR, f"no earlier step has set the variable {missing.args[0]}", detail="variable"
            ) from None
