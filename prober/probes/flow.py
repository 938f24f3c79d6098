"""The steps of one login or journey, done one after the other in one browser-like session."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lxml.cssselect import CSSSelector
from yarl import URL

from prober.http.client import Client
from prober.http.expect.markup import html_of
from prober.http.expect.pattern import Pattern
from prober.http.expect.values import Unevaluable
from prober.http.message import Request
from prober.http.settings import Basic, RedirectsTo
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.secret import Secret
from prober.model.template import fill
from prober.probes.form import fill_in, form_with
from prober.probes.page import ACCEPT_PAGE
from prober.probes.subject import subject_of

if TYPE_CHECKING:
    from prober.http.expect import Subject
    from prober.http.settings import HttpSettings
    from prober.model.run import Run
    from prober.probes.step import Step

__all__ = ["BUILT_IN", "Session"]

BUILT_IN = frozenset({"pkce.verifier", "pkce.challenge", "random.state", "random.nonce", "now", "uuid", "nonce"})
"""The variables that every flow has."""


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
    """Cookies, variables and the last response: what one step leaves to the next."""

    def __init__(self, settings: HttpSettings, run: Run, variables: Mapping[str, str], *, user_agent: str) -> None:
        self.run = run
        self.client = Client(settings, run, to=RedirectsTo("any"))
        self.variables = {**_built_in(run), **variables}
        self.last: Subject | None = None
        self.sent = False
        self.stopped = False
        self._user_agent = user_agent

    def lookup(self, name: str) -> str:
        """The value of a variable. Raises KeyError where a step that was skipped would have set it."""
        return self.variables[name]

    def filled(self, text: str) -> str:
        """The text with its variables. Raises ProbeFailure (ours) for one that is not set."""
        try:
            return fill(text, self.lookup)
        except KeyError as missing:
            raise ProbeFailure(
                ErrorClass.PROBER_ERROR, f"no earlier step has set the variable {missing.args[0]}", detail="variable"
            ) from None

    async def send(self, step: Step) -> Subject | None:
        """Do the step's action. The subject of its response, or of the last one for a look; None after a wait.

        Afterwards ``sent`` tells whether anything was sent, ``stopped`` whether ``until`` held a redirect back.
        """
        self.sent = self.stopped = False
        match step.action:
            case "wait":
                assert step.wait is not None
                await asyncio.sleep(step.wait / 1e9)
                return None
            case "look":
                return self._seen()
        request = self._form(step) if step.action == "form" else self._request(step)
        began_ns = self.run.clock.monotonic_ns()
        self.sent = True
        response = await self.client.fetch(request, follow=step.follow, until=self._until(step))
        self.last = subject_of(response, self.run, duration_ns=self.run.clock.monotonic_ns() - began_ns)
        return self.last

    def _seen(self) -> Subject:
        if self.last is None:
            raise ProbeFailure(ErrorClass.PROBER_ERROR, "there is no response yet to look at", detail="config")
        return self.last

    def _until(self, step: Step) -> Callable[[str], bool] | None:
        if step.until is None:
            return None
        pattern = Pattern(fill(step.until, lambda name: Pattern.escape(self.filled(f"{{{{{name}}}}}"))))

        def stops(url: str) -> bool:
            self.stopped = pattern.found(url.encode("utf-8", "replace"))
            return self.stopped

        return stops

    def _request(self, step: Step) -> Request:
        base = self.last.url if self.last is not None else None
        url = URL(self.filled(step.url))
        if base is not None:
            url = base.join(url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise ProbeFailure(ErrorClass.PROBER_ERROR, f"step {step.name}: the URL is not absolute", detail="config")
        if step.query:
            url = url.update_query({self.filled(name): self.filled(value) for name, value in step.query.items()})
        content_type, body = self._body(step)
        headers = {"Accept": "application/json" if step.json is not None else ACCEPT_PAGE}
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self._dressed(Request(url=url, method=step.action.upper(), headers=headers, body=body), step)

    def _body(self, step: Step) -> tuple[str | None, bytes]:
        if step.json is not None:
            return "application/json", json.dumps(_deep(step.json, self.filled)).encode()
        if step.data is not None:
            pairs = [(self.filled(name), self.filled(value)) for name, value in step.data.items()]
            return "application/x-www-form-urlencoded", urlencode(pairs).encode()
        return None, self.filled(step.body or "").encode()

    def _form(self, step: Step) -> Request:
        """The form of the last page, filled in. Raises ProbeFailure page_changed where it is not there."""
        page = self._seen()
        assert step.form is not None
        fields = {self.filled(name): self.filled(value) for name, value in step.fields.items()}
        try:
            root = html_of(page)
        except Unevaluable as error:
            raise _page_changed(f"no page to fill in: {error}") from None
        if step.form.css is None:
            form = form_with(root, fields)
            if form is None:
                raise _page_changed(f"no form has the fields {', '.join(fields)}")
        else:
            found = [node for node in CSSSelector(step.form.css, translator="html")(root) if node.tag == "form"]
            if not found:
                raise _page_changed(f"no form matches {step.form.css}")
            form = found[0]
        filled = fill_in(form, fields, page_url=page.url)
        headers = {"Accept": ACCEPT_PAGE, "Referer": str(page.url.with_fragment(None))}
        if filled.method == "POST":
            headers["Origin"] = str(page.url.origin())
        if filled.content_type is not None:
            headers["Content-Type"] = filled.content_type
        return self._dressed(Request(url=filled.url, method=filled.method, headers=headers, body=filled.body), step)

    def _dressed(self, request: Request, step: Step) -> Request:
        """The request with the step's own headers and authorization, and the client's name."""
        headers = {"User-Agent": self._user_agent, "Accept-Language": "en", **request.headers}
        if step.basic is not None:
            password = Secret(self.filled(step.basic.password.reveal()))
            headers["Authorization"] = Basic(user=self.filled(step.basic.user), password=password).header()
        if step.bearer is not None:
            headers["Authorization"] = f"Bearer {self.filled(step.bearer)}"
        given = {name.lower() for name in step.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in given}
        own = {name: self.filled(value) for name, value in step.headers.items()}
        return replace(request, headers={**headers, **own})


def _deep(value: object, filled: Callable[[str], str]) -> object:
    """A JSON value with the variables filled in, in its texts and keys."""
    if isinstance(value, str):
        return filled(value)
    if isinstance(value, Mapping):
        return {_deep(key, filled): _deep(inner, filled) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_deep(inner, filled) for inner in value]
    return value


def _page_changed(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="page_changed")
