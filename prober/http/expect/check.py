"""One check: a query, filters, predicates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prober.http.expect.demands import PREDICATES, read_predicates
from prober.http.expect.display import brief, described, printable
from prober.http.expect.filters import Filter, read_filters
from prober.http.expect.predicates import Predicate
from prober.http.expect.quantity import measured
from prober.http.expect.queries import QUERIES, Query, read_query
from prober.http.expect.source import Source, did_you_mean
from prober.http.expect.values import NOTHING, Unevaluable, Values

if TYPE_CHECKING:
    from prober.http.expect.subject import Subject

__all__ = ["Check", "Miss", "Redact", "read_check", "read_filtered", "read_severity", "unknown_keys"]

Redact = Callable[[str], str]
"""Takes the secrets out of a text."""

_KEYS = frozenset({*QUERIES, "attr", "filters", *PREDICATES, "severity"})
_UNFILTERED = frozenset({"duration", "bytes", "redirects", "certificate_days", "schema"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A check that was not met: what was expected, and what was seen instead.

    ``slow`` says that the check has ``severity: slow``: a run that misses no other succeeded, slowly. ``status`` says
    that the check is about the status, so that the status explains the failure; ``model`` that it is about the model
    that answered.
    """

    check: str
    seen: str
    slow: bool = False
    status: bool = False
    model: bool = False

    def __str__(self) -> str:
        return f"expected {self.check}, saw {self.seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check that is ready to be asked. ``broken`` is why it cannot be: then it is always missed."""

    query: Query
    filters: tuple[Filter, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    slow: bool = False
    broken: str | None = None

    def label(self) -> str:
        """The question as it is written in a message: ``jsonpath $.data | count``."""
        return " | ".join([self.query.label, *(each.label for each in self.filters)])

    @property
    def about_status(self) -> bool:
        """Whether the check is about the status of the answer."""
        return self.query.name == "status"

    def values(self, subject: Subject) -> Values:
        """What the query finds and the filters leave. Raises :class:`Unevaluable`, and nothing else."""
        if self.broken is not None:
            raise Unevaluable(self.broken)
        values = self.query.read(subject)
        for each in self.filters:
            values = each.apply(values)
        return values

    def holds(self, subject: Subject) -> bool:
        """Whether the check is met; a question without an answer is not."""
        try:
            return self._missed(self.values(subject)) is None
        except Unevaluable:
            return False

    def miss(self, subject: Subject, redact: Redact | None = None) -> Miss | None:
        """None if the check is met, else what was seen."""
        try:
            values = self.values(subject)
            missed = self._missed(values)
            if missed is None:
                return None
            seen = self._seen(values)
        except Unevaluable as error:
            missed, seen = None, error.reason
        return self._miss(missed or (self.predicates[0] if self.predicates else None), seen, redact)

    def _missed(self, values: Values) -> Predicate | None:
        for predicate in self.predicates:
            if not ((values.items or predicate.name == "exists") and predicate.holds(values)):
                return predicate
        return None

    def _seen(self, values: Values) -> str:
        first = values.items[0] if values.items else None
        if self.query.unit and not self.filters and isinstance(first, int | float):
            return measured(first, self.query.unit)
        return described(values)

    def _miss(self, predicate: Predicate | None, seen: str, redact: Redact | None) -> Miss:
        demanded = predicate.label if predicate else ""
        return Miss(
            check=brief(f"{self.label()} {demanded}".rstrip(), redact),
            seen=brief(seen, redact),
            slow=self.slow,
            status=self.about_status,
            model=self.query.name == "model",
        )


def unknown_keys(source: Source, known: Collection[str], *, also: Collection[str] = ()) -> bool:
    """Note each key of this mapping that is none of the known ones; ``also`` are names it may be a slip of."""
    given = source.value if isinstance(source.value, dict) else {}
    unknown = [key for key in given if not isinstance(key, str) or key not in known]
    for key in unknown:
        text = str(key)
        source.of(None, text).wrong(f"unknown key {printable(text[:40])}{did_you_mean(text, [*known, *also])}")
    return bool(unknown)


def read_severity(source: Source) -> bool:
    """Whether a miss only makes the run slow."""
    given = source.value if isinstance(source.value, dict) else {}
    severity = given.get("severity", "fail")
    if severity not in ("slow", "fail"):
        source.at("severity").wrong("expected slow or fail")
    return bool(severity == "slow")


def read_filtered(source: Source, query: Query) -> tuple[Filter, ...]:
    """The filters of a mapping that holds a query."""
    given = source.value if isinstance(source.value, dict) else {}
    if "filters" not in given:
        return ()
    if query.name in _UNFILTERED:
        source.at("filters").wrong(f"{query.name} takes no filters")
    return read_filters(source.at("filters"))


def read_check(source: Source, queries: list[str]) -> Check | None:
    """The check of a mapping that names these queries; None, and mistakes, if it is written wrong."""
    unknown_keys(source, _KEYS)
    slow = read_severity(source)
    if len(queries) > 1:
        source.wrong(f"a check asks one question, and this has {len(queries)}: {', '.join(queries)}; write a list")
        return None
    query = read_query(source, queries[0])
    if query is None:
        query = Query(queries[0], "", read=lambda _subject: NOTHING)  # to tell the mistakes of the rest as well
    filters = read_filtered(source, query)
    # What a filter made of a measurement is no measurement any more.
    predicates = read_predicates(source, replace(query, unit=None) if filters else query)
    if filters and filters[-1].name == "count" and [each.label for each in predicates] == ["exists"]:
        source.wrong("there is always a count: say how many are expected, as `gte: 1`")
    return Check(query=query, filters=filters, predicates=predicates, slow=slow)
