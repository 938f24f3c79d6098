"""What can be asked of an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from prober.http.expect.charset import text_of
from prober.http.expect.document import document_of
from prober.http.expect.markup import html_of
from prober.http.expect.path import read_path
from prober.http.expect.pattern import read_pattern
from prober.http.expect.quantity import Unit
from prober.http.expect.selector import Css, XPath
from prober.http.expect.shape import Shape, ShapeError
from prober.http.expect.source import Source, kind_of
from prober.http.expect.subject import Subject
from prober.http.expect.values import NOTHING, Values, one

__all__ = ["BARE_QUERIES", "QUERIES", "Query", "Read", "read_query"]

Read = Callable[[Subject], Values]


@dataclass(frozen=True, slots=True)
class Query:
    """One question: its name, how it is written in a message, how it is answered.

    ``unit`` is what a measurement counts in. ``solid`` says that an empty text, or a false, is no answer: an empty body
    and an XPath that says no do not *exist*.
    """

    name: str
    label: str
    read: Read
    unit: Unit | None = None
    solid: bool = False


def _certificate_days(subject: Subject) -> Values:
    if subject.certificate_expiry is None:
        return NOTHING
    return Values(((subject.certificate_expiry - subject.now) / 86_400,))


_BARE: dict[str, Read] = {
    "status": lambda subject: one(subject.status),
    "url": lambda subject: Values((str(subject.url),)),
    "body": lambda subject: Values((subject.text,)),
    "raw": lambda subject: Values((text_of(subject.body, subject.headers.get("Content-Type")),)),
    "duration": lambda subject: Values((subject.duration_ns,)),
    "bytes": lambda subject: Values((subject.wire_bytes,)),
    "redirects": lambda subject: Values((subject.redirects,)),
    "certificate_days": _certificate_days,
    "http_version": lambda subject: one(subject.http_version),
    "content_type": lambda subject: one(subject.media_type or None),
    "model": lambda subject: one(subject.model),
}
BARE_QUERIES = tuple(_BARE)
"""The queries that take no argument, written ``status: true``."""

_UNITS: dict[str, Unit] = {
    "status": "number",
    "duration": "time",
    "bytes": "size",
    "redirects": "number",
    "certificate_days": "number",
}
_SOLID = frozenset({"body", "raw", "xpath"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _header(source: Source) -> Read | None:
    name = source.text("the name of a header")
    if name is None:
        return None
    name = source.fill(name)
    if not _TOKEN.fullmatch(name):
        source.wrong("no header can have this name")
        return None
    return lambda subject: Values(subject.headers.getall(name, ()), many=True)


def _cookie(source: Source) -> Read | None:
    name = source.text("the name of a cookie")
    if name is None:
        return None
    filled = source.fill(name)
    # A cookie is deleted by emptying it, so one without a value is none.
    return lambda subject: one(subject.cookies.get(filled) or None)


def _url_param(source: Source) -> Read | None:
    name = source.text("the name of a parameter of the URL")
    if name is None:
        return None
    filled = source.fill(name)
    return lambda subject: Values(subject.url.query.getall(filled, ()), many=True)


def _jsonpath(source: Source) -> Read | None:
    path = read_path(source)
    return None if path is None else lambda subject: path.read(document_of(subject))


def _regex(source: Source) -> Read | None:
    pattern = read_pattern(source)
    return None if pattern is None else lambda subject: one(pattern.extract(subject.utf8()))


def _css(source: Source, attribute: str | None = None) -> Read | None:
    make = partial(Css, attribute=attribute)
    css = source.compile(make, Css.escape, "a CSS selector such as input[name=otp]")
    return None if css is None else lambda subject: css.read(html_of(subject))


def _xpath(source: Source) -> Read | None:
    text = source.text("an XPath such as //h1")
    if text is None:
        return None
    try:
        xpath = XPath(text, source.fill)
    except ValueError as error:
        source.wrong(str(error))
        return None
    return lambda subject: xpath.read(html_of(subject))


def _schema(source: Source) -> Read | None:
    if not isinstance(source.value, dict):
        source.wrong(f"expected a JSON Schema, got {kind_of(source.value)}")
        return None
    try:
        shape = Shape(source.value)
    except ShapeError as error:
        source.wrong(str(error))
        return None

    def read(subject: Subject) -> Values:
        shape.check(document_of(subject))
        return Values((True,))

    return read


_WITH_ARGUMENT: dict[str, Callable[[Source], Read | None]] = {
    "header": _header,
    "cookie": _cookie,
    "url_param": _url_param,
    "jsonpath": _jsonpath,
    "css": _css,
    "xpath": _xpath,
    "regex": _regex,
    "schema": _schema,
}
QUERIES = (*BARE_QUERIES, *_WITH_ARGUMENT)
"""The names of all queries."""


def read_query(source: Source, name: str) -> Query | None:
    """The query of this name in a mapping that holds it; None, and a mistake, if it is written wrong."""
    at = source.at(name)
    given = source.value if isinstance(source.value, dict) else {}
    if "attr" in given and name != "css":
        source.at("attr").wrong("attr belongs to a css query")
    if name in _BARE:
        if at.value is not True:
            at.wrong(f"expected true, got {kind_of(at.value)}: what is read takes no argument here")
            return None
        return Query(name, name, _BARE[name], _UNITS.get(name), solid=name in _SOLID)
    label = "the schema" if name == "schema" else f"{name} {source.shown(name)}"
    if name == "css" and "attr" in given:
        attribute = source.at("attr").text("the name of an attribute")
        read = _css(at, attribute and source.fill(attribute))
        label += f" attr {source.shown('attr')}"
    else:
        read = _WITH_ARGUMENT[name](at)
    return read and Query(name, label, read, solid=name in _SOLID)
