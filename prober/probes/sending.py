"""What a step of a journey sends: its request, or the form of the page that it fills in."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from yarl import URL

from prober.http.expect.charset import charset_of
from prober.http.expect.markup import html_of
from prober.http.expect.values import Unevaluable
from prober.http.message import Request
from prober.http.settings import Basic
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.secret import Secret
from prober.probes.client_profile import ACCEPT_PAGE
from prober.probes.control import as_written
from prober.probes.form import fill_in, form_with
from prober.probes.form_choice import FormChoice
from prober.probes.texts import deeply_filled

if TYPE_CHECKING:
    from lxml.etree import _Element

    from prober.http.expect import Subject
    from prober.probes.form import FilledForm
    from prober.probes.session import Session
    from prober.probes.step import Step

__all__ = ["Outgoing", "dressed", "outgoing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, and the page that its URL stands in where that is a form's."""

    request: Request
    page_url: URL | None = None


def outgoing(step: Step, session: Session, *, user_agent: str) -> Outgoing:
    """What the step sends. Raises ProbeFailure page_changed where the form is not there, ours for a wrong URL."""
    sent = _form(step, session) if step.form is not None else Outgoing(request=_request(step, session))
    return replace(sent, request=dressed(sent.request, step, session, user_agent=user_agent))


def dressed(request: Request, step: Step, session: Session, *, user_agent: str) -> Request:
    """The request with the step's own headers and authorization, and the client's name."""
    defaults = {"User-Agent": user_agent, "Accept-Language": "en"}
    headers = {name: value for name, value in request.headers.items() if name != "Accept"}
    if (accept := request.headers.get("Accept")) is not None:
        defaults["Accept"] = accept
    if step.basic is not None:
        password = Secret(session.filled(step.basic.password.reveal()))
        headers["Authorization"] = Basic(user=session.filled(step.basic.user), password=password).header()
    if step.bearer is not None:
        headers["Authorization"] = f"Bearer {session.filled(step.bearer)}"
    own = {name: session.filled(value) for name, value in step.headers.items()}
    given = {name.lower() for name in own}
    kept = {name: value for name, value in headers.items() if name.lower() not in given}
    return replace(request, headers=kept | own, defaults=defaults)


def _request(step: Step, session: Session) -> Request:
    url = _url(step, session)
    if step.query:
        url = url.update_query({session.filled(name): session.filled(value) for name, value in step.query.items()})
    content_type, body = _body(step, session)
    headers = {"Accept": "application/json" if step.json is not None else ACCEPT_PAGE}
    if content_type is not None:
        headers["Content-Type"] = content_type
    return Request(url=url, method=step.action.upper(), headers=headers, body=body)


def _url(step: Step, session: Session) -> URL:
    """The step's URL, relative to the last one, with the escapes that it is written with."""
    text = session.filled(step.url).strip()
    try:
        url = as_written(text) if text.isascii() else URL(text)
        if session.last is not None:
            url = session.last.url.join(url)
        absolute = url.scheme in {"http", "https"} and bool(url.host) and bool(url.port)
    except ValueError:
        absolute = False
    if not absolute:
        raise ProbeFailure(ErrorClass.PROBER_ERROR, f"step {step.name}: no absolute http URL", detail="config")
    if url.user is not None or url.password is not None:
        said = f"step {step.name}: user and password do not belong into a URL: use `basic`"
        raise ProbeFailure(ErrorClass.PROBER_ERROR, said, detail="config")
    return url.with_fragment(None)


def _body(step: Step, session: Session) -> tuple[str | None, bytes]:
    if step.json is not None:
        return "application/json", json.dumps(deeply_filled(step.json, session.filled)).encode()
    if step.data is not None:
        pairs = [(session.filled(name), session.filled(value)) for name, value in step.data.items()]
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    return None, session.filled(step.body or "").encode()


def _form(step: Step, session: Session) -> Outgoing:
    """The form of the page that is shown, filled in: an answer to a script's question is no page."""
    assert step.form is not None
    page = session.page or session.seen()
    fields = {session.filled(name): session.filled(value) for name, value in step.fields.items()}
    filled = _filled(_found(step.form, page, fields), fields, page, agrees=step.form.agree)
    headers = {"Accept": ACCEPT_PAGE}
    if (referer := _referer(page.url, filled.url)) is not None:
        headers["Referer"] = referer
    if filled.method == "POST":
        headers["Origin"] = str(page.url.origin())
    if filled.content_type is not None:
        headers["Content-Type"] = filled.content_type
    request = Request(url=filled.url, method=filled.method, headers=headers, body=filled.body)
    return Outgoing(request=request, page_url=page.url)


def _found(choice: FormChoice, page: Subject, fields: dict[str, str]) -> _Element:
    try:
        root = html_of(page)
    except Unevaluable as error:
        raise _page_changed(f"no page to fill in: {error}") from None
    if choice == FormChoice():
        form = form_with(root, fields)
        if form is None:
            raise _page_changed(f"no form has the fields {', '.join(fields)}" if fields else "there is no form")
        return form
    form = choice.select(root)
    if form is None:
        raise _page_changed(f"no form matches {choice}")
    return form


def _filled(form: _Element, fields: dict[str, str], page: Subject, *, agrees: bool) -> FilledForm:
    """The form, if it leads somewhere that a browser would send it to."""
    charset = charset_of(page.body, page.headers.get("Content-Type"))
    try:
        filled = fill_in(form, fields, page_url=page.url, charset=charset, agrees=agrees)
        usable = filled.url.scheme in {"http", "https"} and bool(filled.url.host) and bool(filled.url.port)
    except ValueError:
        usable = False
    if not usable or filled.url.user is not None:
        raise _page_changed("the form leads to no http URL")
    if page.url.scheme == "https" and filled.url.scheme == "http":
        said = "the form of an https page would be sent over http"
        raise ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, said, detail="redirect_blocked")
    return filled


def _referer(page: URL, to: URL) -> str | None:
    """What browsers tell by default: the whole page to its own origin, else the origin alone."""
    if page.origin() == to.origin():
        return str(page.with_fragment(None))
    return f"{page.origin()}/"


def _page_changed(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="page_changed")
