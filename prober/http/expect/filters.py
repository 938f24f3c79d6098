"""What may be done to the values of a query before they are judged or kept."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from prober.http.expect.display import printable
from prober.http.expect.document import parse_json
from prober.http.expect.path import Path, read_path
from prober.http.expect.pattern import Pattern, read_pattern
from prober.http.expect.source import Source, did_you_mean, kind_of
from prober.http.expect.values import NOTHING, Unevaluable, Value, Values, text_form

__all__ = ["FILTERS", "PLAIN_FILTERS", "Apply", "Filter", "read_filters"]

Apply = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its name, how it is written in a message, and what it does."""

    name: str
    label: str
    apply: Apply


def _list_of(values: Values) -> Sequence[Value] | None:
    """The several values of a query, or the items of the one list that it found. None for nothing at all."""
    if values.many:
        return values.items
    if not values.items:
        return None
    only = values.items[0]
    return only if isinstance(only, list) else None


def _count(values: Values) -> Values:
    found = _list_of(values)
    if found is not None:
        return Values((len(found),))
    if not values.items:
        return NOTHING
    raise Unevaluable(f"{kind_of(values.items[0])}, which cannot be counted")


def _nth(index: int) -> Apply:
    def apply(values: Values) -> Values:
        found = _list_of(values)
        if found is None:
            found = values.items
        return Values((found[index],)) if -len(found) <= index < len(found) else NOTHING

    return apply


def _each(change: Callable[[str], str | int | None]) -> Apply:
    """A filter of texts, done to each value. Those for which it yields None are left out."""

    def apply(values: Values) -> Values:
        changed = (change(text_form(item)) for item in values.items)
        return Values([item for item in changed if item is not None], many=values.many)

    return apply


def _regex(pattern: Pattern) -> Apply:
    return _each(lambda text: pattern.extract(text.encode("utf-8", "replace")))


def _jsonpath(path: Path) -> Apply:
    def document(item: Value) -> Value:
        if not isinstance(item, str):
            return item
        try:
            return parse_json(item)
        except ValueError:
            raise Unevaluable(f"not JSON: a text of {len(item)} characters") from None

    def apply(values: Values) -> Values:
        found = [value for item in values.items for value in path.read(document(item)).items]
        return Values(found, many=values.many or path.many)

    return apply


def _split(separator: str) -> Apply:
    def apply(values: Values) -> Values:
        if not values.items and not values.many:
            return NOTHING
        return Values([part for item in values.items for part in text_form(item).split(separator)], many=True)

    return apply


def _html_decode(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # &#999…; with more digits than Python reads
        raise Unevaluable("a character reference that is no character") from None


_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL_SAFE = str.maketrans("-_", "+/", " \t\r\n")


def _base64_decode(text: str) -> str:
    """Both alphabets, with or without padding: the parts of a JSON Web Token come without."""
    text = text.translate(_URL_SAFE)
    if not _BASE64.fullmatch(text) or len(bare := text.rstrip("=")) % 4 == 1:
        raise Unevaluable("not base64")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except UnicodeDecodeError:
        raise Unevaluable("base64 of something that is no text") from None


_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,100})(?:\.0{1,100})?\s*")


def _to_int(text: str) -> int:
    if not (found := _INTEGER.fullmatch(text)):
        raise Unevaluable("not a whole number")
    return int(found[1])


_PLAIN: dict[str, Apply] = {
    "first": _nth(0),
    "last": _nth(-1),
    "count": _count,
    "trim": _each(str.strip),
    "html_decode": _each(_html_decode),
    "url_decode": _each(unquote),
    "base64_decode": _each(_base64_decode),
    "to_int": _each(_to_int),
}
PLAIN_FILTERS = tuple(_PLAIN)
"""The filters that are a name alone."""


def _read_nth(source: Source) -> Apply | None:
    if isinstance(source.value, int) and not isinstance(source.value, bool):
        return _nth(source.value)
    source.wrong(f"expected a whole number, 0 for the first, got {kind_of(source.value)}")
    return None


def _read_regex(source: Source) -> Apply | None:
    pattern = read_pattern(source)
    return None if pattern is None else _regex(pattern)


def _read_jsonpath(source: Source) -> Apply | None:
    path = read_path(source)
    return None if path is None else _jsonpath(path)


def _read_split(source: Source) -> Apply | None:
    separator = source.text("the text between the parts")
    return None if separator is None else _split(source.fill(separator))


_WITH_ARGUMENT: dict[str, Callable[[Source], Apply | None]] = {
    "nth": _read_nth,
    "regex": _read_regex,
    "jsonpath": _read_jsonpath,
    "split": _read_split,
}
FILTERS = (*PLAIN_FILTERS, *_WITH_ARGUMENT)
"""The names of all filters."""


def _read_plain(source: Source, name: str) -> Filter | None:
    if name in _WITH_ARGUMENT:
        source.wrong(f"{name} takes an argument: `{name}: ...`")
    elif name not in _PLAIN:
        source.wrong(f"unknown filter {printable(name[:40])}{did_you_mean(name, FILTERS)}")
    else:
        return Filter(name, name, _PLAIN[name])
    return None


def _read_filter(source: Source) -> Filter | None:
    if isinstance(source.value, str):
        return _read_plain(source, source.value)
    given = source.mapping("the name of a filter, or a mapping of one name")
    if len(given) != 1:
        if given:
            source.wrong(f"one filter is expected, got {len(given)}: write a list")
        return None
    (name,) = given
    if name not in _WITH_ARGUMENT:
        at = source.at(name)
        if name in _PLAIN:
            at.wrong(f"{name} takes no argument: write its name alone")
        else:
            at.wrong(f"unknown filter{did_you_mean(name, FILTERS)}")
        return None
    apply = _WITH_ARGUMENT[name](source.at(name))
    return apply and Filter(name, f"{name} {source.shown(name)}", apply)


def read_filters(source: Source) -> tuple[Filter, ...]:
    """The filters of a setting: a name, a mapping of one name, or a list of those."""
    found = [_read_filter(item) for item in source.items()]
    return tuple(each for each in found if each is not None)
