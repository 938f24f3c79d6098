"""The form of a code table: which words of an error body decide, refine, or only say an HTTP status."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from prober.classify.verdict import Rule

__all__ = ["Scope", "Table", "Text", "merge", "text"]


class Scope(StrEnum):
    """Where in an error body a word stands. The same word means different things in different places."""

    AVAILABILITY = "availability.code"  # OpenRouter
    ERROR_TYPE = "error_type"  # OpenRouter
    DETAIL = "details.error_code"  # Anthropic
    QUOTA = "details[].quotaId"  # Google: per_day
    REASON = "details[].reason"  # Google
    INNER = "innererror.code"  # Azure
    CODE = "code"  # `code` and `type` of everybody
    RPC = "status"  # Google
    OAUTH = "error of OAuth"  # the error is a word, with its description beside it
    WORD = "error"  # the error is a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A rule on the message. ``on`` are the statuses it is for; without any status at hand it holds as well."""

    pattern: re.Pattern[str]
    rule: Rule
    on: frozenset[int]

    def holds(self, message: str, status: int | None) -> bool:
        """Whether this rule is about that message."""
        return (status is None or status in self.on) and self.pattern.search(message) is not None


def text(pattern: str, rule: Rule, *on: int) -> Text:
    """A rule on the message, whatever its letters' case."""
    return Text(pattern=re.compile(pattern, re.IGNORECASE), rule=rule, on=frozenset(on))


_Codes = Mapping[Scope, Mapping[str, Rule]]
_Types = Mapping[Scope, Mapping[str, "Rule | int"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one provider's errors mean. Words are in small letters.

    ``codes`` decide. After them ``texts`` are asked, then ``types``, the general words: a rule, or the HTTP status that
    the word stands for.
    """

    codes: _Codes = field(default_factory=dict)
    texts: tuple[Text, ...] = ()
    types: _Types = field(default_factory=dict)

    def code(self, scope: Scope, word: str) -> Rule | None:
        """What a deciding word means, or None."""
        return self.codes.get(scope, {}).get(word)

    def type(self, scope: Scope, word: str) -> Rule | int | None:
        """What a general word means, or None."""
        return self.types.get(scope, {}).get(word)

    def knows(self, scope: Scope, word: str) -> bool:
        """Whether any row is about that word."""
        return self.code(scope, word) is not None or self.type(scope, word) is not None


def merge(tables: Sequence[Table]) -> Table:
    """One table of many; where two know the same word, the first decides."""
    codes: dict[Scope, dict[str, Rule]] = {}
    types: dict[Scope, dict[str, Rule | int]] = {}
    for table in reversed(tables):
        for scope, rules in table.codes.items():
            codes.setdefault(scope, {}).update(rules)
        for scope, meanings in table.types.items():
            types.setdefault(scope, {}).update(meanings)
    return Table(codes=codes, texts=tuple(text for table in tables for text in table.texts), types=types)
