"""The error of an upstream inside the message of LiteLLM, which wraps it in words of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.envelope import Complaint, complaint_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Heard", "Quoted", "heard_in", "quoted_in"]

_NAMES = r"((litellm\.)?\w{1,60}: ){0,3}"
_INTRODUCED = re.compile(_NAMES + r"(?P<who>\w{1,60})(Exception|Error)( \w{1,60})? - ", re.ASCII)
_TRANSLATED = re.compile(
    _NAMES + r"(\w{1,60} - )?Error calling litellm\.\w{1,60} for \w{1,60}: (?=litellm\.(?P<kind>\w{1,60}): )", re.ASCII
)
_IN_MIDSTREAM = "litellm.MidStreamFallbackError: "
_ADVICE = "\n\nLiteLLM: "
_BYTES = re.compile(r"b'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_ESCAPED: Mapping[str, str] = MappingProxyType({"n": "\n", "r": "\r", "t": "\t"})
_OF_GOOGLE = ("gemini", "vertex")
_LARGEST = 65_536

_STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "BadRequestError": 400,
        "ContentPolicyViolationError": 400,
        "ContextWindowExceededError": 400,
        "AuthenticationError": 401,
        "PermissionDeniedError": 403,
        "NotFoundError": 404,
        "Timeout": 408,
        "UnprocessableEntityError": 422,
        "RateLimitError": 429,
        "InternalServerError": 500,
        "BadGatewayError": 502,
        "ServiceUnavailableError": 503,
    }
)
"""LiteLLM's names of the statuses of its upstreams."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message without the wrapping, and the upstream's status where the gateway's own does not tell it."""

    message: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the upstream said, and the protocol whose words it speaks where those differ from the general ones."""

    complaint: Complaint
    protocol: str | None


def heard_in(message: str) -> Heard:
    """The message without LiteLLM's advice about fallbacks, and without what it says of its own translation."""
    message = message.partition(_ADVICE)[0].removeprefix(_IN_MIDSTREAM)
    translated = _TRANSLATED.match(message)
    if translated is None:
        return Heard(message)
    return Heard(message[translated.end() :], _STATUSES.get(translated["kind"]))


def quoted_in(message: str) -> Quoted | None:
    """The upstream's complaint inside a message as ``litellm.BadRequestError: AnthropicException - …``, or None.

    Of a stream that did not begin it may be all of the message, in the way in which Python writes bytes.
    """
    introduced = _INTRODUCED.match(message)
    said = _unwrapped(message[introduced.end() if introduced else 0 :][:_LARGEST])
    document = _document_in(said)
    complaint = complaint_of(document)
    if introduced is None and (complaint is None or not message.startswith("b")):
        return None
    google = introduced is not None and introduced["who"].lower().startswith(_OF_GOOGLE)
    return Quoted(complaint or Complaint(message=said), "gemini" if google or _is_google_s(document) else None)


def _unwrapped(said: str) -> str:
    """The text of a bytes literal at the beginning, or what is there."""
    literal = _BYTES.match(said)
    if literal is None:
        return said.removeprefix("b'")
    text = _ESCAPE.sub(_unescaped, literal[0][2:-1])
    try:
        return text.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _ESCAPED.get(escape[2], escape[2])


def _document_in(said: str) -> object | None:
    """The JSON at the beginning: LiteLLM may add words of its own behind it."""
    if said[:1] not in {"{", "["}:
        return None
    try:
        document: object = json.JSONDecoder().raw_decode(said)[0]
    except (ValueError, RecursionError):
        return None
    return document


def _is_google_s(document: object) -> bool:
    error = document.get("error") if isinstance(document, dict) else None
    status = error.get("status") if isinstance(error, dict) else None
    return isinstance(status, str) and status.isupper()
