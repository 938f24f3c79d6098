"""Does the action of one step in a session."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from prober.http.expect.pattern import Pattern
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.template import fill
from prober.probes.oauth import OAuth2, json_object, token_request
from prober.probes.rotation import Rotations
from prober.probes.sending import Outgoing, dressed, outgoing
from prober.probes.subject import subject_of
from prober.probes.totp import fresh_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.http.expect import Subject
    from prober.model.secret import Secret
    from prober.probes.session import Session
    from prober.probes.step import Step

__all__ = ["act"]

_TOKENS = ("access_token", "refresh_token", "id_token")


async def act(step: Step, session: Session, *, user_agent: str) -> Subject | None:
    """Do the step's action: the subject of its response, of the last one for a look; None where nothing answers.

    Afterwards ``session.sent`` tells whether anything was sent, ``session.stopped`` whether ``until`` held a redirect
    back. Raises like the client.
    """
    session.sent = False
    match step.action:
        case "wait":
            assert step.wait is not None
            await asyncio.sleep(step.wait.duration / 1e9)
            return None
        case "totp":
            await _code(step, session)
            return None
        case "chat":
            await _chat(step, session)
            return None
        case "look":
            return session.seen()
        case "oauth2":
            return await _token(step, session, user_agent=user_agent)
    return await _send(step, session, outgoing(step, session, user_agent=user_agent))


async def _send(step: Step, session: Session, out: Outgoing) -> Subject:
    run = session.run
    began_ns = run.clock.monotonic_ns()
    session.sent, session.stopped = True, False
    response = await session.client.fetch(
        out.request, follow=step.follow, until=_until(step, session), came_from=out.page_url
    )
    subject = subject_of(response, run, duration_ns=run.clock.monotonic_ns() - began_ns)
    session.take(subject)
    return subject


def _until(step: Step, session: Session) -> Callable[[str], bool] | None:
    if step.until is None:
        return None
    written = fill(step.until, lambda name: Pattern.escape(session.filled(f"{{{{{name}}}}}")))
    try:
        pattern = Pattern(written)
    except ValueError as error:
        raise ProbeFailure(ErrorClass.PROBER_ERROR, f"`until`: {error}", detail="config") from None

    def stops(url: str) -> bool:
        session.stopped = pattern.found(url.encode("utf-8", "replace"))
        return session.stopped

    return stops


async def _code(step: Step, session: Session) -> None:
    assert step.totp is not None
    assert step.as_ is not None
    seed = session.filled(step.totp)
    code = await fresh_code(seed, session.run, digits=step.digits, period_ns=step.period, algorithm=step.algorithm)
    session.keep_secret((seed, code))
    session.found[step.as_] = code


async def _chat(step: Step, session: Session) -> None:
    assert step.chat is not None
    for name in sorted(step.chat.reads()):
        session.filled(f"{{{{{name}}}}}")  # one that is missing is our fault, and not what the chat makes of it
    session.sent = True
    await step.chat.ask(session.run, session.lookup, jar=session.jar)


async def _token(step: Step, session: Session, *, user_agent: str) -> Subject:
    assert step.oauth2 is not None
    asked = step.oauth2.filled(session.filled)
    if asked.grant != "refresh_token":
        return await _ask_for_token(step, session, asked, None, user_agent=user_agent)
    rotations = session.run.memory.of(Rotations)
    rotation = rotations.of(asked)
    async with rotation.lock:
        session.keep_secret([rotation.token.reveal()] if rotation.token else [])
        subject = await _ask_for_token(step, session, asked, rotation.token, user_agent=user_agent)
        await rotations.note(rotation, subject)
    return subject


async def _ask_for_token(
    step: Step, session: Session, asked: OAuth2, refresh_token: Secret | None, *, user_agent: str
) -> Subject:
    """The answer, whose tokens are shown nowhere, also where nobody has said that they are secret."""
    request = dressed(token_request(asked, refresh_token=refresh_token), step, session, user_agent=user_agent)
    subject = await _send(step, session, Outgoing(request=request))
    given = (json_object(subject).get(name) for name in _TOKENS)
    session.keep_secret(token for token in given if isinstance(token, str) and token)
    return subject
