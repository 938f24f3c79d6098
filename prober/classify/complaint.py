"""What an error body means: its deciding words, its message, its general words, its status, in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.classify.codes import table_of
from prober.classify.codes.table import Scope
from prober.classify.status import Audience, status_rule
from prober.classify.upstream import heard_in, quoted_in
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from prober.classify.codes.table import Table
    from prober.classify.envelope import Clue, Complaint
    from prober.classify.upstream import Quoted

__all__ = ["Ruling", "rule_on"]

_MISSING = frozenset({404, 410})
_GENERIC = frozenset({400, 500})  # what everybody says when they say nothing more
_INTERNAL = Rule(ErrorClass.SERVER_ERROR, "internal")
_MODEL = Rule(ErrorClass.MODEL_MISSING, "model")
_NAMES_MODEL = re.compile(r"\b(model|deployment)\b|(?<![/\w])\w*models/\w", re.IGNORECASE)
_CODE_NAMES_MODEL = re.compile(r"model|deployment")
_READ = 400  # characters of a message that rules look at: what comes later may quote the request


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rule that holds, and the word that no table knows, if the general rules had to do."""

    rule: Rule
    unmapped: str | None = None


def rule_on(
    complaint: Complaint,
    *,
    table: Table,
    audience: Audience,
    status: int | None = None,
    nonce: str | None = None,
    by_edge: bool = False,
) -> Ruling:
    """The ruling on a complaint: the service's own trouble where neither its words nor a status say anything.

    The rules on the message look only at what comes before our nonce: after it the message may be our own prompt.
    """
    heard = heard_in(complaint.message)
    spoken = heard.status or complaint.status or (status if status is not None and status >= 400 else None)
    quoted = quoted_in(heard.message)
    if decided := (quoted and _decided_by(quoted)) or _decided(complaint.clues, table):
        return Ruling(decided)
    if quoted and (told := _told(_ours_apart(quoted.complaint.message, nonce), table_of(quoted.protocol), spoken)):
        return Ruling(told)
    message = _ours_apart(heard.message, nonce)
    if told := _told(message, table, spoken):
        return Ruling(told)
    general = _general(complaint.clues, table, spoken)
    if isinstance(general, int):
        spoken, general = general, None
    if spoken in _MISSING and audience is Audience.API and _names_model(complaint, message):
        return Ruling(_MODEL)
    unmapped = next((clue.said for clue in complaint.clues if not _known(clue, table) and _is_code(clue)), None)
    if general is None:
        general = _INTERNAL if spoken is None else status_rule(spoken, audience, by_edge=by_edge)
    return Ruling(general, unmapped)


def _decided_by(quoted: Quoted) -> Rule | None:
    """What the words of a gateway's upstream decide: the gateway's own words were made from them, and say less."""
    return _decided(quoted.complaint.clues, table_of(quoted.protocol))


def _ours_apart(message: str, nonce: str | None) -> str:
    return message.partition(nonce)[0][:_READ] if nonce else message[:_READ]


def _told(message: str, table: Table, status: int | None) -> Rule | None:
    return next((text.rule for text in table.texts if text.holds(message, status)), None)


def _decided(clues: tuple[Clue, ...], table: Table) -> Rule | None:
    rules = (table.code(scope, clue.word) for clue in clues for scope in clue.scopes)
    return next((rule for rule in rules if rule), None)


def _known(clue: Clue, table: Table) -> bool:
    return any(table.knows(scope, clue.word) for scope in clue.scopes)


def _is_code(clue: Clue) -> bool:
    """Whether a word is a provider's code; an error that is only a text may be any word at all."""
    return Scope.WORD not in clue.scopes or "_" in clue.word


def _general(clues: tuple[Clue, ...], table: Table, status: int | None) -> Rule | int | None:
    meanings = (table.type(scope, clue.word) for clue in clues for scope in clue.scopes)
    for meaning in meanings:
        if isinstance(meaning, Rule) or (meaning is not None and _says_more(meaning, status)):
            return meaning
    return None


def _says_more(meaning: int, status: int | None) -> bool:
    """A generic word, as ``invalid_request_error``, yields to a status of its own kind or of ours: a 401 is a 401."""
    if status is None or meaning not in _GENERIC:
        return True
    return meaning == 400 and status >= 500


def _names_model(complaint: Complaint, message: str) -> bool:
    if complaint.param == "model" or _NAMES_MODEL.search(message):
        return True
    return any(_CODE_NAMES_MODEL.search(clue.word) for clue in complaint.clues)
