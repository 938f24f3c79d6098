"""The steps of a journey in a browser: opened, filled in and clicked as a person does it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from yarl import URL

from prober.browser.hands import Hands
from prober.browser.load import Load
from prober.browser.timing import first_byte_ns, mark_document, waited_ns
from prober.model.errors import ErrorClass, ProbeFailure
from prober.probes.flow import act
from prober.probes.form_choice import FormChoice
from prober.probes.page_sight import subject_of_sight
from prober.probes.reference import is_same_site
from prober.probes.sending import outgoing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from prober.browser.record import Record
    from prober.http.expect import Subject
    from prober.model.browser import Tab
    from prober.model.run import Run
    from prober.probes.session import Session
    from prober.probes.step import Step

__all__ = ["IN_A_BROWSER", "BrowserSteps"]

IN_A_BROWSER = frozenset({"get", "form", "click", "fill", "look", "wait", "totp", "oauth2", "chat"})
"""What can be done in a browser; the last four are as they are without one."""

_POLL_SECONDS = 0.2
_STILL_SECONDS = 2.0
_APPEARS_SECONDS = 3.0  # what scripts draw after the page has come to rest
_ASKS = frozenset({"GET", "HEAD"})  # all other methods send something
_REFUSED = frozenset({400, 401, 403, 422})
_TO_READ = 0.2
_TO_READ_SECONDS = 1.0
"""This share of the time that is left, and so much at most, is kept back to read what there is instead."""


class BrowserSteps:
    """Does steps in one tab, until ``ends_ns``. The response of a step is the page as it is rendered afterwards."""

    def __init__(self, tab: Tab, record: Record, run: Run, *, settle_ns: int, most_bytes: int, ends_ns: int) -> None:
        self.load = Load(tab, record, most_bytes=most_bytes)
        self._tab = tab
        self._record = record
        self._run = run
        self._hands = Hands(tab, record)
        self._settle_seconds = settle_ns / 1e9
        self._ends_ns = ends_ns
        self._marked = ""
        self._until_ns = ends_ns

    async def act(self, step: Step, session: Session) -> Subject | None:
        """Do the step's action, and look at what there is then. Raises ProbeFailure, page_changed for what is gone."""
        session.sent = session.stopped = False
        session.unready = session.script_status = None
        began_ns, count, before = self._run.clock.monotonic_ns(), len(self._record.requests), self._record.document
        self._until_ns = began_ns + round(min(_APPEARS_SECONDS, self._patience(step, began_ns=began_ns)) * 1e9)
        match step.action:
            case "get":
                session.sent = True
                url = outgoing(step, session, user_agent="").request.url
                await self.load.navigate(str(url))
            case "form":
                session.sent = True
                await self._done(self._form(step, session))
            case "click":
                session.sent = True
                await self._done(self._click(session.filled(step.click or "")))
            case "fill":
                await self._done(self._fill(step, session))
            case "look":
                pass
            case "wait" if step.awaited is not None:
                pass
            case "chat":
                await self._hand_over_cookies(session)
                return await act(step, session, user_agent="")
            case _:
                return await act(step, session, user_agent="")
        await self.load.calm(seconds=self._settle_seconds)
        if self._record.document is not before:
            self.load.check_document()
        subject = await self._seen(step, session, began_ns=began_ns)
        session.script_status = self._script_status(subject.url, count)
        return subject

    def _script_status(self, page: URL, count: int) -> int | None:
        """What the page's own site told its scripts after so many requests: that it refused what they sent, if it did.

        Else the worst failure; one beside a refused password, such as of a counter of visits, explains nothing.
        """
        asked = [each for each in self._record.asked_after(count) if is_same_site(URL(each.url), page)]
        refused = next((each.status for each in asked if each.method not in _ASKS and each.status in _REFUSED), None)
        failed = (status for each in asked if (status := each.status or 0) == 429 or status >= 500)
        return refused or max(failed, default=None)

    async def _seen(self, step: Step, session: Session, *, began_ns: int) -> Subject:
        """The page when it has come to rest, as the response of the step.

        With ``ready`` it is looked at until it is what is expected, for an answer comes piece by piece; or until no
        more seems to come.
        """
        seconds = self._patience(step, began_ns=began_ns)
        until_ns = self._run.clock.monotonic_ns() + round(seconds * 1e9)
        if step.awaited is not None:
            await self._wait_for(session.filled(step.awaited), session, seconds=seconds)
        subject = await self._look()
        if step.awaited is not None and session.unready is None:
            subject = await self._whole(subject, step, session, until_ns=until_ns)
        self._note()
        session.take(subject)
        return subject

    async def _whole(self, subject: Subject, step: Step, session: Session, *, until_ns: int) -> Subject:
        """The page once it is what is expected, or has not changed for a while without a question, or in time."""
        now_ns = changed_ns = self._run.clock.monotonic_ns()
        while _misses(step, subject, session):
            is_still = not self._record.is_asking and now_ns - changed_ns > _STILL_SECONDS * 1e9
            if is_still or now_ns > until_ns:
                break
            await asyncio.sleep(_POLL_SECONDS)
            before, subject = subject, await self._look()
            now_ns = self._run.clock.monotonic_ns()
            if subject.text != before.text:
                changed_ns = now_ns
        return subject

    async def _look(self) -> Subject:
        return subject_of_sight(await self.load.read(patience_seconds=0.0), self._record, self._run)

    def _patience(self, step: Step, *, began_ns: int) -> float:
        """How many seconds there are to wait, so that there is time to say why by what there is instead."""
        ends_ns = self._ends_ns if step.timeout is None else min(self._ends_ns, began_ns + step.timeout)
        seconds = (ends_ns - self._run.clock.monotonic_ns()) / 1e9
        return seconds - min(seconds * _TO_READ, _TO_READ_SECONDS)

    async def _wait_for(self, selector: str, session: Session, *, seconds: float) -> None:
        """Wait for what must come to be seen."""
        try:
            async with asyncio.timeout(seconds):
                await self.load.watch(selector, seconds=0.0)
        except TimeoutError:
            session.unready = f"expected {selector} to be seen, and it was not within {seconds:.3g} s"

    def _note(self) -> None:
        """Status and phases of the document, once for each document."""
        run, document = self._run, self._record.document
        run.measures["exceptions"] = self._record.exceptions
        run.measures["console_errors"] = self._record.console_errors
        if document is None or document.status is None:
            return
        run.measures["http_status"] = document.status
        if document.id == self._marked:
            return
        self._marked = document.id
        first, waited = first_byte_ns(document), waited_ns(document)
        if first is not None and waited is not None:
            run.measures["first_byte_seconds"] = waited / 1e9
        mark_document(run, document)

    async def _done(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except LookupError as error:
            raise _page_changed(f"the page changed meanwhile: {error}") from None

    async def _there(self, attempt: Callable[[], Awaitable[bool]]) -> bool:
        """Try until what is wanted is there, or it is not to be expected any more."""
        while not await attempt():
            if self._run.clock.monotonic_ns() > self._until_ns:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    async def _click(self, selector: str) -> None:
        if not await self._there(lambda: self._hands.click(selector)):
            raise _page_changed(f"nothing to click at {selector}")

    async def _fill(self, step: Step, session: Session) -> None:
        for selector, text in (step.fill or {}).items():
            write = partial(self._hands.write, session.filled(selector), session.filled(text))
            if not await self._there(write):
                raise _page_changed(f"no field to write into at {session.filled(selector)}")

    async def _form(self, step: Step, session: Session) -> None:
        choice = step.form or FormChoice()
        fields = {session.filled(name): session.filled(value) for name, value in step.fields.items()}
        choose = partial(self._hands.choose_form, css=choice.css, xpath=choice.xpath, names=fields)
        if not await self._there(choose):
            named = f"no form has the fields {', '.join(fields)}" if choice == FormChoice() else f"no form at {choice}"
            raise _page_changed(named)
        for name, value in fields.items():
            if not await self._hands.write_field(name, value):
                raise _page_changed(f"the form has no field {name} to write into")
        await self._hands.submit(fields)

    async def _hand_over_cookies(self, session: Session) -> None:
        """What the browser is signed in by goes along with what is asked without it."""
        now = self._run.clock.wall_ns() / 1e9
        for cookie in (await self._tab.ask("Network.getAllCookies"))["cookies"]:
            session.jar.update(_origin_of(cookie), [_set_cookie(cookie)], now=now)


def _misses(step: Step, subject: Subject, session: Session) -> bool:
    """Whether the page is not yet what the step expects. What cannot even be asked is left to the verdict."""
    if step.expect.error_class is not None:
        return False
    try:
        expect = step.expect.bind(session.lookup)
    except ProbeFailure:
        return False
    return any(not miss.slow for miss in expect.misses(subject, redact=session.run.redactor))


def _origin_of(cookie: Mapping[str, Any]) -> URL:
    host = cookie["domain"].lstrip(".")
    return URL.build(scheme="https" if cookie["secure"] else "http", host=host, path=cookie["path"])


def _set_cookie(cookie: Mapping[str, Any]) -> str:
    """The line that would have set the cookie; without a dot in front its domain is that one host."""
    domain = f"; Domain={cookie['domain']}" if cookie["domain"].startswith(".") else ""
    return f"{cookie['name']}={cookie['value']}; Path={cookie['path']}{domain}{'; Secure' if cookie['secure'] else ''}"


def _page_changed(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.CONTENT_MISMATCH, message, detail="page_changed")
