"""The error of an upstream that LiteLLM quotes inside its own message."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from prober.classify.envelope import Complaint, complaint_of

__all__ = ["Quoted", "quoted_in"]

_INTRODUCED = re.compile(r"((litellm\.)?\w{1,60}: ){0,3}(?P<who>\w{1,60})Exception( \w{1,60})? - (b')?", re.ASCII)
_OF_GOOGLE = ("gemini", "vertex")
_LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the upstream said, and the protocol whose words it speaks where those differ from the general ones."""

    complaint: Complaint
    protocol: str | None


def quoted_in(message: str) -> Quoted | None:
    """The upstream's complaint inside a message as ``litellm.BadRequestError: AnthropicException - …``, or None."""
    introduced = _INTRODUCED.match(message)
    if introduced is None:
        return None
    said = message[introduced.end() : introduced.end() + _LARGEST]
    google = introduced["who"].lower().startswith(_OF_GOOGLE)
    return Quoted(_read(said) or Complaint(message=said), "gemini" if google else None)


def _read(said: str) -> Complaint | None:
    """The complaint in JSON at the beginning: LiteLLM may add words of its own behind it."""
    if said[:1] not in {"{", "["}:
        return None
    try:
        document, _ = json.JSONDecoder().raw_decode(said)
    except (ValueError, RecursionError):
        return None
    return complaint_of(document)
